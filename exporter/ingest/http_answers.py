"""Every answer of the ingest door: which status, which headers, which body."""

import math
import secrets
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus

import msgspec
from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.helpers import rfc822_formatted_time

from ..model.ports import Outcome
from ..model.verdicts import Refusal, RefusedError
from .statuses import RETRY_SECONDS, STATUS, status_of

SERVER = "bot-exporter"  # No version: it would tell an attacker which holes to try.
JSON = "application/json"

_ACCEPTED = (
    b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nServer: bot-exporter\r\n"
    b"Date: %b\r\nContent-Length: %d\r\n%b\r\n%b"
)
CLOSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.INTERNAL_SERVER_ERROR})


class ErrorBody(msgspec.Struct):
    """What a client reads when a request is refused as a whole."""

    error: str
    message: str
    request_id: str


def new_request_id() -> str:
    """Return an id that ties an answer to a log line."""
    return secrets.token_hex(8)


def refusal(error: RefusedError, request_id: str) -> web.Response:
    """Return the answer to a request that is refused as a whole."""
    status = STATUS[error.refusal]
    headers = _refusal_headers(error)
    return failure(status, ErrorBody(error.refusal, error.message, request_id), headers)


def failure(
    status: HTTPStatus, body: ErrorBody, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return an error answer in the one shape all of them have."""
    response = document(msgspec.json.encode(body), status=status)
    if headers:
        response.headers.update(headers)
    if status in CLOSING:
        response.force_close()
    return response


def verdicts(outcome: Outcome) -> web.StreamResponse:
    """Return what became of each event."""
    if not outcome.rejected:
        return AllAccepted(outcome.accepted, outcome.duplicates)
    return document(msgspec.json.encode(outcome), status=status_of(outcome))


class AllAccepted(web.StreamResponse):
    """
    The answer to almost every request, written in one piece.

    It leaves out what `web.Response` does for answers in general: a third of the time aiohttp
    needs for a request with one event.
    """

    def __init__(self, accepted: int, duplicates: int) -> None:
        # Not super().__init__(): building a header map is most of what is saved.
        self._status = HTTPStatus.ACCEPTED
        self._reason = HTTPStatus.ACCEPTED.phrase
        self._answer = b'{"accepted":%d,"duplicates":%d,"rejected":[]}' % (accepted, duplicates)

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter:
        """Write the answer."""
        if self._keep_alive is None:
            self._keep_alive = request.keep_alive and request.version == HttpVersion11
        end = b"" if self._keep_alive else b"Connection: close\r\n"
        body = self._answer
        writer = self._payload_writer = request.writer
        await writer.write(_ACCEPTED % (_date(rfc822_formatted_time()), len(body), end, body))
        return writer

    async def write_eof(self, data: bytes = b"") -> None:  # noqa: ARG002 - aiohttp's signature
        """Wait while the client does not read."""
        if self._payload_writer is not None:
            await self._payload_writer.drain()
        self._eof_sent = True


def document(body: bytes, *, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    """Return a JSON answer."""
    return web.Response(body=body, status=status, headers={"Content-Type": JSON, "Server": SERVER})


def raw(refused: Refusal, message: str) -> bytes:
    """Return a whole answer for a connection that has no request yet; it closes afterwards."""
    status = STATUS[refused]
    error = RefusedError(refused, message)
    body = msgspec.json.encode(ErrorBody(refused, message, new_request_id()))
    headers = {
        "Content-Type": JSON,
        "Content-Length": str(len(body)),
        "Server": SERVER,
        "Connection": "close",
        **_refusal_headers(error),
    }
    lines = [f"HTTP/1.1 {status} {status.phrase}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@lru_cache(maxsize=2)
def _date(text: str) -> bytes:
    return text.encode("ascii")


def _refusal_headers(error: RefusedError) -> dict[str, str]:
    headers: dict[str, str] = {}
    if error.refusal is Refusal.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    seconds = error.retry_after_seconds or RETRY_SECONDS.get(error.refusal)
    if seconds is not None:
        headers["Retry-After"] = str(max(1, math.ceil(seconds)))
    return headers
