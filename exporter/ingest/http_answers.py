"""Every answer of the ingest door: which status, which headers, which body."""

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus

import msgspec
from aiohttp import web
from aiohttp.helpers import rfc822_formatted_time

from ..model.ports import Outcome
from ..model.verdicts import Refusal, RefusedError
from .statuses import RETRY_SECONDS, STATUS, status_of

SERVER = "bot-exporter"  # No version: it would tell an attacker which holes to try.
JSON = "application/json"
CLOSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.INTERNAL_SERVER_ERROR})

_DEFECT = "The server failed; report the request id to the operator."
_WHOLE = (
    b"HTTP/1.1 %d %b\r\nContent-Type: application/json\r\nServer: bot-exporter\r\n"
    b"Date: %b\r\nContent-Length: %d\r\n%b\r\n%b"
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A JSON answer, before anybody decided how it goes out."""

    status: HTTPStatus
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def closes(self) -> bool:
        """Return whether the connection ends with it."""
        return self.status in CLOSING

    def encode(self, *, closes: bool) -> bytes:
        """Return the whole answer as it goes over the wire."""
        extra = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        if closes:
            extra += "Connection: close\r\n"
        phrase, date = _ascii(self.status.phrase), _ascii(rfc822_formatted_time())
        return _WHOLE % (self.status, phrase, date, len(self.body), extra.encode(), self.body)

    def response(self) -> web.Response:
        """Return it as aiohttp sends it."""
        response = document(self.body, status=self.status)
        response.headers.update(self.headers)
        if self.closes:
            response.force_close()
        return response


class ErrorBody(msgspec.Struct):
    """What a client reads when a request is refused as a whole."""

    error: str
    message: str
    request_id: str


def new_request_id() -> str:
    """Return an id that ties an answer to a log line."""
    return secrets.token_hex(8)


def refusal(error: RefusedError, request_id: str) -> Reply:
    """Return the answer to a request that is refused as a whole."""
    body = ErrorBody(error.refusal, error.message, request_id)
    return failure(STATUS[error.refusal], body, _refusal_headers(error))


def defect(request_id: str) -> Reply:
    """Return the answer to a request that met a bug of ours: nothing but an id."""
    return failure(HTTPStatus.INTERNAL_SERVER_ERROR, ErrorBody("internal", _DEFECT, request_id))


def failure(status: HTTPStatus, body: ErrorBody, headers: Mapping[str, str] | None = None) -> Reply:
    """Return an error answer in the one shape all of them have."""
    return Reply(status, msgspec.json.encode(body), headers or {})


def verdicts(outcome: Outcome) -> Reply:
    """Return what became of each event."""
    return Reply(status_of(outcome), msgspec.json.encode(outcome))


def document(body: bytes, *, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    """Return a JSON answer."""
    return web.Response(body=body, status=status, headers={"Content-Type": JSON, "Server": SERVER})


def raw(refused: Refusal, message: str) -> bytes:
    """Return a whole answer for a connection that has no request yet; it closes afterwards."""
    return refusal(RefusedError(refused, message), new_request_id()).encode(closes=True)


@lru_cache(maxsize=64)
def _ascii(text: str) -> bytes:
    return text.encode("ascii")


def _refusal_headers(error: RefusedError) -> dict[str, str]:
    headers: dict[str, str] = {}
    if error.refusal is Refusal.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    seconds = error.retry_after_seconds or RETRY_SECONDS.get(error.refusal)
    if seconds is not None:
        headers["Retry-After"] = str(max(1, math.ceil(seconds)))
    return headers
