"""Raw requests with seeded wounds on sockets of their own: whatever comes, each is answered."""

import asyncio
import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from random import Random

from tests.e2e.door import Answer
from tests.fuzz.account import Account
from tests.fuzz.live import live_door
from tests.fuzz.mutate import mutated
from tests.fuzz.part import Part
from tests.fuzz.requests import requests, web_requests
from tests.torture.scenario import Stage

AT_ONCE = 200
TRIES = 3
PATIENCE_SECONDS = 30.0
WEB_SECONDS = 0.5
PIECE_BYTES = 65_536
# Most wounds leave the server waiting for more; it need not wait long.
SETTINGS = """
ingest:
  rate_limit: {events_per_second: 1000000, burst: 1000000}
  header_timeout_seconds: 1s
  body_timeout_seconds: 1s
  idle_timeout_seconds: 1s
"""
NOTHING = "nothing"  # Said to what holds no request at all.
# aiohttp's answer to a strange `Expect` where there is nothing; our own door reads past that.
EXPECTATION_FAILED = 417


@dataclass(frozen=True, slots=True)
class Side:
    """One listener: where it is, how long it may keep a connection, and what its answers are."""

    port: int
    seconds: float
    closes: bool
    judge: Callable[[Answer], None]


def run(stage: Stage) -> Account:
    """Send every request as it is, and then wounded ones; the books must be right to the event."""
    account = Account(stage.directory)
    count = stage.pick(short=250, long=40_000)
    with live_door(stage, account, SETTINGS) as door:

        def judge(answer: Answer) -> None:
            if answer.status != EXPECTATION_FAILED:
                door.hear(answer)

        side = Side(door.exporter.ingest_port, PATIENCE_SECONDS, closes=True, judge=judge)
        inputs = _inputs(requests(door.exporter.token()), stage.seed, count)
        asyncio.run(_send_all(account, side, inputs))
    return account


def run_web(stage: Stage) -> Account:
    """Send wounded requests to the internal listener, which every scanner of a network finds."""
    account = Account(stage.directory)
    count = stage.pick(short=60, long=5000)
    with live_door(stage, account, SETTINGS) as door:
        # Its deadlines are fixed and long: whoever has said nothing for a while waits for more.
        side = Side(door.exporter.web_port, WEB_SECONDS, closes=False, judge=_judge_web)
        asyncio.run(_send_all(account, side, _inputs(web_requests(), stage.seed, count)))
    return account


def _inputs(sound: list[bytes], seed: int, count: int) -> Iterator[bytes]:
    chance = Random(seed)
    yield from sound[:count]
    for _ in range(count - len(sound)):
        yield mutated(chance.choice(sound), chance, sound)


async def _send_all(account: Account, side: Side, inputs: Iterator[bytes]) -> None:
    """Send from many clients, each of which takes the next input when it is done."""
    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_ONCE):
            tasks.create_task(_client(account, side, inputs))


async def _client(account: Account, side: Side, inputs: Iterator[bytes]) -> None:
    for data in inputs:
        try:
            answers = list(_answers(await _heard(side, data)))
            account.note("+".join(str(a.status) for a in answers[:2]) or NOTHING)
            for answer in answers:
                side.judge(answer)
        except (AssertionError, OSError, ValueError) as error:
            account.breach(f"{type(error).__name__}: {error}", data)


async def _heard(side: Side, data: bytes) -> bytes:
    """
    Return what the server says.

    On a busy machine a deadline may pass before the request is read, and closing a connection
    with unread bytes destroys the answer; not every time, though.
    """
    for _ in range(TRIES):
        with suppress(ConnectionResetError):
            return await _exchange(side, data)
    raise ConnectionResetError(f"{TRIES} times in a row")


async def _exchange(side: Side, data: bytes) -> bytes:
    """Return everything the server says before it closes the connection, or has nothing to add."""
    reader, writer = await asyncio.open_connection("127.0.0.1", side.port)
    said = b""
    try:
        writer.write(data)
        while True:
            async with asyncio.timeout(side.seconds):
                more = await reader.read(PIECE_BYTES)
            if not more:
                return said
            said += more
    except TimeoutError:
        assert not side.closes, f"still open after {side.seconds:g} s; it said {said!r}"
        return said
    finally:
        writer.close()


def _judge_web(answer: Answer) -> None:
    assert answer.status < HTTPStatus.INTERNAL_SERVER_ERROR, answer
    assert "bot-exporter" == answer.headers.get("server"), answer


def _answers(said: bytes) -> Iterator[Answer]:
    """Yield the answers on a connection; ValueError when they are not HTTP."""
    file = io.BytesIO(said)
    while line := file.readline():
        version, status, _ = line.split(b" ", 2)
        if version not in (b"HTTP/1.0", b"HTTP/1.1"):
            raise ValueError(f"this is no answer: {line[:80]!r}")
        headers = {}
        while field := file.readline().strip():
            name, _, value = field.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = file.read(int(headers.get("content-length", "0")))
        if status not in (b"100", b"304") and len(body) != int(headers["content-length"]):
            raise ValueError(f"an answer was cut: {said[-200:]!r}")
        if status != b"100":
            yield Answer(int(status), headers, body)


INGEST = Part("wire", "requests of the e2e suites with seeded wounds, over raw sockets", run)
WEB = Part("web", "requests to the internal listener with seeded wounds", run_web)
