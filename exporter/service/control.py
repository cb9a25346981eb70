"""
The control socket: how commands on the same machine reach the running exporter.

A Unix socket in the storage directory that only its owner can open; that is the authentication.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec
from aiohttp import web

from ..config.reload import ReloadOutcome, ReloadResult
from ..ingest.http_answers import ErrorBody, document, failure, new_request_id
from ..ingest.http_connections import Address, ConnectionLimits, Listener
from ..ingest.http_faults import FaultLog
from ..model.errors import StorageError
from ..model.ports import Clock, TokenStore
from . import unix
from .clock import SystemClock
from .tokens import TokenNameTakenError, TokenRequest, issue, views

TOKENS_PATH = "/control/tokens"
LARGEST_BODY = 256 * 1024
DRAIN_SECONDS = 2.0

Result = TypeVar("Result")


class AuditLog(Protocol):
    """The part of a logger that notes administrative acts."""

    def info(self, event: str, **fields: object) -> object:
        """Write a line about something expected."""
        ...


@dataclass(slots=True)
class ControlServer:
    """
    Serves commands on a Unix socket. `start` it once, then `stop` it.

    Attributes:
        path: Where the socket appears.
        tokens: Where token records live; asked on a thread.
        refresh: Makes the running exporter read the records again.
        reload: Reads the configuration again; called on a thread.
        is_ready: Whether events are taken.
        faults: Where refusals and defects are written down.
        log: Where administrative acts are noted, when given.
        clock: Dates tokens.
    """

    path: Path
    _: KW_ONLY
    tokens: TokenStore
    refresh: Callable[[], Awaitable[None]]
    reload: Callable[[], ReloadResult]
    is_ready: Callable[[], bool]
    faults: FaultLog
    log: AuditLog | None = None
    clock: Clock = field(default_factory=SystemClock)
    _listener: Listener | None = field(default=None, init=False)
    _inode: int = field(default=0, init=False)
    # Its own thread: the shared pool may be full of name lookups that hang for ten seconds.
    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="control"), init=False
    )

    async def start(self) -> None:
        """
        Listen.

        Raises:
            StorageError: another process listens there, or the socket cannot be made.
        """
        sock = unix.listen(self.path)
        self._inode = self.path.lstat().st_ino
        listener = Listener(limits=ConnectionLimits(), faults=self.faults, grace_seconds=0)
        try:
            await listener.start(self.make_app(), Address(sock=sock))
        except BaseException:
            sock.close()
            unix.remove(self.path, inode=self._inode)
            raise
        self._listener = listener

    async def stop(self) -> None:
        """Answer what is under way and remove the socket; harmless without `start`."""
        if self._listener is not None:
            # The file first: who comes now works offline or waits, but does not hang.
            unix.remove(self.path, inode=self._inode)
            await self._listener.drain(DRAIN_SECONDS)
            self._listener = None
        self._thread.shutdown(wait=False, cancel_futures=True)

    def make_app(self) -> web.Application:
        """Return the application."""
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_get(TOKENS_PATH, self._list)
        app.router.add_post(TOKENS_PATH, self._create)
        app.router.add_delete(TOKENS_PATH + "/{name}", self._revoke)
        app.router.add_post("/-/reload", self._reload)
        app.router.add_get("/-/ready", self._ready)
        app.router.add_get("/-/healthy", _healthy)
        return app

    async def _list(self, _request: web.Request) -> web.Response:
        try:
            found = await self._off_the_loop(partial(views, self.tokens, now=self.clock.wall()))
        except StorageError as error:
            return _unavailable(error)
        return _answer({"tokens": found})

    async def _create(self, request: web.Request) -> web.Response:
        try:
            wanted = msgspec.json.decode(await request.read(), type=TokenRequest)
            issued = await self._off_the_loop(
                partial(issue, self.tokens, wanted, now=self.clock.wall())
            )
        except msgspec.MsgspecError as error:
            return _refused(HTTPStatus.BAD_REQUEST, "malformed", str(error))
        except TokenNameTakenError as error:
            return _refused(HTTPStatus.CONFLICT, "name_taken", str(error))
        except StorageError as error:
            return _unavailable(error)
        await self._refresh()
        self._note("token_created", token_name=wanted.name, scopes=list(wanted.scopes))
        response = _answer(issued, HTTPStatus.CREATED)
        response.headers["Cache-Control"] = "no-store"
        return response

    async def _revoke(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        try:
            revoke = partial(self.tokens.revoke, name, at=self.clock.wall())
            existed = await self._off_the_loop(revoke)
        except StorageError as error:
            return _unavailable(error)
        if not existed:
            message = "there is no active token of that name; list them with: token list"
            return _refused(HTTPStatus.NOT_FOUND, "no_such_token", message)
        await self._refresh()
        self._note("token_revoked", token_name=name)
        return _answer({"revoked": name})

    async def _reload(self, _request: web.Request) -> web.Response:
        result = await self._off_the_loop(self.reload)
        if result.outcome is ReloadOutcome.SUCCESS:
            return _answer({"changed": result.changed})
        problems = "\n".join(str(problem) for problem in result.problems)
        return _refused(HTTPStatus.BAD_REQUEST, "bad_configuration", problems)

    async def _ready(self, _request: web.Request) -> web.Response:
        if self.is_ready():
            return _answer({"ready": True})
        return _refused(HTTPStatus.SERVICE_UNAVAILABLE, "not_ready", "starting or stopping")

    async def _refresh(self) -> None:
        # What was asked for is done and on disk; the periodic refresh tries again and complains.
        with suppress(StorageError):
            await self.refresh()

    async def _off_the_loop(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _note(self, event: str, **fields: object) -> None:
        if self.log is not None:
            self.log.info(event, **fields)


async def _healthy(_request: web.Request) -> web.Response:
    return _answer({"healthy": True})


def _answer(body: object, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    return document(msgspec.json.encode(body), status=status)


def _refused(status: HTTPStatus, error: str, message: str) -> web.Response:
    return failure(status, ErrorBody(error, message, new_request_id())).response()


def _unavailable(error: StorageError) -> web.Response:
    return _refused(HTTPStatus.SERVICE_UNAVAILABLE, "storage_unavailable", str(error))
