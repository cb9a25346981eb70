"""What the connections of one listener share: their number, their deadlines, the way out."""

import asyncio
from dataclasses import dataclass
from typing import Protocol, cast

from ..model.ports import IngestTelemetry
from ..model.verdicts import Refusal
from .http_answers import raw
from .http_deadlines import Deadlines
from .http_faults import FaultLog

TURNED_AWAY_SECONDS = 1.0  # Time for a client to read why it is turned away.
SMALL_BODY_SECONDS = 1.0  # From a head to the end of a body of one or a few packets.
MAX_TURNED_AWAY = 128  # Connections over the limit that are given that time; the rest are cut.

_TOO_MANY = "Too many connections are open; use fewer, or come back."


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """
    What one connection, and all of them together, may use.

    Attributes:
        header_timeout_seconds: From connecting, or from the first byte of a later request, to
            the end of its headers.
        idle_timeout_seconds: Between two requests; also for a client that stopped reading.
        max_connections: More are answered with 503 and closed. Zero: no limit.
    """

    header_timeout_seconds: float = 10.0
    idle_timeout_seconds: float = 75.0
    max_connections: int = 0


class Connection(Protocol):
    """What the gate asks of a connection."""

    @property
    def is_idle(self) -> bool:
        """Return whether nothing of a request has arrived since the last answer."""
        ...

    def header_expired(self) -> None:
        """Refuse a client that is too slow with its headers."""
        ...

    def write_expired(self) -> None:
        """Cut off a client that does not read its answers."""
        ...

    def body_expired(self) -> None:
        """Wait for the rest of a small body in another way."""
        ...

    def force_close(self) -> None:
        """Close now."""
        ...


class Gate:
    """Counts connections in and out, and ends those that run out of time."""

    def __init__(
        self, limits: ConnectionLimits, telemetry: IngestTelemetry, faults: FaultLog
    ) -> None:
        loop = asyncio.get_running_loop()
        self.limits = limits
        self.telemetry = telemetry
        self.faults = faults
        self.is_draining = False
        self.headers = Deadlines[Connection](
            loop, limits.header_timeout_seconds, lambda connection: connection.header_expired()
        )
        self.writes = Deadlines[Connection](
            loop, limits.idle_timeout_seconds, lambda connection: connection.write_expired()
        )
        self.bodies = Deadlines[Connection](
            loop, SMALL_BODY_SECONDS, lambda connection: connection.body_expired()
        )
        self._connections: set[Connection] = set()
        self._turned_away: set[asyncio.BaseProtocol] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    def __len__(self) -> int:
        """Return how many connections are open."""
        return len(self._connections)

    def configure(self, limits: ConnectionLimits) -> None:
        """Apply new limits to whatever starts from now on."""
        self.limits = limits
        self.headers.seconds = limits.header_timeout_seconds
        self.writes.seconds = limits.idle_timeout_seconds

    def admit(self, connection: Connection) -> bool:
        """Count *connection* in, or return False when there are enough."""
        limit = self.limits.max_connections
        if limit and len(self._connections) >= limit:
            self.telemetry.refused(Refusal.TOO_MANY_CONNECTIONS)
            return False
        self._connections.add(connection)
        self._empty.clear()
        self.telemetry.connections(len(self._connections))
        return True

    def leave(self, connection: Connection) -> None:
        """Count *connection* out."""
        self.headers.stop(connection)
        self.writes.stop(connection)
        self.bodies.stop(connection)
        self._connections.discard(connection)
        self.telemetry.connections(len(self._connections))
        if not self._connections:
            self._empty.set()

    def turn_away(self, transport: asyncio.BaseTransport) -> None:
        """Answer 503 to a connection that was not admitted, and close it."""
        stream = cast("asyncio.Transport", transport)
        stream.write(raw(Refusal.TOO_MANY_CONNECTIONS, _TOO_MANY))
        if len(self._turned_away) >= MAX_TURNED_AWAY:
            stream.close()
            return
        stream.set_protocol(_TurnedAway(stream, self._turned_away))

    def close_idle(self) -> None:
        """Close the connections on which nothing is under way."""
        for connection in [each for each in self._connections if each.is_idle]:
            connection.force_close()

    async def wait_until_empty(self, timeout_seconds: float) -> None:
        """Return when the last connection is gone or the time is up."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._empty.wait()
        except TimeoutError:
            return

    def close(self) -> None:
        """Stop the deadlines."""
        self.headers.close()
        self.writes.close()
        self.bodies.close()


class _TurnedAway(asyncio.Protocol):
    """
    Ignores what a client sends until it has read its 503.

    Closing with unread data would reset the connection and destroy the answer.
    """

    def __init__(self, stream: asyncio.Transport, others: set[asyncio.BaseProtocol]) -> None:
        self._others = others
        others.add(self)
        if stream.can_write_eof():
            stream.write_eof()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(TURNED_AWAY_SECONDS, stream.abort)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._timer.cancel()
        self._others.discard(self)
