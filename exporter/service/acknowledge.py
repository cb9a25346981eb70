"""``/ack`` on the public listener: GET shows an alert, POST says that somebody is on it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Protocol

import msgspec
from aiohttp import hdrs, web

from ..ingest.auth import Authenticator, require
from ..ingest.http_answers import ErrorBody, document, failure, new_request_id, refusal
from ..model.access import Grant, Scope
from ..model.alerts import AlertRecord
from ..model.errors import StorageError
from ..model.ports import Clock
from ..model.verdicts import Refusal, RefusedError
from .ack_page import HEADERS, LONGEST_AUTHOR, LONGEST_COMMENT, alert_page, nothing_page
from .alert_book import AlertBook
from .alertmanager import Fingerprint
from .alerts_api import shown
from .small_body import JSON_TYPE, bearer, read_json_body

PATH = "/ack"
LARGEST_BODY = 16 * 1024
# Who follows an old link need not learn what fired a week ago.
SHOWN_SECONDS = 86_400.0


class AcknowledgementBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person sends."""

    fp: Fingerprint
    author: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_AUTHOR)]
    comment: Annotated[str, msgspec.Meta(max_length=LONGEST_COMMENT)] = ""


class AuditLog(Protocol):
    """The part of a logger that notes who did what."""

    def info(self, event: str, **fields: object) -> object:
        """Write a line about something expected."""
        ...

    def warning(self, event: str, **fields: object) -> object:
        """Write what may need a look."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AckPage:
    """
    The two methods of the route.

    Attributes:
        book: Knows the alerts.
        authenticator: Asked for the scope `ack`.
        preview: Whether people without a token see name, bot and age.
        clock: Says what is old.
        log: Where acknowledgements are noted.
    """

    book: AlertBook
    authenticator: Authenticator
    preview: bool
    clock: Clock
    log: AuditLog

    def add_to(self, app: web.Application) -> None:
        """Serve the route."""
        app.router.add_get(PATH, self._get)
        app.router.add_post(PATH, self._post)

    async def _get(self, request: web.Request) -> web.Response:
        try:
            if JSON_TYPE in request.headers.get(hdrs.ACCEPT, ""):
                return await self._details(request)
            return await self._page(request)
        except RefusedError as error:
            return _private(refusal(error, new_request_id()).response())
        except StorageError as error:
            return self._unavailable(error)

    async def _page(self, request: web.Request) -> web.Response:
        if not self.preview:
            return _html(alert_page(None))
        record = await self._find(request.query.get("fp", ""))
        if record is None or self._is_old(record):
            return _html(nothing_page(), HTTPStatus.NOT_FOUND)
        return _html(alert_page(record))

    async def _details(self, request: web.Request) -> web.Response:
        grant = self._let_in(request)
        record = await self._find(request.query.get("fp", ""))
        if record is None or not _covers(grant, record):
            return _nothing()
        return _shown(record)

    async def _post(self, request: web.Request) -> web.Response:
        try:
            grant = self._let_in(request)
            wanted = _read(await read_json_body(request, most=LARGEST_BODY))
            record = await self._find(wanted.fp)
            if record is None or not record.is_firing or not _covers(grant, record):
                return _nothing()
            now = await self.book.acknowledge(
                wanted.fp, author=wanted.author, comment=wanted.comment
            )
        except RefusedError as error:
            return _private(refusal(error, new_request_id()).response())
        except StorageError as error:
            return self._unavailable(error)
        if now is None:
            return _nothing()
        if record.acknowledgement is None:
            # Who wrote it stands in the history; names of people do not belong into the log.
            alert = record.alert
            self.log.info(
                "alert_acknowledged", alert=alert.name, bot=alert.bot, token_name=grant.name
            )
        return _shown(now)

    async def _find(self, fingerprint: str) -> AlertRecord | None:
        try:
            return await self.book.find(msgspec.convert(fingerprint, Fingerprint))
        except msgspec.ValidationError:
            return None

    def _let_in(self, request: web.Request) -> Grant:
        grant = self.authenticator.authenticate(bearer(request))
        require(grant, Scope.ACK)
        return grant

    def _is_old(self, record: AlertRecord) -> bool:
        ended = record.alert.ends_at
        return ended is not None and ended < self.clock.wall() - SHOWN_SECONDS

    def _unavailable(self, error: StorageError) -> web.Response:
        self.log.warning("alert_history_unavailable", why=str(error))
        message = "The alert cannot be read or written now; try again."
        body = ErrorBody("storage_unavailable", message, new_request_id())
        headers = {"Retry-After": "5"}
        return _private(failure(HTTPStatus.SERVICE_UNAVAILABLE, body, headers).response())


def _read(body: bytes) -> AcknowledgementBody:
    try:
        return msgspec.json.decode(body, type=AcknowledgementBody)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"The body is no acknowledgement: {error}."
        raise RefusedError(Refusal.MALFORMED, message) from None


def _covers(grant: Grant, record: AlertRecord) -> bool:
    return not grant.bots or record.alert.bot in grant.bots


def _html(text: str, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)


def _shown(record: AlertRecord) -> web.Response:
    return _private(document(msgspec.json.encode(shown(record, with_people=True))))


def _nothing() -> web.Response:
    body = ErrorBody("not_found", "There is nothing to acknowledge here.", new_request_id())
    return _private(failure(HTTPStatus.NOT_FOUND, body).response())


def _private(response: web.Response) -> web.Response:
    response.headers.update({"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})
    return response
