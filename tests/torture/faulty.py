"""
The exporter with faults under it: `python -m tests.torture.faulty PLAN python -m exporter ...`.

PLAN is a JSON file, read again at each call, so that a test switches faults while the exporter
runs. Only the event log is hit: files below a directory called `log`.

* `skip_sync`: fsync and fdatasync do nothing, the defect that only a power cut shows.
* `sync_seconds`: they take that long.
* `fail`: call (open, write, sync, rename, unlink) to the error number it fails with.
* `wall_offset`: the clock on the wall is wrong by that many seconds.
* `poison`: counting an event whose `version` is this text raises.
"""

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from exporter.cli.main import main as exporter_main
from exporter.metrics.turns import Turns
from exporter.service.clock import SystemClock

PLACE = "/log"


def wrapper(plan: Path) -> tuple[str, ...]:
    """Return what goes in front of the command of an exporter."""
    return (sys.executable, "-m", "tests.torture.faulty", str(plan))


class LogFaults:
    """
    Stands before the calls of the operating system that change files of the log.

    Args:
        plan: Returns the present faults.
        note: Learns of each call before it happens.
    """

    def __init__(
        self, plan: Callable[[], dict[str, Any]], note: Callable[[str], None] | None = None
    ) -> None:
        self._plan = plan
        self._note = note or (lambda _: None)
        self._files: set[int] = set()
        self._real = {name: getattr(os, name) for name in _CALLS}

    def install(self) -> None:
        """Take the place of the calls."""
        for name, make in _CALLS.items():
            setattr(os, name, make(self, self._real[name]))

    def remove(self) -> None:
        """Give the calls back."""
        for name, real in self._real.items():
            setattr(os, name, real)

    def on_path(self, kind: str, real: Callable[..., Any]) -> Callable[..., Any]:
        """Return *real* with its faults; the first argument is a path."""

        def call(path: Any, *args: Any, **more: Any) -> Any:  # noqa: ANN401 - whatever os takes
            if not _is_of_log(path):
                return real(path, *args, **more)
            self._before(kind)
            result = real(path, *args, **more)
            if kind == "open":
                self._files.add(result)
            return result

        return call

    def on_file(self, kind: str, real: Callable[..., Any]) -> Callable[..., Any]:
        """Return *real* with its faults; the first argument is a descriptor."""

        def call(file: int, *args: Any) -> Any:  # noqa: ANN401 - whatever os takes
            if file not in self._files:
                return real(file, *args)
            if kind == "close":
                self._files.discard(file)
                return real(file)
            self._before(kind)
            if kind == "sync" and self._plan().get("skip_sync"):
                return None
            return real(file, *args)

        return call

    def _before(self, kind: str) -> None:
        self._note(kind)
        plan = self._plan()
        if kind == "sync" and plan.get("sync_seconds"):
            threading.Event().wait(plan["sync_seconds"])
        number = plan.get("fail", {}).get(kind)
        if number:
            raise OSError(number, os.strerror(number))


_CALLS: dict[str, Callable[[LogFaults, Callable[..., Any]], Callable[..., Any]]] = {
    "open": lambda faults, real: faults.on_path("open", real),
    "rename": lambda faults, real: faults.on_path("rename", real),
    "unlink": lambda faults, real: faults.on_path("unlink", real),
    "writev": lambda faults, real: faults.on_file("write", real),
    "fdatasync": lambda faults, real: faults.on_file("sync", real),
    "fsync": lambda faults, real: faults.on_file("sync", real),
    "close": lambda faults, real: faults.on_file("close", real),
}


def _is_of_log(path: object) -> bool:
    if not isinstance(path, str | os.PathLike):
        return False
    text = os.fspath(path)
    return isinstance(text, str) and (f"{PLACE}/" in text or text.endswith(PLACE))


def _shift_clock(plan: Callable[[], dict[str, Any]]) -> None:
    real = SystemClock.wall

    def wall(clock: SystemClock) -> float:
        return real(clock) + float(plan().get("wall_offset", 0))

    setattr(SystemClock, "wall", wall)  # noqa: B010 - a plain assignment is an error to mypy


def _poison(plan: Callable[[], dict[str, Any]]) -> None:
    """Let the tracker of turns raise, which is called when the rows of an event have moved."""
    real = Turns.received

    def received(turns: Turns, event: Any, now: float, arrival: float) -> None:  # noqa: ANN401
        if event.version is not None and event.version == plan().get("poison"):
            raise LookupError("poison")
        real(turns, event, now, arrival)

    setattr(Turns, "received", received)  # noqa: B010 - ditto


def main() -> int:
    """Install the faults and run the exporter with the rest of the command line."""
    path = Path(sys.argv[1])

    def plan() -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(path.read_text())
        except (OSError, ValueError):  # Not there, or being written.
            return {}
        return found

    LogFaults(plan).install()
    _shift_clock(plan)
    _poison(plan)
    return exporter_main(sys.argv[sys.argv.index("exporter") + 1 :])


if __name__ == "__main__":
    sys.exit(main())
