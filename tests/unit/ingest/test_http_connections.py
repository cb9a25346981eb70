"""Connections: deadlines, the cap, readers that do not read, and a stop that loses nothing."""

import asyncio
import contextlib
import resource
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from exporter.ingest.http_connections import Address, Listener
from exporter.ingest.http_faults import FaultLog
from exporter.ingest.http_gate import MAX_TURNED_AWAY, ConnectionLimits
from exporter.model.verdicts import Refusal

from .door import (
    MIB,
    PATIENCE_SECONDS,
    Door,
    FakeTelemetry,
    ManualClock,
    RecordedLog,
    Settings,
    open_door,
    until,
)
from .raw import connected

SHORT_SECONDS = 0.2  # Long enough for a good client on a busy machine.
MANY = 1000
OK = "Content-Length: 2"


@pytest_asyncio.fixture
async def impatient() -> AsyncIterator[Door]:
    """Return a door whose deadlines are short."""
    limits = ConnectionLimits(
        header_timeout_seconds=SHORT_SECONDS, idle_timeout_seconds=SHORT_SECONDS
    )
    async with open_door(Settings(connections=limits)) as door:
        yield door


@pytest.fixture
def many_files() -> Iterator[None]:
    """Allow both ends of a thousand connections in one process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4 * MANY)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("start", [b"", b"P", b"POST /v1/events HTTP/1.1\r\nHost: x\r\nX: "])
async def test_headers_that_do_not_arrive_are_408_and_the_connection_closes(
    impatient: Door, start: bytes
) -> None:
    """From the first byte after connecting, or from none at all."""
    answer = await impatient.raw(start)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"Connection: close\r\n" in answer
    assert b'"error":"too_slow"' in answer
    assert {Refusal.TOO_SLOW: 1} == impatient.telemetry.refusals


async def test_a_drip_of_header_bytes_does_not_extend_the_deadline(impatient: Door) -> None:
    """The deadline is for all headers together: each byte would otherwise buy more time."""
    now = asyncio.get_running_loop().time
    async with connected(impatient, b"POST /v1/events HTTP/1.1\r\nX: ") as client:
        next_drop = now()

        def is_refused() -> bool:
            nonlocal next_drop
            if now() >= next_drop and not client.writer.transport.is_closing():
                client.writer.write(b"x")
                # It never ends before the deadline, and makes no header that is too long.
                next_drop = now() + SHORT_SECONDS / 20
            return impatient.telemetry.refusals[Refusal.TOO_SLOW] == 1

        await until(is_refused)
        await until(lambda: impatient.listener.open_connections == 0)

    assert [] == impatient.pipeline.bodies


async def test_a_connection_that_went_away_is_not_counted_as_slow(impatient: Door) -> None:
    """Health checks of load balancers connect and leave."""
    for _ in range(3):
        async with connected(impatient):
            await until(lambda: impatient.telemetry.open == 1)
        await until(lambda: impatient.telemetry.open == 0)

    await impatient.raw(b"")  # Its deadline is later than theirs were.

    assert {Refusal.TOO_SLOW: 1} == impatient.telemetry.refusals


async def test_the_headers_of_a_later_request_have_a_deadline_too() -> None:
    """A good first request buys no patience for the second."""
    limits = ConnectionLimits(header_timeout_seconds=SHORT_SECONDS, idle_timeout_seconds=60)
    async with (
        open_door(Settings(connections=limits)) as door,
        connected(door, door.head(OK) + b"{}") as client,
    ):
        first = await client.answer()
        client.writer.write(b"POST /v1/ev")
        rest = await client.rest()

    assert first.startswith(b"HTTP/1.1 202 ")
    assert rest.startswith(b"HTTP/1.1 408 ")


async def test_a_half_sent_request_waits_while_the_one_before_it_is_answered() -> None:
    """Pipelining: the client is not to blame for the time we take."""
    limits = ConnectionLimits(header_timeout_seconds=SHORT_SECONDS)
    async with open_door(Settings(connections=limits)) as door:
        door.pipeline.may_end.clear()
        request = door.head(OK, "Connection: keep-alive") + b"{}"
        async with connected(door, request) as client:
            await door.pipeline.began.wait()
            client.writer.write(request[:20])
            # Another connection runs out of time after the half-sent header was noticed.
            slow = await door.raw(b"")
            door.pipeline.may_end.set()
            first = await client.answer()
            client.writer.write(request[20:])
            second = await client.answer()

    assert slow.startswith(b"HTTP/1.1 408 ")
    assert [b"HTTP/1.1 202", b"HTTP/1.1 202"] == [first[:12], second[:12]]


async def test_an_idle_connection_is_closed_without_an_answer(impatient: Door) -> None:
    """Between two requests nothing is owed."""
    async with connected(impatient, impatient.head(OK) + b"{}") as client:
        await client.answer()
        rest = await client.rest()

    assert b"" == rest
    assert {} == impatient.telemetry.refusals


@pytest.mark.usefixtures("many_files")
async def test_a_thousand_half_open_connections_are_closed_while_others_are_served() -> None:
    """Slowloris: every one is closed and counted, and good requests do not notice."""
    limits = ConnectionLimits(header_timeout_seconds=1.0)
    async with open_door(Settings(connections=limits)) as door:
        await door.post()  # From now on one connection is open and kept.
        attack = asyncio.gather(*(door.raw(b"POST /v1/events HTTP/1.1\r\n") for _ in range(MANY)))
        statuses: Counter[int] = Counter()
        while not attack.done():
            status, _, _ = await door.post()
            statuses[status] += 1
        answers = Counter(answer[:13] for answer in await attack)

    assert {b"HTTP/1.1 408 ": MANY} == answers
    assert MANY == door.telemetry.refusals[Refusal.TOO_SLOW]
    assert [202] == list(statuses)


async def test_connections_beyond_the_cap_are_503_and_the_others_go_on() -> None:
    """The cap protects those who are in; who is turned away learns why."""
    limits = ConnectionLimits(max_connections=2)
    async with open_door(Settings(connections=limits)) as door:
        request = door.head(OK) + b"{}"
        async with connected(door, request) as one, connected(door, request) as two:
            inside = [await one.answer(), await two.answer()]
            turned_away = await door.raw(request * 20)
            one.writer.write(request)
            inside.append(await one.answer())
            open_now = door.telemetry.open
        await until(lambda: door.telemetry.open == 0)
        after = await door.raw(door.head(OK, "Connection: close") + b"{}")

    assert [b"HTTP/1.1 202"] * 3 == [answer[:12] for answer in inside]
    assert turned_away.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 5\r\n" in turned_away
    assert b'"error":"too_many_connections"' in turned_away
    assert {Refusal.TOO_MANY_CONNECTIONS: 1} == door.telemetry.refusals
    assert (2, b"HTTP/1.1 202") == (open_now, after[:12])


@pytest.mark.usefixtures("many_files")
async def test_a_flood_beyond_the_cap_does_not_pile_up() -> None:
    """Only some are given the time to read their 503; the rest is cut."""
    limits = ConnectionLimits(max_connections=1)
    async with open_door(Settings(connections=limits)) as door, connected(door) as first:
        await until(lambda: door.telemetry.open == 1)
        answers = await asyncio.gather(*(door.raw(b"") for _ in range(3 * MAX_TURNED_AWAY)))
        first.writer.write(door.head(OK) + b"{}")
        inside = await first.answer()

    assert {b"HTTP/1.1 503 "} == {answer[:13] for answer in answers}
    assert 3 * MAX_TURNED_AWAY == door.telemetry.refusals[Refusal.TOO_MANY_CONNECTIONS]
    assert inside.startswith(b"HTTP/1.1 202 ")


async def test_a_client_that_does_not_read_is_cut_off() -> None:
    """Its answers fill our memory, and its connection one of the cap's places."""
    limits = ConnectionLimits(idle_timeout_seconds=SHORT_SECONDS, header_timeout_seconds=60)
    async with started(web.Response(body=bytes(32 * MIB)), limits) as (listener, telemetry):
        with socket.create_connection(("127.0.0.1", listener.port)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await until(lambda: telemetry.refusals[Refusal.TOO_SLOW] == 1)
            await until(lambda: listener.open_connections == 0)


async def test_new_connection_limits_apply_without_a_restart(impatient: Door) -> None:
    """A reload changes what starts from then on."""
    impatient.listener.configure(ConnectionLimits(max_connections=1))

    async with connected(impatient, impatient.head(OK) + b"{}") as client:
        await client.answer()
        beyond = await impatient.raw(b"")

    assert beyond.startswith(b"HTTP/1.1 503 ")


async def test_a_stop_closes_idle_connections_at_once() -> None:
    """Nothing is under way on them."""
    async with open_door() as door, connected(door, door.head(OK) + b"{}") as client:
        await client.answer()
        remaining = await door.listener.drain(PATIENCE_SECONDS)
        rest = await client.rest()

    assert (0, b"") == (remaining, rest)


async def test_a_stop_waits_for_the_answer_under_way_and_then_closes() -> None:
    """The event is being made durable; its bot must hear of it."""
    async with open_door() as door:
        door.pipeline.may_end.clear()
        async with connected(door, door.head(OK) + b"{}") as client:
            await door.pipeline.began.wait()
            stop = asyncio.create_task(door.listener.drain(PATIENCE_SECONDS))
            await until(lambda: _refuses_connections(door))
            door.pipeline.may_end.set()
            answer, remaining = await client.rest(), await stop

    assert answer.startswith(b"HTTP/1.1 202 ")
    assert b"Connection: close\r\n" in answer
    assert 0 == remaining


def _refuses_connections(door: Door) -> bool:
    try:
        return door.listener.port == 0
    except IndexError:
        return True  # The socket is closed.


async def test_a_stop_cuts_off_what_never_ends() -> None:
    """And says how many that were."""
    async with open_door() as door:
        door.pipeline.may_end.clear()
        async with connected(door, door.head(OK) + b"{}") as client:
            await door.pipeline.began.wait()
            remaining = await door.listener.drain(SHORT_SECONDS)
            rest = await client.rest()

    assert (1, b"") == (remaining, rest)


async def test_a_unix_socket_is_served_too(tmp_path: Path) -> None:
    """The control socket uses the same listener."""
    path = str(tmp_path / "control.sock")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(path)
        async with (
            started(web.Response(text="hello"), sock=sock.dup()) as (listener, _),
            aiohttp.ClientSession(connector=aiohttp.UnixConnector(path)) as session,
            session.get("http://control/") as response,
        ):
            assert (0, "hello") == (listener.port, await response.text())
            assert "bot-exporter" == response.headers["Server"]


async def test_errors_of_any_application_have_the_same_shape() -> None:
    """The internal listener answers as the public one does, without a stack."""
    async with started(web.Response()) as (listener, _), aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{listener.port}"
        async with session.get(f"{url}/nowhere") as missing, session.post(f"{url}/") as wrong:
            answers = [(missing.status, await missing.json()), (wrong.status, await wrong.json())]

    assert [(404, "not_found"), (405, "method_not_allowed")] == [
        (status, answer["error"]) for status, answer in answers
    ]


async def test_an_address_in_use_is_reported_and_nothing_is_left_open() -> None:
    """The service can say so and stop."""
    async with started(web.Response()) as (listener, _):
        second = Listener(limits=ConnectionLimits(), faults=FaultLog(RecordedLog(), ManualClock()))

        with pytest.raises(OSError, match="in use"):
            await second.start(web.Application(), Address(port=listener.port))


@contextlib.asynccontextmanager
async def started(
    response: web.Response,
    limits: ConnectionLimits | None = None,
    sock: socket.socket | None = None,
) -> AsyncIterator[tuple[Listener, FakeTelemetry]]:
    """Serve *response* at ``/``."""

    async def serve(_request: web.Request) -> web.Response:
        return response

    app = web.Application()
    app.router.add_get("/", serve)
    telemetry = FakeTelemetry()
    listener = Listener(
        limits=limits or ConnectionLimits(),
        faults=FaultLog(RecordedLog(), ManualClock()),
        telemetry=telemetry,
        grace_seconds=0.0,
    )
    await listener.start(app, Address(sock=sock))
    try:
        yield listener, telemetry
    finally:
        await listener.drain(PATIENCE_SECONDS)
