"""Too much of everything over real sockets: connections, patience, bad requests."""

import select
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.door import GOOD, JSON, PATIENCE_SECONDS, Door, Wire, head
from tests.support.server import Exporter
from tests.support.waiting import wait_until

POST, HOST = "POST /v1/events HTTP/1.1", ("Host", "x")
HALF_SENT = 300
BAD_REQUESTS, PIPELINE, MOST_LINES = 10_000, 100, 100
SETTINGS = """
ingest:
  header_timeout_seconds: 1s
  body_timeout_seconds: 1s
  max_connections: 350
"""


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, promtool: Path) -> Iterator[Door]:
    """Return the door of an exporter that gives its clients one second."""
    with Exporter(tmp_path_factory.mktemp("flood"), settings=SETTINGS) as exporter:
        yield Door(exporter, promtool)


@pytest.fixture(autouse=True)
def _unharmed(door: Door) -> Iterator[None]:
    """After each test: the next event is taken, the books are right, every number is finite."""
    yield
    door.check_unharmed()


def length(body: bytes) -> tuple[str, str]:
    """Return the header that tells the length of *body*."""
    return ("Content-Length", str(len(body)))


def test_half_sent_headers_do_not_stay(door: Door) -> None:
    """Aiohttp alone keeps them for ever; here each is told 408, and others are served meanwhile."""
    connections = [door.connect() for _ in range(HALF_SENT)]
    for connection in connections:
        connection.send(b"POST /v1/events HTTP/1.1\r\nHost: ")

    meanwhile = door.post(GOOD)
    answers = [door.read(connection) for connection in connections]

    assert 202 == meanwhile.status
    assert {(408, "too_slow")} == {(answer.status, answer.reason) for answer in answers}
    _close(connections)


def test_half_sent_bodies_do_not_stay(door: Door) -> None:
    """Nor those that come a byte at a time."""
    authorization = ("Authorization", f"Bearer {door.exporter.token()}")
    start = head(POST, HOST, JSON, authorization, length(GOOD)) + GOOD[:5]

    with door.connect() as connection:
        connection.send(start)
        for byte in GOOD[5:-1]:
            if select.select([connection], [], [], 0.1)[0]:
                break
            connection.send(bytes([byte]))
        answer = door.read(connection)

    assert (408, "too_slow") == (answer.status, answer.reason)


def test_connections_beyond_the_limit_are_told_so(door: Door) -> None:
    """With the time to come back; it is one of the two documented answers above 500."""
    connections = [door.connect() for _ in range(351)]

    readable, _, _ = select.select(connections, [], [], PATIENCE_SECONDS)
    answer = door.read(readable[0])

    assert (503, "too_many_connections") == (answer.status, answer.reason)
    assert int(answer.headers["retry-after"]) >= 1
    _close(connections)
    # They leave one after the other, so the first try may still be one too many.
    wait_until(
        lambda: door.post(GOOD).status == 202, seconds=PATIENCE_SECONDS, what="there is room again"
    )


def test_ten_thousand_bad_requests_do_not_flood_the_log(door: Door) -> None:
    """At most a hundred lines; the counters have them all."""
    before = len(lines(door))
    kinds = bad_requests(door)

    for start in range(0, BAD_REQUESTS, PIPELINE):
        with door.connect() as wire:
            wire.send(b"".join(kinds[n % len(kinds)] for n in range(start, start + PIPELINE)))
            statuses = {door.read(wire).status for _ in range(PIPELINE)}
            assert statuses <= {400, 401, 404, 405, 415}

    assert len(lines(door)) - before <= MOST_LINES
    scrape = door.check_text()
    assert 1 <= scrape.total("bot_exporter_requests_refused_total")


def bad_requests(door: Door) -> list[bytes]:
    """Return requests that are refused in every way that leaves the connection open."""
    bearer = ("Authorization", f"Bearer {door.exporter.token()}")
    bodies = [b"{}", b"", b"[", b"null", b'{"type":"heartbeat","bot":"\xff"}', b'{"type":"x"}']
    none = length(b"")
    return [
        *(head(POST, HOST, JSON, bearer, length(body)) + body for body in bodies),
        head(POST, HOST, JSON, none),
        head(POST, HOST, none, ("Authorization", "Bearer bo_x")),
        head(POST, HOST, bearer, none, ("Content-Type", "text/html")),
        head(POST, HOST, bearer, none, JSON, ("Content-Encoding", "br")),
        head("GET /nothing HTTP/1.1", HOST),
        head("GET /v1/events HTTP/1.1", HOST),
    ]


def lines(door: Door) -> list[bytes]:
    """Return the lines the exporter wrote so far."""
    return door.exporter.output.read_bytes().splitlines()


def _close(connections: list[Wire]) -> None:
    for connection in connections:
        connection.close()
