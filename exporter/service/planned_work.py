"""Whether planned work on a bot is under way now, for those who ask often."""

from collections.abc import Sequence

from ..config.maintenance import Maintenance
from ..model.ports import Clock


class PlannedWork:
    """The configured windows; which of them are on is looked up once a second at most."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: Sequence[Maintenance] = ()
        self._looked_at: int | None = None
        self._on_everything = False
        self._bots: frozenset[str] = frozenset()

    def plan(self, windows: Sequence[Maintenance]) -> None:
        """Take over the windows."""
        self._windows = windows
        self._looked_at = None

    def concerns(self, bot: str | None) -> bool:
        """Return whether work on *bot*, or on everything, is under way."""
        now = self._clock.wall()
        if int(now) != self._looked_at:
            on = [window for window in self._windows if window.covers(now)]
            self._on_everything = any(not window.bots for window in on)
            self._bots = frozenset(name for window in on for name in window.bots)
            self._looked_at = int(now)
        return self._on_everything or bot in self._bots
