"""Bodies over real sockets: encodings, framing, sizes, slowness."""

import asyncio
import gzip
import sys
import zlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from exporter.ingest.http_body import BUDGET_BODIES, FREE_BYTES, INLINE_BYTES, BodyLimits
from exporter.ingest.http_guard import LINGER_SECONDS
from exporter.model.verdicts import Refusal

from .door import EVENTS, MIB, PATIENCE_SECONDS, Door, Settings, gzip_bomb, open_door, until

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LIMIT = 256 * 1024
EVENT = b'{"type":"message_received","bot":"shop"}'


@pytest_asyncio.fixture
async def door() -> AsyncIterator[Door]:
    """Return a door that takes bodies up to 256 KiB."""
    async with open_door(Settings(bodies=BodyLimits(max_bytes=LIMIT))) as door:
        yield door


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("identity", EVENT),
        ("gzip", gzip.compress(EVENT, mtime=0)),
        ("GZip", gzip.compress(EVENT, mtime=0)),
        ("deflate", zlib.compress(EVENT)),
        ("zstd", zstd.compress(EVENT)),
    ],
)
async def test_known_encodings_are_inflated(door: Door, encoding: str, body: bytes) -> None:
    """The pipeline never sees a compressed body."""
    status, _, _ = await door.post(body, headers={"Content-Encoding": encoding})

    assert (202, [EVENT]) == (status, door.pipeline.bodies)


async def test_a_large_compressed_body_is_inflated_off_the_loop(door: Door) -> None:
    """Beyond 32 KiB on the wire a thread does it; the result is the same."""
    plain = bytes(range(256)) * (LIMIT // 256)
    body = zlib.compress(plain, 0)

    door.bodies.configure(BodyLimits(max_bytes=2 * LIMIT))

    status, _, _ = await door.post(body, headers={"Content-Encoding": "deflate"})

    assert len(body) > INLINE_BYTES
    assert (202, [plain]) == (status, door.pipeline.bodies)


@pytest.mark.parametrize("encoding", ["br", "compress", "gzip, gzip", "aws-chunked"])
async def test_unknown_and_double_encodings_are_415(door: Door, encoding: str) -> None:
    """An unknown encoding is not treated as identity: that would reject events of a good body."""
    status, answer, _ = await door.post(EVENT, headers={"Content-Encoding": encoding})

    assert (415, "unsupported_encoding") == (status, answer["error"])
    assert "zstd" in str(answer["message"])


async def test_two_encoding_headers_are_a_double_encoding(door: Door) -> None:
    """Only looking at the first would read the second as damage."""
    head = door.head(
        "Content-Encoding: gzip", "Content-Encoding: gzip", "Content-Length: 2", "Connection: close"
    )

    assert (await door.raw(head + b"{}")).startswith(b"HTTP/1.1 415 ")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
@pytest.mark.parametrize("body", [b"", b"{}", b"\x1f\x8b\x08", gzip.compress(EVENT, mtime=0)[:-9]])
async def test_a_damaged_body_is_400_without_a_traceback(
    door: Door, caplog: pytest.LogCaptureFixture, encoding: str, body: bytes
) -> None:
    """Aiohttp alone answers 500 and writes two tracebacks."""
    status, answer, _ = await door.post(body, headers={"Content-Encoding": encoding})

    assert (400, "malformed") == (status, answer["error"])
    assert [] == caplog.records
    assert ["request_refused"] == [event for event, _ in door.log.lines]


async def test_a_gzip_bomb_of_a_gibibyte_is_413() -> None:
    """A megabyte on the wire, a gibibyte inside."""
    bomb = gzip_bomb(1024)
    async with open_door() as door:
        status, answer, _ = await door.post(bomb, headers={"Content-Encoding": "gzip"})

    assert len(bomb) < 1.1 * MIB
    assert (413, "too_large") == (status, answer["error"])


async def test_a_zstd_bomb_is_413(door: Door) -> None:
    """A few kilobytes on the wire, 64 MiB inside."""
    body = zstd.compress(bytes(64 * MIB))

    status, _, _ = await door.post(body, headers={"Content-Encoding": "zstd"})

    assert 413 == status


@pytest.mark.parametrize(
    ("size", "status"), [(0, 202), (LIMIT - 1, 202), (LIMIT, 202), (LIMIT + 1, 413)]
)
async def test_the_size_limit_is_exact(door: Door, size: int, status: int) -> None:
    """Exactly the limit passes."""
    got, _, _ = await door.post(bytes(size))

    assert status == got


async def test_a_body_declared_too_large_is_refused_before_it_is_sent(door: Door) -> None:
    """The client does not have to send it to learn that."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", door.listener.port)
        writer.write(door.head(f"Content-Length: {LIMIT + 1}"))
        line = await reader.readline()
        writer.close()

    assert b"HTTP/1.1 413 Request Entity Too Large\r\n" == line


async def test_a_chunked_body_is_put_together(door: Door) -> None:
    """A client that streams does not know the length."""
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(c), c) for c in (EVENT[:7], EVENT[7:])) + b"0\r\n\r\n"

    answer = await door.raw(door.head("Transfer-Encoding: chunked", "Connection: close") + chunks)

    assert answer.startswith(b"HTTP/1.1 202 ")
    assert [EVENT] == door.pipeline.bodies


async def test_a_chunked_body_beyond_the_limit_is_413(door: Door) -> None:
    """Without a declared length the bytes are counted as they come."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(2 * LIMIT // 4096):
            yield bytes(4096)

    status, _, _ = await door.send("POST", EVENTS, data=endless(), headers=door.bearer)

    assert 413 == status


async def test_a_chunked_body_beyond_the_limit_is_refused_before_all_of_it_came(
    door: Door,
) -> None:
    """One that never ends would otherwise take memory until the deadline."""
    chunk = b"%x\r\n" % (LIMIT + 1) + bytes(LIMIT + 1) + b"\r\n"
    async with asyncio.timeout(PATIENCE_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", door.listener.port)
        writer.write(door.head("Transfer-Encoding: chunked") + chunk)
        line = await reader.readline()
        writer.close()

    assert b"HTTP/1.1 413 Request Entity Too Large\r\n" == line
    assert [] == door.pipeline.bodies


async def test_a_body_in_many_pieces_is_put_together(door: Door) -> None:
    """The network cuts where it likes."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", door.listener.port)
        request = door.head(f"Content-Length: {len(EVENT)}", "Connection: close") + EVENT
        for position in range(len(request)):
            writer.write(request[position : position + 1])
            await asyncio.sleep(0)
        answer = await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.1 202 ")
    assert [EVENT] == door.pipeline.bodies


@pytest.mark.parametrize(
    "framing",
    [
        (b"Content-Length: -2",),
        (b"Content-Length: 2", b"Content-Length: 3"),
        (b"Content-Length: 2", b"Content-Length: 2"),
        (b"Content-Length: 2", b"Transfer-Encoding: chunked"),
        (b"Content-Length: 0x2",),
        (b"Content-Length: +2",),
        (b"Content-Length: 99999999999999999999",),
        (b"Content-Length: two",),
        (b"Transfer-Encoding: gzip",),
        (b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
        (b"Header without colon",),
        (b" folded: header",),
        (b"Bad\x00Name: x",),
        (b"X: " + b"x" * 9000,),
    ],
)
async def test_broken_framing_is_400_and_closes(
    door: Door, caplog: pytest.LogCaptureFixture, framing: tuple[bytes, ...]
) -> None:
    """Two readings of one request are how requests are smuggled past a proxy."""
    head = door.head(*(line.decode("latin-1") for line in framing))

    answer = await door.raw(head + b"{}")

    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert b'"error":"malformed"' in answer
    assert {Refusal.MALFORMED: 1} == door.telemetry.refusals
    assert [] == door.pipeline.bodies
    assert [] == caplog.records


@pytest.mark.parametrize(
    "later", [b"zz\r\n", b"3\r\nabcdef\r\n", b"-1\r\n", b"ffffffffffffffffff\r\n"]
)
async def test_a_broken_chunk_in_the_middle_is_400(
    door: Door, caplog: pytest.LogCaptureFixture, later: bytes
) -> None:
    """The request was good until then; its first half counts for nothing."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", door.listener.port)
        writer.write(door.head("Transfer-Encoding: chunked", "Expect: 100-continue"))
        await reader.readuntil(b"100 Continue\r\n\r\n")  # Now the door waits for the body.
        writer.write(b"3\r\nabc\r\n" + later)
        answer = await reader.read()
        writer.close()

    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert [] == door.pipeline.bodies
    assert [] == caplog.records


async def test_a_client_that_goes_away_in_the_middle_of_its_body_is_no_defect(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody is there to answer, and nothing is wrong with us."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", door.listener.port)
        writer.write(door.head("Content-Length: 100", "Expect: 100-continue"))
        await reader.readuntil(b"100 Continue\r\n\r\n")
        writer.transport.abort()
        await until(lambda: not door.listener.open_connections and bool(door.telemetry.times))

    assert [] == door.pipeline.bodies
    assert [] == door.log.lines
    assert [] == caplog.records


async def test_a_slow_body_is_408_and_closes() -> None:
    """A client that sends its headers and then nothing holds a connection no longer than said."""
    limits = BodyLimits(timeout_seconds=0.05)
    async with open_door(Settings(bodies=limits)) as door:
        began = asyncio.get_running_loop().time()
        answer = await door.raw(door.head("Content-Length: 100") + b"half")
        seconds = asyncio.get_running_loop().time() - began

    assert seconds < LINGER_SECONDS
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"error":"too_slow"' in answer
    assert b"Connection: close\r\n" in answer
    assert {Refusal.TOO_SLOW: 1} == door.telemetry.refusals


async def test_large_bodies_share_a_budget() -> None:
    """What is in memory at once is bounded; who comes too much is told to come back."""
    size = 2 * FREE_BYTES
    async with open_door(Settings(bodies=BodyLimits(max_bytes=size))) as door:
        door.pipeline.may_end.clear()
        large = [asyncio.create_task(door.post(bytes(size))) for _ in range(3 * BUDGET_BODIES)]
        refusals = door.telemetry.refusals
        await until(lambda: len(door.pipeline.bodies) + refusals[Refusal.OVERLOADED] == len(large))
        small = asyncio.create_task(door.post(EVENT))
        await until(lambda: EVENT in door.pipeline.bodies)

        door.pipeline.may_end.set()
        statuses = [status for status, _, _ in await asyncio.gather(*large, small)]
        again, _, _ = await door.post(bytes(size))

    assert refusals[Refusal.OVERLOADED] == statuses.count(503) > 0
    assert len(statuses) == statuses.count(202) + statuses.count(503)
    assert (202, 202) == (statuses[-1], again)
