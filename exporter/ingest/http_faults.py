"""Write down what went wrong at the door, but never so often that it floods the log."""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from ..model.ports import Clock

QUIET_SECONDS = 10.0  # 10,000 bad requests in a minute leave at most six lines per kind.
MAX_KINDS = 256
FRAMES = 5


class Log(Protocol):
    """The part of a structlog logger the door uses."""

    def info(self, event: str, **fields: object) -> object:
        """Write a line about something expected."""
        ...

    def error(self, event: str, **fields: object) -> object:
        """Write a line that a human must act on."""
        ...


@dataclass(slots=True)
class _Kind:
    written_at: float
    suppressed: int = 0


class FaultLog:
    """Write at most one line per kind of fault every ten seconds; the next one has the count."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._kinds: dict[str, _Kind] = {}

    def refused(self, reason: str, request_id: str) -> None:
        """Note a refused request: who asks about *request_id* finds at least its like."""
        self._write(self._log.info, "request_refused", reason, {"request_id": request_id})

    def failed(self, error: BaseException | None, request_id: str) -> None:
        """
        Note a defect of ours: the type of *error* and where it happened.

        Never its text: it may quote the body.
        """
        kind = type(error).__name__
        where = _where(error.__traceback__) if error else []
        fields = {"request_id": request_id, "where": where}
        self._write(self._log.error, "request_failed", kind, fields)

    def _write(
        self,
        write: Callable[..., object],
        event: str,
        reason: str,
        fields: Mapping[str, object],
    ) -> None:
        now = self._clock.monotonic()
        key = f"{event}:{reason}"
        kind = self._kinds.get(key)
        if kind is not None and now - kind.written_at < QUIET_SECONDS:
            kind.suppressed += 1
            return
        if kind is None and len(self._kinds) >= MAX_KINDS:
            self._kinds.clear()
        self._kinds[key] = _Kind(now)
        write(event, reason=reason, suppressed=kind.suppressed if kind else 0, **fields)


def _where(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-FRAMES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
