"""A listening socket for an aiohttp application, from the first connection to the last answer."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from ..model.ports import IngestTelemetry
from ..model.verdicts import Refusal
from .http_answers import SERVER
from .http_express import Desk, Express
from .http_faults import FaultLog
from .http_gate import ConnectionLimits, Gate
from .http_guard import Guard

__all__ = ["Address", "ConnectionLimits", "Listener", "Unobserved"]

BACKLOG = 1024  # Connections that wait in the kernel, which caps it at net.core.somaxconn.
# asyncio accepts this many in one turn of the loop, and reports each failure when no file
# descriptor is left, before it pauses for a second.
ACCEPT_BATCH = 16
DRAIN_GRACE_SECONDS = 1.0  # A busy client sends its next request within this time.
CLEANUP_SECONDS = 0.2  # For what is cut off anyway.
ACCEPT_TURNS = 3
_NEAREST = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound


class Unobserved(IngestTelemetry):
    """Telemetry of a listener nobody measures, such as the internal one."""

    def refused(self, refusal: Refusal) -> None:
        """Count nothing."""

    def answered(self, seconds: float) -> None:
        """Observe nothing."""

    def connections(self, count: int) -> None:
        """Set nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """
    Where to listen.

    Attributes:
        host: Ignored when *sock* is given.
        port: Zero takes a free one.
        sock: A bound socket, inherited from systemd (LISTEN_FDS) or of family AF_UNIX. It
            belongs to the listener, which closes it; pass ``sock.dup()`` to keep it.
        tls: Serves TLS when given.
    """

    host: str = "127.0.0.1"
    port: int = 0
    sock: socket.socket | None = None
    tls: ssl.SSLContext | None = None


class Listener:
    """
    Serves one application on one address.

    Start it once; `drain` ends it. A restart loses no request when the socket is inherited and
    the next process listens before this one drains.
    """

    def __init__(
        self,
        *,
        limits: ConnectionLimits,
        faults: FaultLog,
        telemetry: IngestTelemetry | None = None,
        grace_seconds: float = DRAIN_GRACE_SECONDS,
    ) -> None:
        self._limits = limits
        self._faults = faults
        self._telemetry = telemetry or Unobserved()
        self._grace_seconds = grace_seconds

    @property
    def port(self) -> int:
        """Return the port that was really taken; 0 for a Unix socket."""
        name = self._server.sockets[0].getsockname()
        return int(name[1]) if isinstance(name, tuple) else 0

    @property
    def url(self) -> str:
        """Return the URL at which this machine reaches it; empty for a Unix socket."""
        name = self._server.sockets[0].getsockname()
        if not isinstance(name, tuple):
            return ""
        host = _NEAREST.get(name[0], str(name[0]))
        return f"http://[{host}]:{name[1]}" if ":" in host else f"http://{host}:{name[1]}"

    @property
    def open_connections(self) -> int:
        """Return how many connections are open now."""
        return len(self._gate)

    def configure(self, limits: ConnectionLimits) -> None:
        """Apply new limits to whatever starts from now on."""
        self._gate.configure(limits)

    async def start(self, app: web.Application, address: Address, desk: Desk | None = None) -> None:
        """
        Start *app* and accept connections; *desk* answers its plain requests.

        Raises:
            OSError: the address cannot be used.
        """
        app.on_response_prepare.append(_hide_version)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLEANUP_SECONDS)
        await self._runner.setup()
        self._gate = Gate(self._limits, self._telemetry, self._faults)
        try:
            self._server = await self._listen(address, desk)
        except BaseException:
            await self._runner.cleanup()
            raise

    async def drain(self, timeout_seconds: float) -> int:
        """
        Stop without losing a request; return how many connections had to be cut off.

        First nothing new is accepted, then everything under way is answered, with
        ``Connection: close``. Connections without a request get a moment, because one may be on
        its way, and are closed. What is left after *timeout_seconds* is cut off.
        """
        await self._stop_accepting()
        self._gate.is_draining = True
        grace_seconds = min(self._grace_seconds, timeout_seconds)
        await self._gate.wait_until_empty(grace_seconds)
        self._gate.close_idle()
        await self._gate.wait_until_empty(timeout_seconds - grace_seconds)
        remaining = len(self._gate)
        await self._runner.cleanup()
        self._gate.close()
        return remaining

    async def _listen(self, address: Address, desk: Desk | None) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        manager = self._runner.server
        if manager is None:
            raise RuntimeError("the application is not set up")

        def connect() -> Guard:
            if desk is None:
                return Guard(manager, loop=loop, gate=self._gate)
            return Express(manager, loop=loop, gate=self._gate, desk=desk)

        if address.sock is not None and address.sock.family == socket.AF_UNIX:
            return await loop.create_unix_server(connect, sock=address.sock, backlog=ACCEPT_BATCH)
        server = await self._serve_tcp(connect, address)
        for sock in server.sockets:
            with socket.fromfd(sock.fileno(), sock.family, sock.type) as same:
                same.listen(BACKLOG)
        return server

    async def _serve_tcp(self, connect: Callable[[], Guard], address: Address) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        handshake_seconds = self._limits.header_timeout_seconds if address.tls else None
        if address.sock is not None:
            return await loop.create_server(
                connect,
                sock=address.sock,
                backlog=ACCEPT_BATCH,
                ssl=address.tls,
                ssl_handshake_timeout=handshake_seconds,
            )
        return await loop.create_server(
            connect,
            address.host,
            address.port,
            backlog=ACCEPT_BATCH,
            ssl=address.tls,
            ssl_handshake_timeout=handshake_seconds,
        )

    async def _stop_accepting(self) -> None:
        # A connection accepted in this turn of the loop becomes a transport in the next one, and
        # asyncio drops it when the server is closed in between.
        loop = asyncio.get_running_loop()
        for sock in self._server.sockets:
            loop.remove_reader(sock.fileno())
        for _ in range(ACCEPT_TURNS):
            await asyncio.sleep(0)
        self._server.close()


async def _hide_version(_request: web.BaseRequest, response: web.StreamResponse) -> None:
    response.headers["Server"] = SERVER
