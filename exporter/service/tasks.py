"""Background tasks that are started again when they fail."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0


class TaskLog(Protocol):
    """The part of a logger that the supervisor uses."""

    def error(self, event: str, **fields: object) -> object:
        """Write a line that a human must act on."""
        ...


class Supervisor:
    """
    Runs tasks for the life of the process.

    A task that fails is logged, counted and started again, after 1 s, then 2 s, up to 60 s.
    """

    def __init__(self, log: TaskLog, *, on_restart: Callable[[str], None]) -> None:
        self._log = log
        self._on_restart = on_restart
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Start *work*; it is expected to run until it is cancelled."""
        self._tasks.add(asyncio.create_task(self._run(name, work), name=name))

    async def stop(self) -> None:
        """Cancel every task and wait until all are gone."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def _run(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                await work()
            except Exception as error:
                self._log.error("task_failed", task=name, error_type=type(error).__name__)
                self._on_restart(name)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            else:
                return
