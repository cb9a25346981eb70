"""A webhook round trip: a message to the bot, which must answer by a request of its own."""

import asyncio
import secrets
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..config.probes import WebhookSettings
from ..model.probing import ProbePhase
from .conditions import check_answer
from .http import follow
from .http_hop import Exchange, Request
from .notes import Notes
from .template import content_type_of, fill_body

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = "/v1/callbacks/"
ID_BYTES = 16  # Nobody can guess one within the seconds that it is waited for.


class Callbacks:
    """The answers that are waited for, by their ids."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Event] = {}

    @contextmanager
    def expected(self, name: str) -> "Iterator[asyncio.Event]":
        """Wait for *name* inside; the event is set when it arrives."""
        event = self._waiting[name] = asyncio.Event()
        try:
            yield event
        finally:
            del self._waiting[name]

    def arrived(self, name: str) -> bool:
        """Take note of an answer and return whether it was waited for."""
        event = self._waiting.get(name)
        if event is not None:
            event.set()
        return event is not None


@dataclass(frozen=True, slots=True)
class WayBack:
    """Where bots answer to: the URL of the public listener as they reach it, and who waits."""

    url: str
    callbacks: Callbacks


class WebhookProbe:
    """Sends *request*, in whose body ``{{callback}}`` is the URL to answer to."""

    def __init__(
        self, request: Request, settings: WebhookSettings, *, exchange: Exchange, back: WayBack
    ) -> None:
        self._request = request
        self._settings = settings
        self._exchange = exchange
        self._back = back

    async def run(self, notes: Notes) -> None:
        """Send the message and wait for the request it leads to."""
        name = secrets.token_hex(ID_BYTES)
        url = f"{self._back.url.rstrip('/')}{PATH}{name}"
        with self._back.callbacks.expected(name) as event:
            request = self._filled({"run": name, "callback": url})
            answer = await follow(request, self._settings, exchange=self._exchange, notes=notes)
            check_answer(self._settings, answer, notes.facts)
            notes.enter(ProbePhase.PROCESSING)
            notes.say("sent; waiting for the bot to call back")
            await event.wait()
        notes.enter(None)

    def _filled(self, values: Mapping[str, str]) -> Request:
        sent = self._request
        text = fill_body(sent.body.decode(), values, content_type_of(sent.headers))
        return Request(
            url=sent.url,
            method=sent.method,
            headers=sent.headers,
            body=text.encode(),
            tls=sent.tls,
            server_name=sent.server_name,
            max_body_bytes=sent.max_body_bytes,
        )
