"""The status table of the door, read by the code and by the OpenAPI document."""

from collections.abc import Mapping
from http import HTTPStatus

from ..model.ports import Outcome
from ..model.verdicts import Reason, Refusal

STATUS: Mapping[Refusal, HTTPStatus] = {
    Refusal.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Refusal.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Refusal.MALFORMED: HTTPStatus.BAD_REQUEST,
    Refusal.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Refusal.TOO_MANY_EVENTS: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Refusal.UNSUPPORTED_ENCODING: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Refusal.UNSUPPORTED_TYPE: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Refusal.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    Refusal.TOO_SLOW: HTTPStatus.REQUEST_TIMEOUT,
    Refusal.TOO_MANY_CONNECTIONS: HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal.OVERLOADED: HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal.NOT_READY: HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal.LOG_UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal.LOG_FULL: HTTPStatus.INSUFFICIENT_STORAGE,
}

# Seconds a client should wait when the refusal itself does not say.
RETRY_SECONDS: Mapping[Refusal, float] = {
    Refusal.RATE_LIMITED: 1,
    Refusal.TOO_MANY_CONNECTIONS: 5,
    Refusal.OVERLOADED: 1,
    Refusal.NOT_READY: 5,
    Refusal.LOG_UNAVAILABLE: 5,
    Refusal.LOG_FULL: 60,  # A person has to make room.
}
RETRIED = frozenset(STATUS[refusal] for refusal in RETRY_SECONDS)

# What a connection may be told before anybody knows what it wants.
OF_ANY_REQUEST = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
OF_EVENTS = frozenset({HTTPStatus.ACCEPTED, *STATUS.values()}) | OF_ANY_REQUEST
OF_DOCUMENTS = frozenset({HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}) | OF_ANY_REQUEST


def status_of(outcome: Outcome) -> HTTPStatus:
    """
    Return the status that sums up the verdicts on a request's events.

    202 as long as one event was accepted or was a duplicate; an empty request is 202, too.
    """
    if outcome.accepted or outcome.duplicates or not outcome.rejected:
        return HTTPStatus.ACCEPTED
    if all(rejected.reason is Reason.BOT_NOT_ALLOWED for rejected in outcome.rejected):
        return HTTPStatus.FORBIDDEN
    return HTTPStatus.BAD_REQUEST
