"""
The HTTP door of ingest: ``POST /v1/events`` and the documents that describe it.

The order of the checks is part of the design: what costs nothing comes first, a body is not read
before its sender is known, and it is inflated within a budget.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus

from aiohttp import hdrs, web

from ..model.access import Grant, Scope
from ..model.ports import Clock, Ingest, IngestTelemetry
from ..model.verdicts import Refusal, RefusedError
from .auth import Authenticator, require
from .http_answers import Reply, document, new_request_id, refusal, verdicts
from .http_body import Bodies, is_ndjson
from .http_faults import FaultLog
from .http_head import Head
from .limits import TokenBuckets
from .openapi import EVENTS_PATH, OPENAPI_PATH, SCHEMA_PATH

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestApi:
    """
    Everything the public listener serves to bots.

    Attributes:
        pipeline: Takes the body of a request and answers for every event in it.
        authenticator: Knows who may send; refreshed by somebody else.
        buckets: Charged by the pipeline with the number of events; the door only looks.
        bodies: Reads bodies within limits.
        telemetry: Counts what the door refuses and how long answers take.
        faults: Where refusals and defects are written down.
        clock: Measures the answers.
        schema: The JSON Schema of an event, rendered.
        openapi: The OpenAPI document, rendered.
        is_ready: Asked at every request; False answers 503. It stays True while the listener
            drains: requests that are on their way are served, on connections that then close.
    """

    pipeline: Ingest
    authenticator: Authenticator
    buckets: TokenBuckets
    bodies: Bodies
    telemetry: IngestTelemetry
    faults: FaultLog
    clock: Clock
    schema: bytes
    openapi: bytes
    is_ready: Callable[[], bool]

    def make_app(self) -> web.Application:
        """Return the application; serve it with a `Listener`, which answers its errors."""
        app = web.Application()
        app.router.add_post(EVENTS_PATH, self._post_events, expect_handler=self._expect)
        app.router.add_get(SCHEMA_PATH, _static(self.schema))
        app.router.add_get(OPENAPI_PATH, _static(self.openapi))
        return app

    def grant(self, head: Head) -> Grant | None:
        """Return what the sender of a plain request may do; None when it would be refused."""
        if head.body_bytes > self.bodies.max_bytes:
            return None
        try:
            return self._let_in(head.authorization)
        except RefusedError:
            return None  # It is checked again on the long way, which answers and counts it.

    async def answer(self, body: bytes, head: Head, grant: Grant) -> Reply:
        """Return the answer to a plain request."""
        started = self.clock.monotonic()
        try:
            return verdicts(await self.pipeline.ingest(body, ndjson=head.ndjson, grant=grant))
        except RefusedError as error:
            return self._refuse(error)
        finally:
            self.telemetry.answered(self.clock.monotonic() - started)

    async def _post_events(self, request: web.Request) -> web.StreamResponse:
        started = self.clock.monotonic()
        try:
            grant = self._admit(request)
            with self.bodies.reservation() as held:
                body = await self.bodies.read(request, held)
                ndjson = is_ndjson(request)
                outcome = await self.pipeline.ingest(body, ndjson=ndjson, grant=grant)
            return verdicts(outcome).response()
        except RefusedError as error:
            return self._refuse(error).response()
        finally:
            self.telemetry.answered(self.clock.monotonic() - started)

    async def _expect(self, request: web.Request) -> web.StreamResponse | None:
        """Invite the body of ``Expect: 100-continue`` only when it would be read."""
        try:
            self._admit(request)
        except RefusedError as error:
            return self._refuse(error).response()
        if request.headers[hdrs.EXPECT].lower() == "100-continue":
            await request.writer.write(_CONTINUE)
            # It does not count as the answer.
            request.writer.output_size = 0
        return None

    def _admit(self, request: web.Request) -> Grant:
        """Check everything that can be checked before the body is read."""
        grant = self._let_in(_authorization(request))
        self.bodies.check(request)
        return grant

    def _let_in(self, authorization: str | None) -> Grant:
        """Check that somebody may send now, and who it is."""
        if not self.is_ready():
            message = "The exporter is starting or stopping; send the request again."
            raise RefusedError(Refusal.NOT_READY, message)
        grant = self.authenticator.authenticate(authorization)
        require(grant, Scope.INGEST)
        wait_seconds = self.buckets.peek(grant.name)
        if wait_seconds > 0:
            raise RefusedError(
                Refusal.RATE_LIMITED,
                "This token has used up its events; send fewer, or ask for a higher limit.",
                retry_after_seconds=wait_seconds,
            )
        return grant

    def _refuse(self, error: RefusedError) -> Reply:
        request_id = new_request_id()
        self.telemetry.refused(error.refusal)
        self.faults.refused(error.refusal, request_id)
        return refusal(error, request_id)


def _authorization(request: web.Request) -> str | None:
    headers = request.headers.getall(hdrs.AUTHORIZATION, ())
    # A proxy in between may have checked the other one.
    return ", ".join(headers) if headers else None


def _static(body: bytes) -> Handler:
    """Return a handler that serves *body*, or 304 to who has it."""
    etag = f'"{sha256(body).hexdigest()[:32]}"'

    async def serve(request: web.Request) -> web.Response:
        if etag in request.headers.get(hdrs.IF_NONE_MATCH, ""):
            response = web.Response(status=HTTPStatus.NOT_MODIFIED)
        else:
            response = document(body)
        response.headers[hdrs.ETAG] = etag
        response.headers[hdrs.CACHE_CONTROL] = "no-cache"
        return response

    return serve
