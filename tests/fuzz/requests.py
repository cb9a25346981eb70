"""Whole requests as bytes, bad ones mostly: the lists of the e2e suites, where they stand."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

from tests.e2e import test_bad_input, test_bad_input_http
from tests.e2e.bodies import LENGTHS, MARKS, NUMBERS, SHAPES, TEXTS
from tests.e2e.door import GOOD, JSON, Headers, head

POST = "POST /v1/events HTTP/1.1"
HOST = ("Host", "x")
LINES = ("Content-Type", "application/x-ndjson")
# Longer ones test limits, which wounds do not make any more interesting.
LONGEST = 4096


def requests(token: str) -> list[bytes]:
    """Return requests with a valid *token*, none longer than `LONGEST`."""
    bearer = ("Authorization", f"Bearer {token}")
    made = (*_of_http(bearer), *_of_bodies(bearer), *_sound(bearer))
    return [request for request in made if len(request) <= LONGEST]


def web_requests() -> list[bytes]:
    """Return sound requests to the internal listener."""
    gzip, openmetrics = ("Accept-Encoding", "gzip"), ("Accept", "application/openmetrics-text")
    return [
        *(head(f"GET {path} HTTP/1.1", HOST) for path in ("/", "/-/healthy", "/-/ready")),
        *(head("GET /metrics HTTP/1.1", HOST, *more) for more in ((), (gzip,), (openmetrics,))),
        # Not PUT: hundreds of reloads are for the flood gate of the log to warn of.
        head("GET /-/reload HTTP/1.1", HOST, _length(b"")),
        head("GET /-/healthy HTTP/1.1", HOST, ("Connection", "close")),
        head("POST /v1/events HTTP/1.1", HOST, _length(GOOD)) + GOOD,
    ]


def parameters(test: Callable[..., object]) -> list[tuple[Any, ...]]:
    """Return the arguments a parametrized test is called with, one tuple a call."""
    marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
    # The decorator that stands last is applied first.
    rows = [[row if isinstance(row, tuple) else (row,) for row in mark.args[1]] for mark in marks]
    return [sum(row, ()) for row in product(*rows)]


def _of_http(bearer: tuple[str, str]) -> Iterator[bytes]:
    length = _length(GOOD)
    suite = test_bad_input_http
    for headers, body in parameters(suite.test_a_request_whose_end_is_unclear_is_refused):
        yield _request(POST, bearer, headers, body)
    for (line,) in parameters(suite.test_a_line_that_is_no_request_is_refused):
        yield _request(line, bearer, [length], GOOD)
    for (data,) in parameters(suite.test_what_is_no_http_is_told_so):
        yield data
    for (path,) in parameters(suite.test_there_is_nothing_at_other_paths):
        yield _request(f"POST {path} HTTP/1.1", bearer, [length], GOOD)
    for path, method in parameters(suite.test_bots_cannot_reach_what_is_internal):
        yield _request(f"{method} {path} HTTP/1.1", bearer, [length], GOOD)
    for (method,) in parameters(suite.test_events_are_posted_and_nothing_else):
        yield _request(f"{method} /v1/events HTTP/1.1", bearer, [length], GOOD)
    for (kind,) in parameters(suite.test_other_media_types_are_refused_unread):
        yield head(POST, HOST, bearer, length, ("Content-Type", kind)) + GOOD
    for line, headers, body in parameters(suite.test_unusual_requests_are_served):
        yield _request(line, bearer, headers, body)


def _of_bodies(bearer: tuple[str, str]) -> Iterator[bytes]:
    suite = test_bad_input
    for test in (suite.test_known_encodings_are_read, suite.test_damaged_encodings_are_refused):
        for encoding, body in parameters(test):
            yield _request(POST, bearer, [_length(body), ("Content-Encoding", encoding)], body)
    for case in (*SHAPES, *MARKS, *TEXTS, *NUMBERS, *LENGTHS):
        yield _request(POST, bearer, [_length(case.body)], case.body)


def _sound(bearer: tuple[str, str]) -> Iterator[bytes]:
    """Yield requests without a mistake: wounds must find their own."""
    lines = b"\n".join([GOOD] * 3)
    yield _request(POST, bearer, [_length(GOOD)], GOOD)
    yield _request(POST, bearer, [_length(GOOD), ("Connection", "close")], GOOD)
    yield head(POST, HOST, bearer, LINES, _length(lines)) + lines
    yield _request(POST, bearer, [_length(GOOD)], GOOD) * 3
    for path in ("/v1/schema", "/openapi.json"):
        yield head(f"GET {path} HTTP/1.1", HOST, ("If-None-Match", '"x"'))


def _request(line: str, bearer: tuple[str, str], headers: Headers, body: bytes) -> bytes:
    return head(line, HOST, JSON, bearer, *headers) + body


def _length(body: Sequence[int]) -> tuple[str, str]:
    return ("Content-Length", str(len(body)))
