"""
The longest time for which the event loop of a running exporter did nothing else.

`python -m benchmarks.stalls FILE python -m exporter serve ...` runs the exporter with a ticker in
its loop. The longest time between two ticks stands in FILE, where whoever measures reads it.
"""

import asyncio
import mmap
import sys
import time
from pathlib import Path
from unittest.mock import patch

from exporter.cli.main import main as exporter_main
from exporter.service import app

TICK_SECONDS = 0.001  # The finest timer of uvloop; less would tick without a pause.
SIZE = 8  # One double.


class LongestGap:
    """A duration in a file of 8 bytes that two processes share."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._seconds = memoryview(mmap.mmap(file.fileno(), SIZE)).cast("d")

    @classmethod
    def create(cls, path: Path) -> "LongestGap":
        """Make the file."""
        path.write_bytes(bytes(SIZE))
        return cls(path)

    @property
    def milliseconds(self) -> float:
        """Return the longest gap since the start or the last reset."""
        return self._seconds[0] * 1e3

    def note(self, seconds: float) -> None:
        """Keep a gap that is longer than all others."""
        self._seconds[0] = max(self._seconds[0], seconds)

    def reset(self) -> None:
        """Begin anew."""
        self._seconds[0] = 0.0


def watch(loop: asyncio.AbstractEventLoop, gap: LongestGap) -> None:
    """Tick in *loop* until its end."""
    last = time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        gap.note(now - last)
        last = now
        loop.call_later(TICK_SECONDS, tick)

    loop.call_soon(tick)


def wrapper(path: Path) -> tuple[str, ...]:
    """Return the words in front of the exporter's command."""
    return (sys.executable, "-m", "benchmarks.stalls", str(path))


def main() -> int:
    """Run the exporter in this process; return its exit code."""
    path, _python, _m, _module, *arguments = sys.argv[1:]
    gap, new_event_loop = LongestGap(Path(path)), vars(app)["new_event_loop"]

    def new_watched_loop() -> asyncio.AbstractEventLoop:
        loop: asyncio.AbstractEventLoop = new_event_loop()
        watch(loop, gap)
        return loop

    with patch.object(app, "new_event_loop", new_watched_loop):
        return exporter_main(arguments)


if __name__ == "__main__":
    sys.exit(main())
