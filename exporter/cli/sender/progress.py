"""Shows on standard error how far it is: a bar on a terminal, otherwise a line now and then."""

import sys
import time
from collections.abc import Callable
from typing import Protocol, TextIO

try:
    # The extra [cli].
    from rich import progress as rich_progress
    from rich.console import Console
except ImportError:
    HAS_RICH = False
else:
    HAS_RICH = True

SECONDS_BETWEEN_LINES = 5.0


class Progress(Protocol):
    """What the sender tells while it works."""

    def advance(self, events: int, position_bytes: int) -> None:
        """Show that *events* were sent so far."""
        ...

    def say(self, text: str) -> None:
        """Show a line."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was."""
        ...


def new_progress(size_bytes: int | None) -> Progress:
    """Return a bar if standard error is a terminal and the extra [cli] is there."""
    if HAS_RICH and sys.stderr.isatty():
        return Bar(size_bytes)
    return Lines(size_bytes, sys.stderr, time.monotonic)


class Lines:
    """A line every five seconds."""

    def __init__(self, size_bytes: int | None, out: TextIO, monotonic: Callable[[], float]) -> None:
        self._size_bytes = size_bytes
        self._out = out
        self._monotonic = monotonic
        self._said_at = monotonic()

    def advance(self, events: int, position_bytes: int) -> None:
        """Show the numbers if the last ones are five seconds old."""
        if self._monotonic() - self._said_at < SECONDS_BETWEEN_LINES:
            return
        self._said_at = self._monotonic()
        share = f" ({position_bytes / self._size_bytes:.0%})" if self._size_bytes else ""
        self.say(f"{events} events sent{share}")

    def say(self, text: str) -> None:
        """Show a line."""
        print(text, file=self._out, flush=True)

    def close(self) -> None:
        """Nothing was changed."""


class Bar:
    """A bar over the bytes of the file; it only pulses when nobody knows how many there are."""

    def __init__(self, size_bytes: int | None) -> None:
        self._bar = rich_progress.Progress(
            rich_progress.TextColumn("{task.fields[events]} events"),
            rich_progress.BarColumn(),
            rich_progress.TaskProgressColumn(),
            rich_progress.TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task = self._bar.add_task("send", total=size_bytes, events=0)
        self._bar.start()

    def advance(self, events: int, position_bytes: int) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=position_bytes, events=events)

    def say(self, text: str) -> None:
        """Show a line above the bar."""
        self._bar.console.print(text, markup=False, highlight=False)

    def close(self) -> None:
        """Leave the bar as it is and free the terminal."""
        self._bar.stop()
