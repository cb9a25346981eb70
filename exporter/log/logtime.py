"""Log time: seconds since the log began, by which everything in it is ordered and aged."""

from ..model.ports import Clock
from .snapshot import Moment

# A clock that was wrong by years must not age everything at once.
LONGEST_GAP_SECONDS = 7 * 86_400.0


class LogTime:
    """
    A clock that starts at 0 with the directory and never goes back.

    Within a process it follows the monotonic clock. Over a restart it goes on
    from the last frame by the wall time that has passed, 0 to 7 days of it.
    """

    def __init__(self, clock: Clock, end: Moment | None) -> None:
        self._clock = clock
        self._started = clock.monotonic()
        self._base = 0.0 if end is None else end.elapsed + _gap(clock, end)

    def now(self) -> float:
        """Return the log time in seconds."""
        return self._base + self._clock.monotonic() - self._started


def _gap(clock: Clock, end: Moment) -> float:
    if not end.received_at:
        return 0.0
    return min(max(0.0, clock.wall() - end.received_at), LONGEST_GAP_SECONDS)
