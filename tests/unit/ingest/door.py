"""The HTTP door, open on loopback, with fakes behind it."""

import asyncio
import gzip
import socket
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp

from exporter.ingest.auth import Authenticator, digest, new_token
from exporter.ingest.http import IngestApi
from exporter.ingest.http_answers import Reply
from exporter.ingest.http_body import Bodies, BodyLimits
from exporter.ingest.http_connections import Address, Listener
from exporter.ingest.http_faults import FaultLog
from exporter.ingest.http_gate import ConnectionLimits
from exporter.ingest.http_head import Head
from exporter.ingest.limits import TokenBuckets
from exporter.model.access import Grant, Scope
from exporter.model.errors import StorageError
from exporter.model.ports import IngestTelemetry, Outcome, TokenRecord, TokenStore
from exporter.model.verdicts import Refusal

MIB = 1024 * 1024
EVENTS = "/v1/events"
SCHEMA = b'{"type":"object"}'
OPENAPI = b'{"openapi":"3.1.0"}'
PATIENCE_SECONDS = 20.0  # Only ever used up by a test that fails.


class ManualClock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self._wall = 1_770_000_000.0
        self._monotonic = 1000.0

    def wall(self) -> float:
        return self._wall

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        self._wall += seconds
        self._monotonic += seconds


class FakeTokens(TokenStore):
    """Token records in memory."""

    def __init__(self) -> None:
        self._records: list[TokenRecord] = []
        self.failure: StorageError | None = None

    def records(self) -> Sequence[TokenRecord]:
        if self.failure is not None:
            raise self.failure
        return sorted(self._records, key=lambda record: record.created_at)

    def add(self, record: TokenRecord) -> None:
        if any(record.name == each.name and each.revoked_at is None for each in self._records):
            raise StorageError(f"token '{record.name}' exists already")
        if any(record.digest == each.digest for each in self._records):
            raise StorageError("the same secret twice")
        self._records.append(record)

    def revoke(self, name: str, *, at: float) -> bool:
        for position, record in enumerate(self._records):
            if record.name == name and record.revoked_at is None:
                self._records[position] = replace(record, revoked_at=at)
                return True
        return False


@dataclass(slots=True)
class FakeIngest:
    """Answers every request with the same outcome, or error; remembers what it was given."""

    outcome: Outcome = field(default_factory=lambda: Outcome(accepted=1))
    error: Exception | None = None
    bodies: list[bytes] = field(default_factory=list)
    formats: list[bool] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    began: asyncio.Event = field(default_factory=asyncio.Event)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Hold nobody up unless the test says so."""
        self.may_end.set()

    async def ingest(self, body: bytes, *, ndjson: bool, grant: Grant) -> Outcome:
        self.bodies.append(body)
        self.formats.append(ndjson)
        self.grants.append(grant)
        self.began.set()
        await self.may_end.wait()
        if self.error is not None:
            raise self.error
        return self.outcome


class FakeTelemetry(IngestTelemetry):
    """Counts what the door reports."""

    def __init__(self) -> None:
        self.refusals: Counter[Refusal] = Counter()
        self.times: list[float] = []
        self.open = 0

    def refused(self, refusal: Refusal) -> None:
        self.refusals[refusal] += 1

    def answered(self, seconds: float) -> None:
        self.times.append(seconds)

    def connections(self, count: int) -> None:
        self.open = count


class RecordedLog:
    """Keeps every line."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, object]]] = []

    def info(self, event: str, **fields: object) -> None:
        self.lines.append((event, fields))

    def error(self, event: str, **fields: object) -> None:
        self.lines.append((event, fields))


@dataclass(slots=True, kw_only=True)
class Settings:
    """What a test may want to be different."""

    connections: ConnectionLimits = field(default_factory=ConnectionLimits)
    bodies: BodyLimits = field(default_factory=BodyLimits)
    buckets: tuple[float, float] = (0.0, 1.0)
    sock: socket.socket | None = None
    grace_seconds: float = 0.0
    anonymous: Grant | None = None
    is_ready: bool = True


@dataclass(slots=True)
class CountingDesk:
    """Answers plain requests as the product does, and counts them."""

    api: IngestApi
    answered: int = 0

    def grant(self, head: Head) -> Grant | None:
        return self.api.grant(head)

    async def answer(self, body: bytes, head: Head, grant: Grant) -> Reply:
        self.answered += 1
        return await self.api.answer(body, head, grant)


@dataclass(slots=True)
class Way:
    """Whether plain requests take the short way, as in the product, or aiohttp's like the rest."""

    is_short: bool = True

    def chosen(self, desk: CountingDesk) -> CountingDesk | None:
        return desk if self.is_short else None


WAY = Way()


@dataclass(slots=True, kw_only=True)
class Door:
    """An open door and everything around it."""

    listener: Listener
    api: IngestApi
    desk: CountingDesk
    session: aiohttp.ClientSession
    token: str
    tokens: FakeTokens
    authenticator: Authenticator
    buckets: TokenBuckets
    bodies: Bodies
    settings: Settings
    pipeline: FakeIngest
    telemetry: FakeTelemetry
    clock: ManualClock
    log: RecordedLog

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.port}"

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def post(
        self, body: bytes = b"{}", *, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any], Mapping[str, str]]:
        """Send *body* with a good token; return status, answer and headers."""
        return await self.send(
            "POST", EVENTS, data=body, headers={**self.bearer, **(headers or {})}
        )

    async def send(
        self, method: str, path: str, **arguments: object
    ) -> tuple[int, dict[str, Any], Mapping[str, str]]:
        """Send anything; return status, answer and headers."""
        request = self.session.request(method, self.url + path, **arguments)  # type: ignore[arg-type]
        async with asyncio.timeout(PATIENCE_SECONDS), request as response:
            answer = await response.json() if await response.read() else {}
            return response.status, answer, response.headers

    async def raw(self, data: bytes) -> bytes:
        """Send bytes; return everything that comes until the server closes."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.listener.port)
            writer.write(data)
            answer = await reader.read()
            writer.close()
            return answer

    def head(self, *lines: str) -> bytes:
        """Return the start of a raw request with a good token."""
        all_lines = (
            f"POST {EVENTS} HTTP/1.1",
            "Host: bots",
            f"Authorization: Bearer {self.token}",
            *lines,
        )
        return "\r\n".join(all_lines).encode() + b"\r\n\r\n"


@asynccontextmanager
async def open_door(settings: Settings | None = None) -> AsyncIterator[Door]:
    """Open a door; at the end drain it."""
    settings = settings or Settings()
    clock, log, telemetry, pipeline = ManualClock(), RecordedLog(), FakeTelemetry(), FakeIngest()
    faults = FaultLog(log, clock)
    tokens, token = tokens_with_one()
    authenticator = Authenticator(tokens, clock, anonymous=settings.anonymous)
    await authenticator.refresh()
    bodies = Bodies(settings.bodies)
    buckets = TokenBuckets(*settings.buckets, clock)
    listener = Listener(
        limits=settings.connections,
        faults=faults,
        telemetry=telemetry,
        grace_seconds=settings.grace_seconds,
    )
    api = IngestApi(
        pipeline=pipeline,
        authenticator=authenticator,
        buckets=buckets,
        bodies=bodies,
        telemetry=telemetry,
        faults=faults,
        clock=clock,
        schema=SCHEMA,
        openapi=OPENAPI,
        is_ready=lambda: settings.is_ready,
    )
    desk = CountingDesk(api)
    await listener.start(api.make_app(), Address(sock=settings.sock), WAY.chosen(desk))
    async with aiohttp.ClientSession(skip_auto_headers=["Content-Type"]) as session:
        yield Door(
            listener=listener,
            api=api,
            desk=desk,
            session=session,
            token=token,
            tokens=tokens,
            authenticator=authenticator,
            buckets=buckets,
            bodies=bodies,
            settings=settings,
            pipeline=pipeline,
            telemetry=telemetry,
            clock=clock,
            log=log,
        )
    await listener.drain(1.0)
    authenticator.close()
    bodies.close()


def tokens_with_one() -> tuple[FakeTokens, str]:
    """Return a store with one ingest token, and that token."""
    tokens, token = FakeTokens(), new_token()
    tokens.add(token_record("shop", token))
    return tokens, token


def token_record(name: str, token: str, **changes: object) -> TokenRecord:
    """Return an ingest token's record, with *changes*."""
    record = TokenRecord(
        name=name,
        digest=digest(token),
        scopes=frozenset({Scope.INGEST}),
        bots=frozenset(),
        created_at=1_770_000_000.0,
    )
    return replace(record, **changes)  # type: ignore[arg-type]


async def turns(count: int = 20) -> None:
    """Give way to the server that many times: what was sent is received by then."""
    for _ in range(count):
        await asyncio.sleep(0)


async def until(condition: Callable[[], bool]) -> None:
    """Give way to the server until *condition* holds."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 - what is awaited has no event to set
            await asyncio.sleep(0)


def gzip_bomb(size_mib: int) -> bytes:
    """Return the start of a gzip stream of *size_mib* MiB of zeros, a thousandth as long."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    # After a full flush nothing refers back, so the block may be repeated.
    block = deflate.compress(bytes(16 * MIB)) + deflate.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(b"")[:10] + block * (size_mib // 16)
