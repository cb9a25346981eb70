"""
A synthetic event that goes the whole way: listener, checks, log, disk, live metrics, `/metrics`.

It is marked by a secret of this process, so no bot can send one. It stands in the log as an
operation and not as an event: no bot, no counter and no duplicate ever comes from it.
"""

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

import msgspec
from aiohttp import web

from ..catalog import own_alerting as names
from ..ingest.http_answers import new_request_id, refusal
from ..integrations.outbound import Request, SendingError, send
from ..metrics.own import OwnMetrics
from ..model.access import Grant, Scope
from ..model.errors import StorageError
from ..model.ports import Clock
from ..model.verdicts import Refusal, RefusedError
from .small_body import read_json_body

PATH = "/v1/self-test"
HEADER = "X-Self-Test"
LARGEST_BODY = 4096
FIRST_SECONDS = 10.0
TIMEOUT_SECONDS = 10.0
BOT = "self-test"  # It never gets further than the checks.
_GRANT = Grant(name="self-test", scopes=frozenset({Scope.INGEST}))


class SelfTestLog(Protocol):
    """The part of a logger that the test uses."""

    def info(self, event: str, **fields: object) -> object:
        """Write a line about something expected."""
        ...

    def error(self, event: str, **fields: object) -> object:
        """Write a line that a human must act on."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stations:
    """
    The parts a synthetic event passes.

    Attributes:
        url: Returns where the public listener is reached; empty when it cannot be.
        rehearse: Decodes and checks a body and returns what would be stored of it.
        store: Puts an operation into the log; it is done when that is on disk and applied.
        arrived: Returns the mark of the last operation that was applied.
        render: Returns the exporter's own families as `/metrics` shows them.
        is_ready: Whether events are taken at all.
    """

    url: Callable[[], str]
    rehearse: Callable[[bytes, Grant], bytes]
    store: Callable[[Mapping[str, Any]], Awaitable[Any]]
    arrived: Callable[[], str]
    render: Callable[[], str]
    is_ready: Callable[[], bool]


class SelfTest:
    """Sends a synthetic event again and again, and takes it at the listener."""

    def __init__(
        self, stations: Stations, *, own: OwnMetrics, clock: Clock, log: SelfTestLog
    ) -> None:
        self._stations = stations
        self._own = own
        self._clock = clock
        self._log = log
        self._secret = secrets.token_urlsafe(32)
        self._works = True

    def add_to(self, app: web.Application) -> None:
        """Serve the route that takes it."""
        app.router.add_post(PATH, self._take)

    async def run(self, interval_seconds: float) -> None:
        """Test for ever."""
        await asyncio.sleep(min(FIRST_SECONDS, interval_seconds))
        while True:
            if self._stations.is_ready():
                await self.once()
            await asyncio.sleep(interval_seconds)

    async def once(self) -> None:
        """Send one synthetic event and note whether it arrived."""
        began = self._clock.monotonic()
        why = await self._walk()
        if not self._stations.is_ready():
            return  # The exporter stops; that is no failure.
        if why:
            self._own.add(names.SELF_TEST_FAILURES)
            if self._works:
                self._log.error("self_test_failed", why=why)
        else:
            self._own.set(names.SELF_TEST_DURATION, self._clock.monotonic() - began)
            if not self._works:
                self._log.info("self_test_works_again")
        self._works = not why

    async def _walk(self) -> str:
        """Return where the event got stuck; an empty text when it arrived."""
        nonce = secrets.token_hex(16)
        event = {"type": "heartbeat", "id": nonce, "bot": BOT, "platform": "test"}
        url = self._stations.url()
        if not url:
            return "the public listener has no address to connect to"
        headers = {HEADER: self._secret, "Content-Type": "application/json"}
        request = Request(f"{url}{PATH}", "POST", msgspec.json.encode(event), headers)
        try:
            await send(request, timeout_seconds=TIMEOUT_SECONDS)
        except SendingError as error:
            return f"the public listener: {error}"
        if self._stations.arrived() != nonce:
            return "the live metrics did not get it"
        return self._show()

    def _show(self) -> str:
        now = self._clock.wall()
        self._own.set(names.SELF_TEST_TIMESTAMP, now)
        if f"\n{names.SELF_TEST_TIMESTAMP.name} {now}\n" in self._stations.render():
            return ""
        return "/metrics does not show it"

    async def _take(self, request: web.Request) -> web.Response:
        offered = request.headers.get(HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(offered, self._secret.encode()):
            raise web.HTTPNotFound
        try:
            body = await read_json_body(request, most=LARGEST_BODY)
            stored = self._stations.rehearse(body, _GRANT)
            operation = {"op": "self_test", "nonce": _nonce(body), "event": stored.decode()}
            await self._stations.store(operation)
        except RefusedError as error:
            return refusal(error, new_request_id()).response()
        except StorageError:
            full = RefusedError(Refusal.LOG_UNAVAILABLE, "Nothing can be stored now.")
            return refusal(full, new_request_id()).response()
        return web.Response(status=HTTPStatus.NO_CONTENT)


def _nonce(body: bytes) -> str:
    with suppress(msgspec.DecodeError):
        return str(msgspec.json.decode(body, type=dict[str, str]).get("id", ""))
    return ""
