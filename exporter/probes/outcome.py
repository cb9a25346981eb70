"""What one run of a check found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from ..model.probing import ProbePhase, ProbeReason


class Verdict(Enum):
    """How a run ended. UNKNOWN: the exporter was in trouble; that says nothing of the target."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Facts:
    """What was learnt on the way, as far as the run came."""

    certificate_expires_at: float | None = None
    tls_version: str = ""
    ip_version: int = 0
    http_status: int = 0
    http_version: float = 0.0
    is_encrypted: bool = False
    redirects: int = 0
    content_length: int = 0  # -1: the answer does not say.
    body_bytes: int = 0
    has_body_mismatch: bool = False
    quota_remaining: float | None = None
    quota_limit: float | None = None
    answers: int = 0
    concerns: list[str] = field(default_factory=list)  # Good, but not as it should be.


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One run: *reason* and *detail*, a sentence without secrets, say why it is not OK."""

    verdict: Verdict
    duration_seconds: float
    reason: ProbeReason | None = None
    detail: str = ""
    phases: Mapping[ProbePhase, float] = field(default_factory=dict)
    facts: Facts = field(default_factory=Facts)

    @property
    def is_degraded(self) -> bool:
        """Return whether it is good, but not as it should be."""
        return self.verdict is Verdict.OK and bool(self.facts.concerns)


class FailedError(Exception):
    """The run does not succeed; *detail* may be shown to anybody and holds no secret."""

    def __init__(self, reason: ProbeReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
