"""Bad HTTP over real sockets: a clear answer and a closed matter."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.door import GOOD, JSON, Door, Headers, Wire, head
from tests.support.server import Exporter

POST = "POST /v1/events HTTP/1.1"
LENGTH = ("Content-Length", str(len(GOOD)))
CHUNKED = ("Transfer-Encoding", "chunked")
END = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """Return *data* as a chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, promtool: Path) -> Iterator[Door]:
    """Return the door of an exporter that serves the whole module."""
    with Exporter(tmp_path_factory.mktemp("http")) as exporter:
        yield Door(exporter, promtool)


@pytest.fixture(autouse=True)
def _unharmed(door: Door) -> Iterator[None]:
    """After each test: the next event is taken, the books are right, every number is finite."""
    yield
    door.check_unharmed()


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ([("Content-Length", "-1")], GOOD),
        ([("Content-Length", "+31")], GOOD),
        ([("Content-Length", "many")], GOOD),
        ([("Content-Length", "9" * 20)], GOOD),
        ([LENGTH, LENGTH], GOOD),
        ([LENGTH, ("Content-Length", "5")], GOOD),
        ([("Content-Length", "31, 31")], GOOD),
        ([LENGTH, CHUNKED], END),
        ([CHUNKED, LENGTH], chunk(GOOD) + END),
        ([("Transfer-Encoding", "gzip")], GOOD),
        ([("Transfer-Encoding", "chunked, chunked")], chunk(GOOD) + END),
        ([("Transfer-Encoding ", "chunked"), LENGTH], GOOD),
        ([CHUNKED], b"zz\r\n" + GOOD),
        ([CHUNKED], b"-1\r\n" + GOOD),
        ([CHUNKED], b"5\r\n" + GOOD + b"\r\n" + END),
        ([CHUNKED], b"f" * 17 + b"\r\n" + GOOD),
        ([LENGTH, ("X-Big", "x" * 100_000)], GOOD),
        ([LENGTH, ("X" * 100_000, "x")], GOOD),
        ([LENGTH, *((f"X-{n}", "x") for n in range(1000))], GOOD),
        ([LENGTH, ("Host", "y")], GOOD),
        ([LENGTH, ("Content-Type", "text/html")], GOOD),
        ([LENGTH, ("X ", "space in the name")], GOOD),
        ([LENGTH, ("X", "a\0b")], GOOD),
        ([LENGTH, ("X", "folded\r\n line")], GOOD),
    ],
)
def test_a_request_whose_end_is_unclear_is_refused(
    door: Door, headers: Headers, body: bytes
) -> None:
    """Proxies that read it otherwise would let one client speak for another."""
    answer = door.request(POST, *headers, body=body)

    assert (400, "malformed") == (answer.status, answer.reason)


@pytest.mark.parametrize(
    "line",
    [
        "BREW /v1/events HTTP/1.1",
        "P@ST /v1/events HTTP/1.1",
        "post /v1/events HTTP/1.1",
        "POST /v1/events",
        "POST /v1/events HTTP/0.9",
        "POST /v1/events HTTP/1.2",
        "POST /v1/events HTTP/11",
        "POST /v1/events XTTP/1.1",
        "POST v1/events HTTP/1.1",
        "POST * HTTP/1.1",
        "POST /v1/\xe9vents HTTP/1.1",
        f"POST /v1/events?{'x' * 100_000} HTTP/1.1",
    ],
)
def test_a_line_that_is_no_request_is_refused(door: Door, line: str) -> None:
    """And the connection is closed: what follows cannot be understood."""
    answer = door.request(line, LENGTH)

    assert (400, "malformed") == (answer.status, answer.reason)
    assert "close" == answer.headers.get("connection", "close")


@pytest.mark.parametrize(
    "data",
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100),
        b"\xff\xfe\x00\x01\r\n\r\n",
        head(POST, ("Host", "x")).replace(b"\r\n", b"\n"),
        b"nonsense\r\n\r\n",
        b"POST /v1/events HTTP/1.1\r\nHost: x\r\nno colon here\r\n\r\n",
        b"POST /v1/events HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["HTTP/2", "TLS", "bytes", "bare line feeds", "a word", "no colon", "no host"],
)
def test_what_is_no_http_is_told_so(door: Door, data: bytes) -> None:
    """By an answer that any HTTP client can read."""
    answer = door.exchange(data)

    assert (400, "malformed") == (answer.status, answer.reason)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v1/events/",
        "//v1/events",
        "/v1//events",
        "/v1/events%00",
        "/v1/events%2f",
        "/v1/../v1/events",
        "/v1/..%2fmetrics",
        "/%2e%2e/metrics",
        "/etc/passwd",
        "/static/../../etc/passwd",
        "/.git/config",
        "http://127.0.0.1:10351/metrics",
    ],
)
def test_there_is_nothing_at_other_paths(door: Door, path: str) -> None:
    """No path is tidied into one that exists, and no host in it is ever asked."""
    answer = door.request(f"POST {path} HTTP/1.1", LENGTH)

    assert (404, "not_found") == (answer.status, answer.reason)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/metrics?a=/v1/events",
        "/-/healthy",
        "/-/ready",
        "/-/reload",
        "/-/quit",
        "/probe",
        "/api/v1/query",
        "/debug/pprof",
        "/status/../metrics",
    ],
)
def test_bots_cannot_reach_what_is_internal(door: Door, method: str, path: str) -> None:
    """Metrics, health and administration are on another listener."""
    assert 404 == door.request(f"{method} {path} HTTP/1.1", LENGTH).status


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_events_are_posted_and_nothing_else(door: Door, method: str) -> None:
    """The answer names the method."""
    answer = door.request(f"{method} /v1/events HTTP/1.1", LENGTH)

    assert (405, "method_not_allowed") == (answer.status, answer.reason)
    assert "POST" == answer.headers["allow"]


@pytest.mark.parametrize(
    "kind",
    [
        "text/html",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/json; charset=cp1251",
        "application/json; charset=utf-16",
        "application/json, text/html",
        "nonsense",
        "\xff",
        "x" * 5000,
    ],
)
def test_other_media_types_are_refused_unread(door: Door, kind: str) -> None:
    """A body must not be guessed at."""
    answer = door.post(GOOD, ("Content-Type", kind))

    assert (415, "unsupported_media_type") == (answer.status, answer.reason)


@pytest.mark.parametrize(
    ("line", "headers", "body"),
    [
        (POST, [CHUNKED], chunk(GOOD) + END),
        (POST, [CHUNKED], chunk(GOOD[:7]) + chunk(GOOD[7:]) + b"0\r\nX: trailer\r\n\r\n"),
        (POST, [LENGTH, ("Expect", "a miracle")], GOOD),
        (POST, [LENGTH, ("Upgrade", "websocket"), ("Connection", "Upgrade")], GOOD),
        ("POST http://bots.example/v1/events HTTP/1.1", [LENGTH], GOOD),
        ("POST /v1/events?utm_source=x HTTP/1.1", [LENGTH], GOOD),
        ("POST /v1/events HTTP/1.0", [LENGTH], GOOD),
    ],
)
def test_unusual_requests_are_served(door: Door, line: str, headers: Headers, body: bytes) -> None:
    """The standard allows them."""
    assert 202 == door.request(line, *headers, body=body).status


def test_a_request_without_a_length_has_no_body(door: Door) -> None:
    """So it is empty, whatever follows."""
    answer = door.request(POST, body=b"")

    assert (400, "malformed") == (answer.status, answer.reason)


def test_a_body_that_is_declared_too_large_is_not_awaited(door: Door) -> None:
    """The answer comes before the body does."""
    answer = door.request(POST, ("Content-Length", str(11 * 2**20)), body=b"")

    assert (413, "too_large") == (answer.status, answer.reason)


def test_chunks_beyond_the_limit_are_cut_off(door: Door) -> None:
    """No length was declared, so they are counted."""
    body = chunk(b" " * 2**20) * 11 + END

    answer = door.request(POST, CHUNKED, body=body)

    assert (413, "too_large") == (answer.status, answer.reason)


def test_a_request_cannot_hide_in_the_body_of_another(door: Door) -> None:
    """A length and chunks at once: one answer, and the connection ends."""
    hidden = head("GET /v1/schema HTTP/1.1", ("Host", "x"))
    body = END + hidden
    data = head(POST, ("Host", "x"), JSON, ("Content-Length", str(len(body))), CHUNKED) + body

    with door.connect() as connection:
        connection.send(data)
        answer = door.read(connection)
        rest = connection.rest()

    assert (400, b"") == (answer.status, rest)


def test_pipelined_requests_are_answered_in_their_order(door: Door) -> None:
    """A bad one between two good ones harms neither."""
    bodies = [GOOD, b"{}", b"[]", GOOD]
    authorization = ("Authorization", f"Bearer {door.exporter.token()}")
    requests = [
        head(POST, ("Host", "x"), JSON, authorization, ("Content-Length", str(len(body)))) + body
        for body in bodies
    ]

    with door.connect() as connection:
        connection.send(b"".join(requests))
        statuses = [door.read(connection).status for _ in bodies]

    assert [202, 400, 202, 202] == statuses


def test_a_client_that_leaves_in_the_middle_is_forgotten(door: Door) -> None:
    """At every point of a request."""
    data = head(POST, ("Host", "x"), JSON, LENGTH) + GOOD

    for end in range(0, len(data), 7):
        with door.connect() as connection:
            connection.send(data[:end])

    assert 202 == door.post(GOOD).status


def test_the_internal_listener_survives_bad_http_as_well(door: Door) -> None:
    """A scanner of the network sends it everywhere."""
    for data in (b"\xff" * 100 + b"\r\n\r\n", b"GET / HTTP/9\r\n\r\n", head("GET /%00 HTTP/1.1")):
        with Wire(door.exporter.web_port) as connection:
            connection.send(data)
            assert connection.read().status in {400, 404}

    assert 200 == door.exporter.get("/-/ready")[0]
    door.check_text()


def test_nothing_of_this_put_a_traceback_into_the_log(door: Door) -> None:
    """Bad input is no defect: no error, no warning."""
    lines = door.exporter.output.read_text()

    assert "Traceback" not in lines
    assert "level=error" not in lines
    assert "level=warning" not in lines
