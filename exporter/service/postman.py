"""Sends what waits in the outbox, again and again until it arrives or it is no use any more."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Protocol, TypeVar

from ..catalog import own_alerting as names
from ..integrations.mail import Mail
from ..integrations.outbound import Request, SendingError
from ..integrations.signature import signed
from ..metrics.own import OwnMetrics
from ..model.errors import StorageError
from ..model.messages import Message
from ..model.ports import Clock
from ..store.outbox import Outbox
from .messenger import Messenger

# Standard Webhooks propose such a schedule; after three days nobody waits for it any more.
PAUSES_SECONDS = (
    5.0,
    60.0,
    300.0,
    1800.0,
    7200.0,
    18_000.0,
    36_000.0,
    50_400.0,
    72_000.0,
    86_400.0,
)
JITTER = 0.2
LOOK_SECONDS = 5.0
PRUNE_SECONDS = 3600.0
AT_ONCE = 20

Way = Callable[[Message], Awaitable[None]]
Result = TypeVar("Result")


class PostmanLog(Protocol):
    """The part of a logger that the postman uses."""

    def warning(self, event: str, **fields: object) -> object:
        """Write what may need a look."""
        ...

    def error(self, event: str, **fields: object) -> object:
        """Write a line that a human must act on."""
        ...


class Postman:
    """
    Sends messages in the order in which their time comes.

    Args:
        outbox: Where messages wait; asked on *thread*.
        ways: Destination to how it is reached; raises SendingError.
        thread: Belongs to whoever made it.
        own: Where the backlog is shown.
        clock: Says what is due.
        log: Where trouble is written down.
    """

    def __init__(  # noqa: PLR0913 - the parts of a post office
        self,
        outbox: Outbox,
        ways: Mapping[str, Way],
        *,
        thread: ThreadPoolExecutor,
        own: OwnMetrics,
        clock: Clock,
        log: PostmanLog,
    ) -> None:
        self._outbox = outbox
        self._ways = ways
        self._thread = thread
        self._own = own
        self._clock = clock
        self._log = log
        self._random = Random()  # noqa: S311 - spreads retries, guards nothing
        self._pruned_at = float("-inf")

    async def run(self) -> None:
        """Send, for ever."""
        while True:
            try:
                sent = await self.round()
            except StorageError as error:
                self._log.warning("outbox_unavailable", why=str(error))
                sent = 0
            if sent < AT_ONCE:
                await asyncio.sleep(LOOK_SECONDS)

    async def round(self) -> int:
        """
        Try every message that is due, some at once; return how many there were.

        Raises:
            StorageError: the outbox cannot be read or written.
        """
        if self._clock.monotonic() - self._pruned_at >= PRUNE_SECONDS:
            self._pruned_at = self._clock.monotonic()
            await self._ask(partial(self._outbox.prune, now=self._clock.wall()))
        due = partial(self._outbox.due, now=self._clock.wall(), most=AT_ONCE)
        messages = await self._ask(due)
        await asyncio.gather(*(self._deliver(message) for message in messages))
        backlog = await self._ask(self._outbox.backlog)
        self._own.set(names.OUTBOX, backlog.waiting)
        self._own.set(names.OUTBOX_DEAD, backlog.dead)
        return len(messages)

    async def _deliver(self, message: Message) -> None:
        try:
            await self._ways.get(message.destination, _nowhere)(message)
        except SendingError as error:
            await self._failed(message, error)
        else:
            await self._ask(partial(self._outbox.delivered, message))

    async def _failed(self, message: Message, error: SendingError) -> None:
        due_at = None
        if not error.is_final and message.attempts < len(PAUSES_SECONDS):
            pause = PAUSES_SECONDS[message.attempts] * (1 + self._random.uniform(0, JITTER))
            due_at = self._clock.wall() + max(pause, error.retry_after_seconds)
        if due_at is None:
            self._own.add(names.MESSAGES, *_named(message.destination), "given_up")
            self._log.error("message_given_up", destination=message.destination, why=str(error))
        await self._ask(partial(self._outbox.failed, message, why=str(error), due_at=due_at))

    async def _ask(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


@dataclass(frozen=True, slots=True)
class Ways:
    """Makes ways for messages of one purpose."""

    messenger: Messenger
    purpose: str
    clock: Clock

    def webhook(self, url: str, key: bytes | None) -> Way:
        """Return the way to *url*; signed with *key*, if there is one."""

        async def way(message: Message) -> None:
            body = message.body.encode()
            headers = {"Content-Type": "application/json", "webhook-id": message.id}
            if key is not None:
                headers.update(signed(key, message.id, int(self.clock.wall()), body))
            await self.messenger.webhook(self.purpose, Request(url, "POST", body, headers))

        return way

    def mail(self, to: Sequence[str]) -> Way:
        """Return the way to people; the body of a message holds `subject` and `text`."""

        async def way(message: Message) -> None:
            written = json.loads(message.body)
            mail = Mail(
                to=to,
                subject=written["subject"],
                text=written["text"],
                message_id=message.id,
                at=self.clock.wall(),
            )
            await self.messenger.mail(self.purpose, mail)

        return way


def _named(destination: str) -> tuple[str, str]:
    """Return purpose and channel of a destination, as they are counted."""
    purpose, _, name = destination.partition(":")
    return purpose, "email" if (purpose, name) == ("digest", "email") else "webhook"


async def _nowhere(_message: Message) -> None:
    raise SendingError("this destination is not configured any more", is_final=True)
