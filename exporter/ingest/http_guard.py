"""
One aiohttp connection with what it lacks: deadlines for headers and readers, plain errors.

Measured on aiohttp 3.14.5: 1,000 of 1,000 half-sent headers were still open after 18 s, and a
malformed request put a traceback into the log.
"""

import asyncio
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any

from aiohttp import HttpVersion10, StreamReader, web
from aiohttp.http_exceptions import BadStatusLine
from aiohttp.streams import EMPTY_PAYLOAD
from aiohttp.web_protocol import _ErrInfo

from ..model.verdicts import Refusal
from .http_answers import ErrorBody, defect, failure, new_request_id, raw
from .http_gate import Gate

LINGER_SECONDS = 2.0  # Time to read the rest of a refused body, so that the answer is not reset.
READ_BUFFER_BYTES = 64 * 1024  # A body that nobody reads pins twice this, not 512 KiB.
MAX_HEADERS = 64

_MALFORMED = "The request is not valid HTTP/1.1; check the client or the proxy in between."
_TOO_SLOW = "The headers did not arrive in time; send them at once."
_REMEDIES = {
    HTTPStatus.NOT_FOUND: "There is nothing at this path.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Use a method that the header Allow names.",
}


class Guard(web.RequestHandler):
    """One connection of the listener behind *gate*."""

    __slots__ = ("_body", "_gate", "_has_part_of_header", "_is_timed")

    def __init__(self, manager: web.Server, *, loop: asyncio.AbstractEventLoop, gate: Gate) -> None:
        super().__init__(
            manager,
            loop=loop,
            keepalive_timeout=gate.limits.idle_timeout_seconds,
            access_log=None,  # type: ignore[arg-type] # aiohttp only tests whether it is there
            max_headers=MAX_HEADERS,
            lingering_time=LINGER_SECONDS,
            read_bufsize=READ_BUFFER_BYTES,
            auto_decompress=False,
        )
        self._gate = gate
        self._body: StreamReader | None = None  # The body that is still arriving.
        self._has_part_of_header = False
        self._is_timed = False  # The header deadline is running.

    @property
    def is_idle(self) -> bool:
        """Return whether nothing of a request has arrived since the last answer."""
        waiter = self._waiter
        is_waiting = waiter is not None and not waiter.done()
        return is_waiting and not self._messages and not self._has_part_of_header

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the connection in, or answer 503 and close it."""
        if not self._gate.admit(self):
            self._gate.turn_away(transport)
            return
        super().connection_made(transport)
        if self._keepalive_handle is not None:
            # Until the first request the header deadline counts, which says why it closes.
            self._keepalive_handle.cancel()
            self._keepalive_handle = None
        self._is_timed = True
        self._gate.headers.start(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Clean up behind the connection."""
        self._body = None
        self._gate.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse *data* and keep the header deadline in step with it."""
        count = self._request_count
        super().data_received(data)
        self._refuse_old_versions()
        if self._body is not None and self._body.is_eof():
            self._body = None
            data = b""  # What follows the end of a body is timed from its next piece on.
        if self._request_count != count:
            if self._body is None:
                self._headers_complete()
            else:
                self._body_broken(self._body)
        elif self._body is None and data:
            self._headers_incomplete()

    def pause_writing(self) -> None:
        """Give a client that stopped reading some time, not all of it."""
        super().pause_writing()
        self._gate.writes.start(self)

    def resume_writing(self) -> None:
        """Note that the client reads again."""
        super().resume_writing()
        self._gate.writes.stop(self)

    def header_expired(self) -> None:
        """Refuse a client that is too slow with its headers."""
        if self._messages or self._request_in_progress:
            # An earlier request of this connection is being answered; that is not its fault.
            self._gate.headers.start(self)
            return
        self._is_timed = False
        self._gate.telemetry.refused(Refusal.TOO_SLOW)
        if self.transport is not None:
            self.transport.write(raw(Refusal.TOO_SLOW, _TOO_SLOW))
        self.force_close()

    def write_expired(self) -> None:
        """Cut off a client that does not read its answers."""
        self._gate.telemetry.refused(Refusal.TOO_SLOW)
        if self.transport is not None:
            self.transport.abort()

    def body_expired(self) -> None:
        """Do nothing: aiohttp's deadline for the body is the handler's."""

    def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> Coroutine[Any, Any, tuple[web.StreamResponse, bool]]:
        """Send *resp*: as JSON when it is one of aiohttp's own errors, the last when closing."""
        if resp.status >= HTTPStatus.BAD_REQUEST:
            resp = self._in_our_shape(resp)
        if self._gate.is_draining or self._close:
            resp.force_close()
        return super().finish_response(request, resp, start_time)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - aiohttp's text quotes the request
    ) -> web.StreamResponse:
        """Answer a malformed request or a defect of ours without telling more than that."""
        if isinstance(exc, ConnectionError) or request.writer.output_size > 0:
            raise ConnectionError("nobody is there to read the answer, or half of it is out")
        request_id = new_request_id()
        if status == HTTPStatus.BAD_REQUEST:
            self._gate.telemetry.refused(Refusal.MALFORMED)
            self._gate.faults.refused("malformed_http", request_id)
            body = ErrorBody(Refusal.MALFORMED, _MALFORMED, request_id)
            response = failure(HTTPStatus.BAD_REQUEST, body).response()
        else:
            self._gate.faults.failed(exc, request_id)
            response = defect(request_id).response()
        response.force_close()
        return response

    def _headers_in_time(self) -> None:
        if self._is_timed:
            self._is_timed = self._has_part_of_header = False
            self._gate.headers.stop(self)

    def _refuse_old_versions(self) -> None:
        """Refuse a request line without a version, which aiohttp would answer in HTTP/0.9."""
        for place, (message, _) in enumerate(self._messages):
            if not isinstance(message, _ErrInfo) and message.version < HttpVersion10:
                error = _ErrInfo(HTTPStatus.BAD_REQUEST, BadStatusLine(), "")
                self._messages[place] = (error, EMPTY_PAYLOAD)

    def _headers_complete(self) -> None:
        self._headers_in_time()
        body = self._messages[-1][1]
        self._body = None if body.is_eof() else body

    def _body_broken(self, body: StreamReader) -> None:
        """Tell whoever reads the body that its framing is broken; aiohttp lets it wait."""
        # The parser's error stands where the next request would; one answer is enough.
        self._messages.pop()
        self._body = None
        if self._request_in_progress:
            body.set_exception(web.RequestPayloadError())
        body.feed_eof()
        self.close()

    def _headers_incomplete(self) -> None:
        if self._close:
            return  # The last answer is out; nobody parses what still comes.
        self._has_part_of_header = True
        if not self._is_timed:
            self._is_timed = True
            self._gate.headers.start(self)

    def _in_our_shape(self, response: web.StreamResponse) -> web.StreamResponse:
        if response.status == HTTPStatus.REQUEST_TIMEOUT:
            # Waiting for the rest of a body that is too slow would only prolong it.
            self._lingering_time = 0.0
        if not isinstance(response, web.HTTPException):
            return response
        status = HTTPStatus(response.status)
        error = status.phrase.lower().replace(" ", "_")
        body = ErrorBody(error, _REMEDIES.get(status, status.description), new_request_id())
        allow = response.headers.get("Allow")
        return failure(status, body, {"Allow": allow} if allow else None).response()
