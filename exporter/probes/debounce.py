"""Outcomes -> a state that does not flap: down after several failures in a row, up at once."""

from dataclasses import dataclass

from ..model.probing import ProbeState
from .outcome import Outcome, Verdict

PATIENCE_INTERVALS = 2.0  # Without a result for longer nobody knows.


@dataclass(slots=True)
class Track:
    """
    The state of one check.

    Down begins at the first of *failures_needed* failed runs in a row and ends at the first good
    one. A run that says nothing about the target neither counts nor ends a row; that many of them
    make the state unknown.

    Args:
        failures_needed: Failed runs in a row that mean down.
        slow_seconds: A good run that takes longer is degraded; None: none is.
        patience_seconds: Time without a result after which the state is unknown.
    """

    failures_needed: int
    slow_seconds: float | None
    patience_seconds: float
    state: ProbeState = ProbeState.UNKNOWN
    failed: int = 0
    without_word: int = 0
    down_since: float | None = None
    last_at: float | None = None

    def take(self, outcome: Outcome, at: float) -> None:
        """Count the outcome of a run that began at *at*, monotonic seconds."""
        self.last_at = at
        if outcome.verdict is Verdict.UNKNOWN:
            self.without_word += 1
            if self.without_word >= self.failures_needed:
                self.state = ProbeState.UNKNOWN
            return
        self.without_word = 0
        if outcome.verdict is Verdict.OK:
            self.failed, self.down_since = 0, None
            self.state = ProbeState.DEGRADED if self._is_degraded(outcome) else ProbeState.UP
            return
        if self.failed == 0:
            self.down_since = at
        self.failed += 1
        if self.failed >= self.failures_needed:
            self.state = ProbeState.DOWN

    def shown(self, at: float) -> ProbeState:
        """Return the state at *at*; old results say nothing."""
        if self.last_at is None or at - self.last_at > self.patience_seconds:
            return ProbeState.UNKNOWN
        return self.state

    def _is_degraded(self, outcome: Outcome) -> bool:
        is_slow = self.slow_seconds is not None and outcome.duration_seconds > self.slow_seconds
        return is_slow or outcome.is_degraded
