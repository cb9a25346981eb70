"""The seams between sibling packages: each side knows only these."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .access import Grant, Scope
from .verdicts import Refusal, Rejected


class Clock(Protocol):
    """Where time comes from, so that tests can own it."""

    def wall(self) -> float:
        """Return the seconds since 1970 that the machine believes in; may jump."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back and never jump."""
        ...


class IngestTelemetry(Protocol):
    """Where the HTTP door reports what it refused and how long it took."""

    def refused(self, refusal: Refusal) -> None:
        """Count one refused request."""
        ...

    def answered(self, seconds: float) -> None:
        """Observe the time one ingest request took, refused or not."""
        ...

    def connections(self, count: int) -> None:
        """Set the number of open ingest connections."""
        ...


@dataclass(slots=True)
class Outcome:
    """What became of the events of one request: accepted + duplicates + rejected = received."""

    accepted: int = 0
    duplicates: int = 0
    rejected: list[Rejected] = field(default_factory=list)


class Ingest(Protocol):
    """The way from a request's body to a durable verdict on each of its events."""

    async def ingest(self, body: bytes, *, ndjson: bool, grant: Grant) -> Outcome:
        """
        Return the verdicts once every accepted event is on disk.

        Raises:
            RefusedError: nothing of the request counts.
        """
        ...


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """One stored token; the secret itself is never stored, only its SHA-256."""

    name: str
    digest: bytes
    scopes: frozenset[Scope]
    bots: frozenset[str]
    created_at: float
    expires_at: float | None = None
    revoked_at: float | None = None


class TokenStore(Protocol):
    """Where token records live."""

    def records(self) -> Sequence[TokenRecord]:
        """Return every record, revoked and expired ones included."""
        ...

    def add(self, record: TokenRecord) -> None:
        """
        Store *record* durably.

        Raises:
            StorageError: the name is taken, or the write failed.
        """
        ...

    def revoke(self, name: str, *, at: float) -> bool:
        """Mark the token revoked; return whether an active one of that name existed."""
        ...
