"""The short way: pieces, pipelines, the way over to aiohttp, and a stop that loses nothing."""

import asyncio
import time

import pytest

from exporter.ingest import http_gate
from exporter.ingest.http_body import BodyLimits
from exporter.ingest.http_gate import ConnectionLimits
from exporter.model.ports import Outcome
from exporter.model.verdicts import Reason, Refusal, RefusedError, Rejected

from .door import Settings, open_door, turns, until
from .raw import connected

TWO = "Content-Length: 2"
GET = b"GET /openapi.json HTTP/1.1\r\nHost: bots\r\n\r\n"
REJECTED = Rejected(0, Reason.BAD_NAME, "$.bot", "no")


async def passed(seconds: float) -> None:
    """Return when a deadline of the server is certainly over."""
    end = time.monotonic() + seconds
    await until(lambda: time.monotonic() >= end)


async def test_requests_on_one_connection_are_answered_one_after_the_other() -> None:
    """Also when the client does not wait: each answer is that of its request, in order."""
    async with open_door() as door, connected(door) as client:
        bodies = [b'{"n":%d}' % n for n in range(30)]
        client.writer.write(b"".join(door.head(f"Content-Length: {len(b)}") + b for b in bodies))

        answers = [await client.answer() for _ in bodies]

        assert {202} == {int(answer.split(b" ")[1]) for answer in answers}
        assert bodies == door.pipeline.bodies
        assert len(bodies) == door.desk.answered


@pytest.mark.parametrize("size", [1, 7, 64])
async def test_a_body_in_pieces_is_put_together(size: int) -> None:
    """Many clients send the head in one packet and the body in the next ones."""
    body = bytes(range(32, 96))
    async with open_door() as door, connected(door) as client:
        client.writer.write(door.head(f"Content-Length: {len(body)}"))
        for start in range(0, len(body), size):
            await turns(3)
            client.writer.write(body[start : start + size])

        assert (await client.answer()).startswith(b"HTTP/1.1 202 ")
        assert ([body], 1) == (door.pipeline.bodies, door.desk.answered)


async def test_a_head_in_pieces_is_left_to_aiohttp() -> None:
    """It is answered all the same."""
    async with open_door() as door, connected(door) as client:
        head = door.head(TWO)
        client.writer.write(head[:40])
        await until(lambda: door.telemetry.open == 1)
        await turns()  # So that the halves do not arrive together.
        client.writer.write(head[40:] + b"{}")

        assert (await client.answer()).startswith(b"HTTP/1.1 202 ")
        assert ([b"{}"], 0) == (door.pipeline.bodies, door.desk.answered)


async def test_a_body_that_takes_its_time_has_the_configured_time() -> None:
    """The short way gives it up after a second; aiohttp waits for as long as it may take."""
    settings = Settings(bodies=BodyLimits(timeout_seconds=0.2))
    async with open_door(settings) as door, connected(door) as client:
        client.writer.write(door.head("Content-Length: 3") + b"{")

        answer = await client.rest()

        assert answer.startswith(b"HTTP/1.1 408 ")
        assert {Refusal.TOO_SLOW: 1} == door.telemetry.refusals
        assert [] == door.pipeline.bodies


async def test_a_late_rest_of_a_body_is_still_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes that came first are not lost on the way over."""
    monkeypatch.setattr(http_gate, "SMALL_BODY_SECONDS", 0.01)
    async with open_door() as door, connected(door) as client:
        client.writer.write(door.head("Content-Length: 4") + b"[{")
        await passed(0.1)
        client.writer.write(b"}]")

        assert (await client.answer()).startswith(b"HTTP/1.1 202 ")
        assert ([b"[{}]"], 0) == (door.pipeline.bodies, door.desk.answered)


async def test_a_connection_goes_over_to_aiohttp_behind_the_requests_before() -> None:
    """Order holds, and what comes later on that connection stays with aiohttp."""
    async with open_door() as door, connected(door) as client:
        door.pipeline.may_end.clear()
        plain = door.head(TWO) + b"{}"
        client.writer.write(plain + GET + plain)
        await door.pipeline.began.wait()
        door.pipeline.may_end.set()

        answers = [await client.answer() for _ in range(3)]

        assert [202, 200, 202] == [int(answer.split(b" ")[1]) for answer in answers]
        assert (2, 1) == (len(door.pipeline.bodies), door.desk.answered)


@pytest.mark.parametrize("line", ["Content-Encoding: gzip", "X-Custom: 1", "Expect: 100-continue"])
async def test_a_request_with_more_to_it_is_not_plain(line: str) -> None:
    """It is answered, by the long way."""
    async with open_door() as door, connected(door) as client:
        client.writer.write(door.head(TWO, line, "Connection: close") + b"{}")
        await client.rest()

        assert 0 == door.desk.answered


async def test_a_wrong_token_is_refused_once_and_before_the_body() -> None:
    """The check on the short way counts nothing."""
    async with open_door() as door, connected(door) as client:
        client.writer.write(door.head("Content-Length: 9").replace(b"Bearer bo_", b"Bearer bo_x"))

        assert (await client.answer()).startswith(b"HTTP/1.1 401 ")
        assert {Refusal.UNAUTHENTICATED: 1} == door.telemetry.refusals
        assert 0 == door.desk.answered


async def test_a_body_over_a_small_limit_is_too_large() -> None:
    """The limit may be set below what the short way takes."""
    settings = Settings(bodies=BodyLimits(max_bytes=10))
    async with open_door(settings) as door, connected(door) as client:
        client.writer.write(door.head("Content-Length: 11") + b" " * 11)

        assert (await client.answer()).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Outcome(1, 1, [REJECTED]), 202), (Outcome(0, 0, [REJECTED]), 400)],
)
async def test_verdicts_are_the_same_as_on_the_long_way(outcome: Outcome, status: int) -> None:
    """And the connection goes on."""
    async with open_door() as door, connected(door) as client:
        door.pipeline.outcome = outcome
        for _ in range(2):
            client.writer.write(door.head(TWO) + b"{}")
            answer = await client.answer()

            assert int(answer.split(b" ")[1]) == status
            assert b'"rejected":[{"index":0,' in answer
        assert 2 == door.desk.answered


async def test_a_refusal_behind_the_door_says_when_to_come_back() -> None:
    """It is counted, logged with its id, and the connection goes on."""
    async with open_door() as door, connected(door) as client:
        door.pipeline.error = RefusedError(Refusal.LOG_FULL, "full", retry_after_seconds=30)
        for _ in range(2):
            client.writer.write(door.head(TWO) + b"{}")
            answer = await client.answer()

            assert answer.startswith(b"HTTP/1.1 507 ")
            assert b"\r\nRetry-After: 30\r\n" in answer
            assert b"Connection: close" not in answer
        assert {Refusal.LOG_FULL: 2} == door.telemetry.refusals


async def test_a_defect_is_a_500_without_a_word_of_it_and_closes() -> None:
    """The log has its type and place."""
    async with open_door() as door, connected(door) as client:
        door.pipeline.error = RuntimeError("secret")
        client.writer.write(door.head(TWO) + b"{}")
        answer = await client.rest()

        assert answer.startswith(b"HTTP/1.1 500 ")
        assert b"\r\nConnection: close\r\n" in answer
        assert b"secret" not in answer
        assert ["request_failed"] == [event for event, _ in door.log.lines]


async def test_a_client_that_leaves_does_not_stop_its_commit() -> None:
    """Its retry will find the events known."""
    async with open_door() as door:
        door.pipeline.may_end.clear()
        async with connected(door, door.head(TWO) + b"{}"):
            await door.pipeline.began.wait()
        await until(lambda: door.telemetry.open == 0)
        door.pipeline.may_end.set()
        await until(lambda: len(door.telemetry.times) == 1)

        assert [] == door.log.lines


async def test_a_client_that_sends_ahead_is_slowed_down_not_lost() -> None:
    """What waits behind a slow commit is bounded by not reading more."""
    async with open_door() as door, connected(door) as client:
        door.pipeline.may_end.clear()
        body = b" " * 60_000
        for _ in range(200):
            client.writer.write(door.head(f"Content-Length: {len(body)}") + body)
        await door.pipeline.began.wait()
        await turns(500)
        unsent = client.writer.transport.get_write_buffer_size()
        door.pipeline.may_end.set()

        answers = [await client.answer() for _ in range(200)]

        assert unsent > 0
        assert 200 == len(answers) == len(door.pipeline.bodies)


async def test_a_stop_answers_what_is_under_way_and_says_so() -> None:
    """A client learns that it must connect anew."""
    async with open_door() as door, connected(door) as client:
        door.pipeline.may_end.clear()
        client.writer.write(door.head(TWO) + b"{}")
        await door.pipeline.began.wait()
        drained = asyncio.create_task(door.listener.drain(5.0))
        await turns()
        door.pipeline.may_end.set()
        answer = await client.rest()

        assert answer.startswith(b"HTTP/1.1 202 ")
        assert b"\r\nConnection: close\r\n" in answer
        assert 0 == await drained


async def test_a_slow_commit_outlives_the_idle_time_out() -> None:
    """The disk may be slower than a connection may be idle."""
    limits = ConnectionLimits(idle_timeout_seconds=0.1)
    async with open_door(Settings(connections=limits)) as door, connected(door) as client:
        client.writer.write(door.head(TWO) + b"{}")
        await client.answer()
        door.pipeline.may_end.clear()
        client.writer.write(door.head(TWO) + b"{}")
        await passed(0.3)
        door.pipeline.may_end.set()

        assert (await client.answer()).startswith(b"HTTP/1.1 202 ")
        assert b"" == await client.rest()  # Now it is idle, and is closed.
