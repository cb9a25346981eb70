"""What counts as a plain head, and that nothing ambiguous does."""

import pytest

from exporter.ingest.http_body import FREE_BYTES
from exporter.ingest.http_head import MAX_HEAD_BYTES, Head, read_head

LINES = (
    b"POST /v1/events HTTP/1.1",
    b"Host: bots",
    b"Authorization: Bearer bo_x",
    b"Content-Type: application/json",
    b"Content-Length: 12",
)


def head(*more: bytes, without: bytes = b"-") -> bytes:
    """Return a plain head with *more* lines, and without the line that starts with *without*."""
    return b"\r\n".join((*(line for line in LINES if not line.startswith(without)), *more))


def test_a_plain_head_says_who_sends_how_much_of_what() -> None:
    """The three things that the answer depends on."""
    assert Head("Bearer bo_x", ndjson=False, body_bytes=12) == read_head(head())


def test_the_media_type_of_lines_is_known() -> None:
    """Also with its charset, in any case."""
    lines = b"Content-Type: Application/X-NDJSON; charset=UTF-8"

    found = read_head(head(lines, without=b"Content-Type"))

    assert found is not None
    assert found.ndjson


@pytest.mark.parametrize(
    "line",
    [
        b"User-Agent: python-requests/2.32",
        b"Accept-Encoding: gzip, deflate",
        b"X-Forwarded-For: 203.0.113.7, 10.0.0.1",
        b"Connection: Keep-Alive",
        b"traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        b"Accept:*/*",
        b"Accept:\t*/* ",
    ],
)
def test_headers_that_change_nothing_are_passed_over(line: bytes) -> None:
    """Every client and proxy sends some."""
    assert read_head(head()) == read_head(head(line))


@pytest.mark.parametrize(
    "line",
    [
        b"Transfer-Encoding: chunked",
        b"transfer-encoding: identity",
        b"Content-Encoding: gzip",
        b"Expect: 100-continue",
        b"Upgrade: h2c",
        b"TE: trailers",
        b"Trailer: X",
        b"Connection: close",
        b"Connection: keep-alive, upgrade",
        b"Content-Length: 12",  # Twice, even when they agree.
        b"Host: other",
        b"Authorization: Bearer bo_y",
        b"Content-Type: application/json",
        b"X-Unknown: 1",
        b" folded: line",
        b"Accept : space before the colon",
        b"Accept",
        b": no name",
        b"Accept: \x00",
        b"Accept: a\rb",
        b"Accept: a\nTransfer-Encoding: chunked",
        b"Accept: \xe4",
        b"Content_Length: 3",
        b"",
    ],
)
def test_a_head_that_says_more_is_left_to_a_whole_parser(line: bytes) -> None:
    """What two parsers could read differently is read by one of them only."""
    assert read_head(head(line)) is None


@pytest.mark.parametrize(
    "value", [b"", b"-1", b"+12", b"1_2", b"0x10", b"1 2", b"12,12", b"999999", b"\xb2"]
)
def test_a_length_is_digits_and_small(value: bytes) -> None:
    """Python's `int` reads more than HTTP allows."""
    assert read_head(head(b"Content-Length: " + value, without=b"Content-Length")) is None


def test_the_largest_body_of_the_short_way_needs_no_budget() -> None:
    """Bodies above it share the memory that is set aside for all."""
    sizes = [FREE_BYTES, FREE_BYTES + 1]

    heads = [read_head(head(b"Content-Length: %d" % n, without=b"Content-Length")) for n in sizes]

    assert [True, False] == [found is not None for found in heads]


@pytest.mark.parametrize(
    "request_line",
    [
        b"POST /v1/events HTTP/1.0",
        b"POST /v1/events?x=1 HTTP/1.1",
        b"POST http://bots/v1/events HTTP/1.1",
        b"POST  /v1/events HTTP/1.1",
        b"POST /v1//events HTTP/1.1",
        b"post /v1/events HTTP/1.1",
        b"GET /v1/events HTTP/1.1",
        b"\r\nPOST /v1/events HTTP/1.1",
        b"POST /v1/events HTTP/1.1 ",
    ],
)
def test_only_the_exact_request_line_is_plain(request_line: bytes) -> None:
    """Everything else goes through the router."""
    assert read_head(head(without=b"POST").join((request_line + b"\r\n", b""))) is None


@pytest.mark.parametrize("missing", [b"Host", b"Content-Length"])
def test_host_and_length_must_be_there(missing: bytes) -> None:
    """HTTP/1.1 demands the one, and without the other nobody knows where the request ends."""
    assert read_head(head(without=missing)) is None


@pytest.mark.parametrize("missing", [b"Authorization", b"Content-Type"])
def test_sender_and_type_may_be_missing(missing: bytes) -> None:
    """Anonymous sending may be allowed, and untyped bodies are read as JSON."""
    assert read_head(head(without=missing)) is not None


def test_a_media_type_that_is_refused_is_refused_by_the_long_way() -> None:
    """It has the words for it."""
    assert read_head(head(b"Content-Type: image/png", without=b"Content-Type")) is None


def test_a_head_fits_into_one_packet_or_two() -> None:
    """A longer one is unusual enough for the long way."""
    assert len(head()) < MAX_HEAD_BYTES
