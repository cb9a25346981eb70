"""Picks the events that somebody wants to hear of, once they are on disk."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..catalog.build import EventStructs, attribute
from ..catalog.own_alerting import EVENTS_UNTOLD
from ..catalog.spec import Catalog, FieldType, Privacy
from ..config.model import Config
from ..ingest.redact import redact
from ..metrics.own import OwnMetrics
from ..model.errors import StorageError
from ..model.messages import Notable, Plain
from ..store.outbox import DIGEST

MOST_PENDING = 50_000
RETRY_SECONDS = 5.0
BATCH = 1000
OF_THE_DIGEST = ("goal", "lead", "purchase")
EVENT = "event:"  # Before the name of a destination.
_TOLD = (FieldType.STRING, FieldType.INTEGER, FieldType.NUMBER, FieldType.BOOLEAN)


class TellerLog(Protocol):
    """The part of a logger that the teller uses."""

    def warning(self, event: str, **fields: object) -> object:
        """Write what may need a look."""
        ...


@dataclass(frozen=True, slots=True)
class Watch:
    """A destination that wants every n-th event of a type, and which fields it may see."""

    destination: str
    every: int
    event: str
    fields: tuple[tuple[str, str], ...]  # Name in the message, attribute of the event.


def watches(
    config: Config, catalog: Catalog, structs: Sequence[EventStructs]
) -> dict[type, tuple[Watch, ...]]:
    """Return who wants to hear of what; of an event only its public fields are told."""
    wanted = [
        (f"{EVENT}{entry.name}", entry.every, event)
        for entry in config.notifications
        for event in entry.events
    ]
    if config.digest.webhook_url_file or config.digest.email_to:
        wanted += [(DIGEST, 1, event) for event in OF_THE_DIGEST]
    found: dict[type, tuple[Watch, ...]] = {}
    for destination, every, event in wanted:
        declared = catalog.by_event[event]
        fields = tuple(
            (field.name, attribute(declared, field))
            for field in declared.fields
            if field.privacy is Privacy.PUBLIC and field.type in _TOLD
        )
        for group in structs:
            kind = group.by_name[event]
            watch = Watch(destination, every, event, fields)
            found[kind] = (*found.get(kind, ()), watch)
    return found


class Teller:
    """
    Notes events for the outbox; the loop only collects, a thread writes.

    Args:
        watched: Who wants which kinds of events.
        note: Writes them down, off the loop.
        own: Where lost ones are counted.
        log: Where trouble is written down.
    """

    def __init__(
        self,
        watched: Mapping[type, tuple[Watch, ...]],
        *,
        note: Callable[[Sequence[Notable]], Any],
        own: OwnMetrics,
        log: TellerLog,
    ) -> None:
        self._watched = watched
        self._note = note
        self._own = own
        self._log = log
        self._pending: list[Notable] = []
        self._came = asyncio.Event()

    @property
    def is_needed(self) -> bool:
        """Return whether anybody wants to hear of anything."""
        return bool(self._watched)

    def durable(self, events: Sequence[Any], arrival: float) -> None:
        """Collect what is wanted of events that are on disk."""
        watched = self._watched
        for event in events:
            if event.__class__ in watched:
                self._collect(event, arrival)

    async def run(self) -> None:
        """Write down what was collected, for ever."""
        while True:
            await self._came.wait()
            self._came.clear()
            try:
                await self.flush()
            except StorageError as error:
                self._log.warning("notifications_not_written", why=str(error))
                await asyncio.sleep(RETRY_SECONDS)
                self._came.set()

    async def flush(self) -> None:
        """
        Write everything down.

        Raises:
            StorageError: the rest is kept.
        """
        while self._pending:
            batch = self._pending[:BATCH]
            await self._note(batch)
            del self._pending[: len(batch)]

    def _collect(self, event: Any, arrival: float) -> None:  # noqa: ANN401 - structs are made at start
        for watch in self._watched[event.__class__]:
            if len(self._pending) >= MOST_PENDING:
                self._own.add(EVENTS_UNTOLD)
                continue
            self._pending.append(
                Notable(
                    id=event.id,
                    destination=watch.destination,
                    every=watch.every,
                    event=watch.event,
                    bot=event.bot,
                    at=arrival,
                    data=_public(event, watch),
                )
            )
            self._came.set()


def _public(event: Any, watch: Watch) -> dict[str, Plain]:  # noqa: ANN401 - see above
    told: dict[str, Plain] = {}
    if event.platform is not None:
        told["platform"] = event.platform
    for name, place in watch.fields:
        value = getattr(event, place)
        if isinstance(value, str):
            told[name] = redact(value)  # Public by declaration, yet written by a bot.
        elif isinstance(value, bool | int | float):
            told[name] = value
    return told
