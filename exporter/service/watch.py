"""Tells people, once each, when the event log stops and starts to take events."""

import asyncio
from collections.abc import Callable

from .core import Core
from .logs import Logger

CHECK_SECONDS = 1.0


class LogWatch:
    """Watches the log of *core*; *give_up* is called when only a restart helps."""

    def __init__(self, core: Core, log: Logger, *, give_up: Callable[[], None]) -> None:
        self._core = core
        self._log = log
        self._give_up = give_up
        self._was_available = True

    async def run(self) -> None:
        """Watch until the log is broken or the task is cancelled."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            self._tell_availability()
            self._tell_snapshots()
            self._tell_mistakes()
            broken = self._core.journal.writer.broken
            if broken is not None:
                # Counters would fall behind the log: only a restart, which replays it, helps.
                self._log.error("event_log_broken", error=broken)
                self._give_up()
                return

    def _tell_availability(self) -> None:
        refusal = self._core.journal.writer.unavailable
        available = refusal is None
        if available != self._was_available:
            if available:
                self._log.info("event_log_available")
            else:
                self._log.error("event_log_unavailable", why=str(refusal))
            self._was_available = available

    def _tell_snapshots(self) -> None:
        error, self._core.snapshot_error = self._core.snapshot_error, None
        if error is not None:
            self._log.error("snapshot_failed", why=str(error))

    def _tell_mistakes(self) -> None:
        journal = self._core.journal
        error, journal.mistake = journal.mistake, None
        if error is not None:
            self._log.error("event_not_counted_fully", error=error)
