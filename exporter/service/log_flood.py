"""A limit on how often the same event may be logged, so that a flood cannot fill the disk."""

from dataclasses import dataclass

from ..model.ports import Clock

BURST = 10
WINDOW_SECONDS = 10.0
MOST_EVENTS = 512  # Names are constants of the code; this only bounds a mistake.


@dataclass(slots=True)
class _Window:
    started_at: float
    written: int = 0
    suppressed: int = 0


class FloodGate:
    """Lets ten lines of one event pass in ten seconds and counts the others."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[str, _Window] = {}

    def enter(self, event: str) -> int | None:
        """Return how many lines of *event* were withheld before this one; None withholds it."""
        now = self._clock.monotonic()
        window = self._windows.get(event)
        if window is None or now - window.started_at >= WINDOW_SECONDS:
            if window is None and len(self._windows) >= MOST_EVENTS:
                self._windows.clear()
            self._windows[event] = _Window(now, written=1)
            return window.suppressed if window else 0
        if window.written < BURST:
            window.written += 1
            return 0
        window.suppressed += 1
        return None

    def take_finished(self, *, everything: bool = False) -> dict[str, int]:
        """Return what was withheld in windows that are over, and forget them."""
        now = self._clock.monotonic()
        over = {
            event: window.suppressed
            for event, window in self._windows.items()
            if everything or now - window.started_at >= WINDOW_SECONDS
        }
        for event in over:
            del self._windows[event]
        return {event: suppressed for event, suppressed in over.items() if suppressed}
