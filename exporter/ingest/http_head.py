"""
Read the head of a small, plain ``POST /v1/events``; everything else is left to aiohttp.

What is read here must mean the same to every proxy in between, so the grammar is narrower than
HTTP's: an exact request line, headers from a list of harmless ones, none of them twice, one
length in digits. A head that says more is not wrong; it is somebody else's to read.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from ..model.verdicts import RefusedError
from .http_body import FREE_BYTES, is_lines
from .openapi import EVENTS_PATH

REQUEST_LINE = b"POST %b HTTP/1.1" % EVENTS_PATH.encode()
BLANK_LINE = b"\r\n\r\n"
MAX_HEAD_BYTES = 2048
REMEMBERED_HEADS = 1024  # A client repeats itself but for the length: at most 2 MiB.

# Headers that change nothing of what a request means here.
HARMLESS = frozenset(
    {
        b"accept",
        b"accept-encoding",
        b"accept-language",
        b"baggage",
        b"date",
        b"forwarded",
        b"origin",
        b"traceparent",
        b"tracestate",
        b"user-agent",
        b"via",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-proto",
        b"x-real-ip",
        b"x-request-id",
    }
)
READ = frozenset({b"host", b"authorization", b"connection", b"content-type", b"content-length"})
_HEADER = re.compile(
    rb"([A-Za-z][A-Za-z-]*):[ \t]*([\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)[ \t]*"
)
_LENGTH = re.compile(rb"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Head:
    """What a plain head says: who sends, in which form, and how many bytes follow."""

    authorization: str | None
    ndjson: bool
    body_bytes: int


@lru_cache(maxsize=REMEMBERED_HEADS)
def read_head(head: bytes) -> Head | None:
    """Return what *head*, without its blank line, says; None when it is not a plain one."""
    request_line, *lines = head.split(b"\r\n")
    headers = _headers(lines)
    if request_line != REQUEST_LINE or headers is None or b"host" not in headers:
        return None
    length = headers.get(b"content-length", b"")
    if not _LENGTH.fullmatch(length) or int(length) > FREE_BYTES:
        return None
    if headers.get(b"connection", b"keep-alive").lower() != b"keep-alive":
        return None
    try:
        ndjson = is_lines(headers.get(b"content-type", b"").decode("ascii"))
    except RefusedError:
        return None
    authorization = headers.get(b"authorization")
    sender = None if authorization is None else authorization.decode("ascii")
    return Head(sender, ndjson, int(length))


def _headers(lines: list[bytes]) -> dict[bytes, bytes] | None:
    """Return the headers by lower-case name; None when one of them needs a closer look."""
    headers: dict[bytes, bytes] = {}
    for line in lines:
        match = _HEADER.fullmatch(line)
        if match is None:
            return None
        name = match[1].lower()
        if name in HARMLESS:
            continue
        if name not in READ or name in headers:
            return None
        headers[name] = match[2]
    return headers
