"""
The dead-man's switch: a Watchdog comes every minute, and its absence is the alarm.

Prometheus always fires it, Alertmanager always sends it on. When it stops, one of them or the way
between is dead, and then no alert would come either; so people are told past both.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from ..catalog import own_alerting as names
from ..integrations.outbound import SendingError
from ..metrics.own import OwnMetrics
from ..model.errors import StorageError
from ..model.ports import Clock

LONGEST_TICK_SECONDS = 15.0
TICKS = 10  # Within the allowed silence.
RETRY_SECONDS = 30.0
REMEMBER_SECONDS = 60.0


class Warner(Protocol):
    """Tells people by every way there is, past Alertmanager."""

    async def tell(self, subject: str, text: str) -> bool:
        """Return whether at least one way worked, or there is none."""
        ...


class DeadmanLog(Protocol):
    """The part of a logger that the switch uses."""

    def info(self, event: str, **fields: object) -> object:
        """Write a line about something expected."""
        ...

    def warning(self, event: str, **fields: object) -> object:
        """Write what may need a look."""
        ...

    def error(self, event: str, **fields: object) -> object:
        """Write a line that a human must act on."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """
    How long a silence may last, and how often people hear of it.

    *expected* tells whether a Watchdog is missed before the first one came.
    """

    after_seconds: float
    repeat_seconds: float
    expected: bool


class Deadman:
    """
    Notices when no Watchdog comes, and beats elsewhere as long as one does.

    Args:
        patience: When to tell people.
        warner: Tells them.
        beat: Fetches the heartbeat URL; None when there is none.
        remember: Keeps the time of the last Watchdog for the next start.
        own: Where the state is shown.
        clock: Measures silence.
        log: Where it is written down.
    """

    def __init__(  # noqa: PLR0913 - what it tells and what it needs to know when
        self,
        patience: Patience,
        *,
        warner: Warner,
        beat: Callable[[], Awaitable[None]] | None,
        remember: Callable[[float], Awaitable[None]],
        own: OwnMetrics,
        clock: Clock,
        log: DeadmanLog,
    ) -> None:
        self._patience = patience
        self._warner = warner
        self._beat = beat
        self._remember = remember
        self._own = own
        self._clock = clock
        self._log = log
        self._expected = patience.expected
        self._heard = clock.monotonic()
        self._last: float | None = None
        self._remembered = float("-inf")
        self._came = asyncio.Event()
        self._is_missing = False
        self._tell_at = float("-inf")
        self._owes_return = False
        self._beats = True
        own.set(names.WATCHDOG_MISSING, 0)
        own.set(names.HEARTBEAT_CONFIGURED, int(beat is not None))

    def recall(self, at: float | None) -> None:
        """Take over when the last Watchdog came before this start; None: never."""
        if at is not None:
            self._expected = True
            self._show(at)

    def seen(self) -> None:
        """Note that a Watchdog came."""
        self._expected = True
        self._heard = self._clock.monotonic()
        self._show(self._clock.wall())
        self._came.set()

    async def run(self) -> None:
        """Watch, for ever."""
        tick = min(LONGEST_TICK_SECONDS, self._patience.after_seconds / TICKS)
        while True:
            try:
                async with asyncio.timeout(tick):
                    await self._came.wait()
            except TimeoutError:
                await self._check()
            else:
                self._came.clear()
                await self._check()
                await self._pass_on()

    def _show(self, at: float) -> None:
        self._last = at
        self._own.set(names.WATCHDOG_TIMESTAMP, at)

    async def _check(self) -> None:
        silence = self._clock.monotonic() - self._heard
        is_missing = self._expected and silence > self._patience.after_seconds
        if is_missing and not self._is_missing:
            self._log.error("watchdog_missing", silence_seconds=round(silence))
            self._tell_at = self._clock.monotonic()
        elif self._is_missing and not is_missing:
            self._log.info("watchdog_back")
            self._owes_return = True
            self._tell_at = self._clock.monotonic()
        self._is_missing = is_missing
        self._own.set(names.WATCHDOG_MISSING, int(is_missing))
        if self._clock.monotonic() >= self._tell_at and (is_missing or self._owes_return):
            await self._tell(silence)

    async def _tell(self, silence: float) -> None:
        subject, text = self._missing(silence) if self._is_missing else _RETURNED
        told = await self._warner.tell(subject, text)
        pause = self._patience.repeat_seconds if told else RETRY_SECONDS
        self._tell_at = self._clock.monotonic() + pause
        if not self._is_missing and told:
            self._owes_return = False

    async def _pass_on(self) -> None:
        if self._beat is not None:
            try:
                await self._beat()
            except SendingError as error:
                if self._beats:
                    self._log.warning("heartbeat_failed", why=str(error))
                self._beats = False
            else:
                self._beats = True
        if self._last is not None and self._last - self._remembered >= REMEMBER_SECONDS:
            try:
                await self._remember(self._last)
                self._remembered = self._last
            except StorageError as error:
                self._log.warning("watchdog_not_remembered", why=str(error))

    def _missing(self, silence: float) -> tuple[str, str]:
        last = "never"
        if self._last is not None:
            last = f"{datetime.fromtimestamp(self._last, UTC):%Y-%m-%d %H:%M} UTC"
        subject = f"No Watchdog for {silence / 60:.0f} minutes: alerts may not arrive"
        text = (
            "Prometheus, Alertmanager or the way from them to bot_exporter has stopped.\n"
            "Until it works again, no alert may reach anybody.\n\n"
            f"Last Watchdog: {last}.\n"
            "First checks: is Prometheus running and does it show the alert Watchdog? Is "
            "Alertmanager running and does it list it?\n"
        )
        return subject, text


_RETURNED = (
    "The Watchdog is back: alerts arrive again",
    "A Watchdog came through Prometheus and Alertmanager again.\n",
)
