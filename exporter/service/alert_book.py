"""The running exporter's view of alerts: the history behind a thread, and what it exports."""

import asyncio
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from ..catalog import own_alerting as names
from ..catalog.spec import OVERFLOW
from ..config.kinds import BOT_NAME
from ..metrics.own import OwnMetrics
from ..model.alerts import Acknowledgement, AlertRecord
from ..model.ports import Clock
from ..store.alerts import AlertHistory
from .alertmanager import Notification

MOST_PAIRS = 500  # Of name and bot in a metric; more fold into one that matches no alert.
PRUNE_SECONDS = 3600.0

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_:.-]{0,63}")
Result = TypeVar("Result")
Pair = tuple[str, str]


class AlertBook:
    """
    Alerts for the routes and for `/metrics`. Nothing here blocks the loop.

    Args:
        history: Where alerts live; asked on a thread.
        thread: That thread; whoever made it shuts it down.
        own: Where acknowledgements are shown.
        clock: Dates what arrives.
    """

    def __init__(
        self, history: AlertHistory, *, thread: ThreadPoolExecutor, own: OwnMetrics, clock: Clock
    ) -> None:
        self._history = history
        self._thread = thread
        self._own = own
        self._clock = clock

    async def refresh(self) -> None:
        """
        Show what the history holds.

        Raises:
            StorageError: it cannot be read.
        """
        self._show(await self._ask(self._history.firing))

    async def report(self, notification: Notification) -> None:
        """
        Take the alerts of *notification* down.

        Raises:
            StorageError: they are not on disk; Alertmanager tries again.
        """
        await self._ask(
            partial(
                self._history.report,
                notification.alerts,
                receiver=notification.receiver,
                at=self._clock.wall(),
            )
        )
        await self.refresh()

    async def find(self, fingerprint: str) -> AlertRecord | None:
        """Return the alert that fires, or its latest occurrence."""
        return await self._ask(partial(self._history.find, fingerprint))

    async def recent(self, *, since: float, most: int) -> Sequence[AlertRecord]:
        """Return what was reported since then, latest first."""
        return await self._ask(partial(self._history.recent, since=since, most=most))

    async def acknowledge(
        self, fingerprint: str, *, author: str, comment: str
    ) -> AlertRecord | None:
        """
        Note who takes care of an alert that fires; the first one stays.

        Returns:
            The alert as it is now; None when no such alert fires.

        Raises:
            StorageError: it is not on disk.
        """
        said = Acknowledgement(at=self._clock.wall(), author=author, comment=comment)
        found = await self._ask(partial(self._history.acknowledge, fingerprint, said))
        await self.refresh()
        return found

    async def keep(self, *, keep_seconds: float, most: int) -> None:
        """Forget what is old or too much, every hour, for ever."""
        while True:
            prune = partial(
                self._history.prune, now=self._clock.wall(), keep_seconds=keep_seconds, most=most
            )
            await self._ask(prune)
            await self.refresh()
            await asyncio.sleep(PRUNE_SECONDS)

    async def _ask(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _show(self, firing: Sequence[AlertRecord]) -> None:
        self._own.set(names.ALERTS_FIRING, len(firing))
        self._own.clear(names.ALERT_ACKNOWLEDGED)
        for pair in acknowledged(firing):
            self._own.set(names.ALERT_ACKNOWLEDGED, 1, *pair)


def acknowledged(firing: Sequence[AlertRecord]) -> list[Pair]:
    """
    Return the pairs of name and bot of which every alert that fires is acknowledged.

    Escalation asks for the pair: one that nobody looked at must not hide behind its neighbour.
    """
    waiting = {_pair(record) for record in firing if record.acknowledgement is None}
    taken = {_pair(record): None for record in firing if record.acknowledgement is not None}
    pairs = [pair for pair in taken if pair not in waiting]
    shown = [pair if _is_plain(pair) else (OVERFLOW, OVERFLOW) for pair in pairs[:MOST_PAIRS]]
    if len(pairs) > MOST_PAIRS:
        shown.append((OVERFLOW, OVERFLOW))
    return list(dict.fromkeys(shown))


def _pair(record: AlertRecord) -> Pair:
    return record.alert.name, record.alert.bot


def _is_plain(pair: Pair) -> bool:
    name, bot = pair
    return _NAME.fullmatch(name) is not None and (not bot or _is_bot(bot))


def _is_bot(bot: str) -> bool:
    return bot == OVERFLOW or re.fullmatch(BOT_NAME, bot) is not None
