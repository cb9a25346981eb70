"""
A load generator as a process of its own: `python -m benchmarks.load PLAN`.

It writes requests made in advance to raw connections and prints one line of JSON, so that the
figures are the server's and not a client library's.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path
from typing import Protocol, cast

import uvloop

from .events import CONVERSATION_EVENTS, bodies, stamped

HEAD = (
    "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
    "Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
)
END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length:"
LAST_ANSWER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What to send: where to, with how many events a request, over how many connections.

    A *script* is a file of requests, as head and body, to repeat as they are instead.
    """

    port: int
    token: str
    events_per_request: int
    connections: int
    seconds: float
    first_serial: int
    script: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it; times in milliseconds, from the request's last byte to its answer."""

    requests: int
    refused: int
    seconds: float
    p50_ms: float
    p99_ms: float


class Requests(Protocol):
    """Where requests come from."""

    def next(self) -> tuple[bytes, bytes]:
        """Return the head and the body of the next request."""
        ...


class Source:
    """Makes requests, each with ids that no other has."""

    def __init__(self, plan: Plan) -> None:
        self._bodies = bodies(plan.events_per_request)
        heads = (HEAD.format(token=plan.token, length=len(body)) for body in self._bodies)
        self._heads = [head.encode() for head in heads]
        self._at = 0
        self._serial = plan.first_serial
        # One conversation is told by several requests when each carries one event.
        self._per_serial = CONVERSATION_EVENTS if plan.events_per_request == 1 else 1

    def next(self) -> tuple[bytes, bytes]:
        """Return the head and the body of the next request."""
        place = self._at % len(self._bodies)
        serial = self._serial + self._at // self._per_serial
        self._at += 1
        return self._heads[place], stamped(self._bodies[place], serial)


class Script:
    """Repeats the requests of a file."""

    def __init__(self, path: Path) -> None:
        told: list[tuple[str, str]] = json.loads(path.read_text())
        self._requests = cycle([(head.encode(), body.encode()) for head, body in told])

    def next(self) -> tuple[bytes, bytes]:
        """Return the head and the body of the next request."""
        return next(self._requests)


class Connection(asyncio.Protocol):
    """One connection that sends a request as soon as the last one is answered."""

    def __init__(self, source: Requests, *, until: float, latencies: list[float]) -> None:
        self.refused = 0
        self.done = asyncio.get_running_loop().create_future()
        self._source = source
        self._until = until
        self._latencies = latencies
        self._sent_at = 0.0
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        # uvloop's transports have the methods without the class.
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer."""
        self._buffer += data
        end = self._buffer.find(END_OF_HEAD)
        if end < 0 or len(self._buffer) < end + len(END_OF_HEAD) + _length(self._buffer[:end]):
            return
        now = time.perf_counter()
        self._latencies.append(now - self._sent_at)
        self.refused += not self._buffer.startswith((b"HTTP/1.1 202", b"HTTP/1.1 200"))
        self._buffer = b""
        if now < self._until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        """Tell who waits."""
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        head, body = self._source.next()
        self._transport.writelines((head, body))
        self._sent_at = time.perf_counter()


async def run(plan: Plan) -> Result:
    """Send for the time of the plan, wait for the answers under way, and return the result."""
    source = Script(Path(plan.script)) if plan.script else Source(plan)
    latencies: list[float] = []
    began = time.perf_counter()
    loop = asyncio.get_running_loop()
    connections = []
    for _ in range(plan.connections):
        _, connection = await loop.create_connection(
            lambda: Connection(source, until=began + plan.seconds, latencies=latencies),
            "127.0.0.1",
            plan.port,
        )
        connections.append(connection)
    async with asyncio.timeout(plan.seconds + LAST_ANSWER_SECONDS):
        await asyncio.gather(*(connection.done for connection in connections))
    seconds = time.perf_counter() - began
    latencies.sort()
    return Result(
        requests=len(latencies),
        refused=sum(connection.refused for connection in connections),
        seconds=seconds,
        p50_ms=latencies[len(latencies) // 2] * 1e3,
        p99_ms=latencies[int(len(latencies) * 0.99)] * 1e3,
    )


def _length(head: bytes) -> int:
    lower = head.lower()
    start = lower.find(LENGTH)
    return int(lower[start + len(LENGTH) :].split(b"\r\n", 1)[0]) if start >= 0 else 0


def main() -> None:
    """Read the plan from the first argument, as JSON, and print the result as JSON."""
    result = uvloop.run(run(Plan(**json.loads(sys.argv[1]))))
    print(json.dumps(asdict(result)))


if __name__ == "__main__":
    main()
