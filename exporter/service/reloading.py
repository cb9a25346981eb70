"""Reloading while everything runs: read on a thread, take over on the event loop."""

import asyncio
from collections.abc import Callable

from ..catalog import own as names
from ..config.model import Config
from ..config.reload import Reloader, ReloadOutcome, ReloadResult
from ..metrics.own import OwnMetrics
from ..model.errors import ConfigError
from ..model.ports import Clock
from .logs import Logger
from .notify import Notifier


class Reloading:
    """
    One way for SIGHUP, ``POST /-/reload`` and the control socket.

    A bad configuration changes nothing but the gauges, the counter and a line of the log.
    """

    def __init__(
        self,
        load: Callable[[], Config],
        *,
        current: Config,
        on_change: Callable[[Config, Config], None],
        clock: Clock,
    ) -> None:
        self._load = load
        self._loop = asyncio.get_running_loop()
        self._one_at_a_time = asyncio.Lock()
        self._loaded: Config | ConfigError = current
        self._reloader = Reloader(
            load=self._take, current=current, on_change=on_change, clock=clock
        )
        self._tasks: set[asyncio.Task[ReloadResult]] = set()

    def report_to(self, own: OwnMetrics, log: Logger, notifier: Notifier) -> None:
        """Say where results are shown; shows the start as the first success."""
        self._own = own
        self._log = log
        self._notifier = notifier
        self._show()

    async def reload(self) -> ReloadResult:
        """Read the configuration again and take it over if it is sound."""
        async with self._one_at_a_time:
            self._notifier.reloading()
            try:
                self._loaded = await asyncio.to_thread(self._read)
                result = self._reloader.reload()
            finally:
                self._notifier.reloaded()
        self._show()
        if result.outcome is ReloadOutcome.SUCCESS:
            self._log.info("config_reloaded", changed=list(result.changed))
        else:
            problems = [str(problem) for problem in result.problems]
            self._log.error("config_reload_failed", problems=problems)
        return result

    def reload_from_thread(self) -> ReloadResult:
        """Do the same for a caller on another thread, and wait for it."""
        return asyncio.run_coroutine_threadsafe(self.reload(), self._loop).result()

    def reload_soon(self) -> None:
        """Do the same for a signal handler, which cannot wait."""
        task = self._loop.create_task(self.reload(), name="reload")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _read(self) -> Config | ConfigError:
        try:
            return self._load()
        except ConfigError as error:
            return error

    def _take(self) -> Config:
        if isinstance(self._loaded, ConfigError):
            raise self._loaded
        return self._loaded

    def _show(self) -> None:
        self._own.set(names.CONFIG_OK, int(self._reloader.last_successful))
        self._own.set(names.CONFIG_TIMESTAMP, self._reloader.last_success_timestamp)
        for outcome, count in self._reloader.counts.items():
            self._own.set(names.CONFIG_RELOADS, count, outcome.value)
