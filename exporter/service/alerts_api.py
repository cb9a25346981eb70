"""``/api/v1/alerts`` on the internal listener: Alertmanager reports, people read the history."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

import msgspec
from aiohttp import web

from ..catalog import own_alerting as names
from ..ingest.auth import Authenticator, require
from ..ingest.http_answers import ErrorBody, document, failure, new_request_id, refusal
from ..metrics.own import OwnMetrics
from ..model.access import Scope
from ..model.alerts import WATCHDOG, Acknowledgement, AlertRecord
from ..model.errors import StorageError
from ..model.ports import Clock
from ..model.verdicts import Refusal, RefusedError
from .alert_book import AlertBook
from .alertmanager import LARGEST_BODY, Notification, read_notification
from .small_body import bearer, read_json_body

PATH = "/api/v1/alerts"
MOST_ROWS = 1000
DAY = 86_400.0
_OUTCOMES = {
    Refusal.UNAUTHENTICATED: "refused",
    Refusal.FORBIDDEN: "refused",
}


class AlertLog(Protocol):
    """The part of a logger that the route uses."""

    def warning(self, event: str, **fields: object) -> object:
        """Write what may need a look."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsApi:
    """
    The two methods of the route.

    Attributes:
        book: Takes alerts down.
        authenticator: Asked for the scope `alerts`; None lets in whoever reaches the listener.
        watchdog: Called when a Watchdog fires.
        own: Where notifications are counted.
        clock: Says what is recent.
        log: Where trouble is written down.
    """

    book: AlertBook
    authenticator: Authenticator | None
    watchdog: Callable[[], None]
    own: OwnMetrics
    clock: Clock
    log: AlertLog

    def add_to(self, app: web.Application) -> None:
        """Serve the route."""
        app.router.add_post(PATH, self._post)
        app.router.add_get(PATH, self._get)

    async def _post(self, request: web.Request) -> web.Response:
        try:
            self._let_in(request)
            body = await read_json_body(request, most=LARGEST_BODY)
            notification = read_notification(body)
            await self._take(notification)
        except RefusedError as error:
            outcome = _OUTCOMES.get(error.refusal, "malformed")
            self.log.warning("alert_notification_refused", reason=error.refusal)
            return self._answered(outcome, refusal(error, new_request_id()).response())
        except StorageError as error:
            # Alertmanager repeats what it could not deliver.
            self.log.warning("alert_notification_failed", why=str(error))
            return self._answered("failed", _unavailable())
        answer = {"alerts": len(notification.alerts)}
        return self._answered("accepted", document(msgspec.json.encode(answer)))

    async def _take(self, notification: Notification) -> None:
        alerts = tuple(alert for alert in notification.alerts if alert.name != WATCHDOG)
        if any(a.name == WATCHDOG and a.ends_at is None for a in notification.alerts):
            self.watchdog()
        if alerts:
            await self.book.report(msgspec.structs.replace(notification, alerts=alerts))
        if notification.left_out:
            self.log.warning("alerts_left_out_by_alertmanager", count=notification.left_out)

    async def _get(self, request: web.Request) -> web.Response:
        try:
            self._let_in(request)
            since = self.clock.wall() - DAY
            records = await self.book.recent(since=since, most=MOST_ROWS)
        except RefusedError as error:
            return refusal(error, new_request_id()).response()
        except StorageError:
            return _unavailable()
        people = self.authenticator is not None
        rows = [shown(record, with_people=people) for record in records]
        return document(msgspec.json.encode({"alerts": rows}))

    def _let_in(self, request: web.Request) -> None:
        if self.authenticator is not None:
            require(self.authenticator.authenticate(bearer(request)), Scope.ALERTS)

    def _answered(self, outcome: str, response: web.Response) -> web.Response:
        self.own.add(names.ALERT_NOTIFICATIONS, outcome)
        return response


def shown(record: AlertRecord, *, with_people: bool) -> dict[str, object]:
    """Return what may be read of an alert; who acknowledged it only with a token."""
    said = record.acknowledgement
    return {
        "fingerprint": record.alert.fingerprint,
        "alertname": record.alert.name,
        "bot": record.alert.bot,
        "status": "firing" if record.is_firing else "resolved",
        "labels": record.alert.labels,
        "annotations": record.alert.annotations,
        "receivers": record.receivers,
        "starts_at": record.alert.starts_at,
        "ends_at": record.alert.ends_at,
        "last_received_at": record.last_received_at,
        "acknowledged": None
        if said is None
        else {"at": said.at, **(_words(said) if with_people else {})},
    }


def _words(said: Acknowledgement) -> dict[str, str]:
    return {"author": said.author, "comment": said.comment}


def _unavailable() -> web.Response:
    message = "The history cannot be read or written now; try again."
    body = ErrorBody("storage_unavailable", message, new_request_id())
    return failure(HTTPStatus.SERVICE_UNAVAILABLE, body, {"Retry-After": "5"}).response()
