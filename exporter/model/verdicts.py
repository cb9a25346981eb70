"""Why an event is rejected, or a whole request refused."""

from dataclasses import dataclass
from enum import StrEnum

from .errors import ExporterError


class Reason(StrEnum):
    """Why one event of a request is rejected; a label of a counter."""

    MALFORMED = "malformed_json"
    NOT_AN_OBJECT = "not_an_object"
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_FIELD = "unknown_field"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    NOT_A_CHOICE = "not_a_choice"
    TOO_LONG = "too_long"
    BAD_NAME = "bad_name"
    FROM_THE_FUTURE = "from_the_future"
    TOO_OLD = "too_old"
    NO_EVENT_STORE = "no_event_store"
    BOT_NOT_ALLOWED = "bot_not_allowed"


@dataclass(frozen=True, slots=True)
class Rejected:
    """One event that was not accepted: which, why, where, and the remedy."""

    index: int
    reason: Reason
    path: str
    message: str


class Refusal(StrEnum):
    """Why a whole request is refused; a label of a counter."""

    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    TOO_MANY_EVENTS = "too_many_events"
    UNSUPPORTED_ENCODING = "unsupported_encoding"
    UNSUPPORTED_TYPE = "unsupported_media_type"
    RATE_LIMITED = "rate_limited"
    TOO_SLOW = "too_slow"
    TOO_MANY_CONNECTIONS = "too_many_connections"
    OVERLOADED = "overloaded"
    NOT_READY = "not_ready"
    LOG_UNAVAILABLE = "log_unavailable"
    LOG_FULL = "log_full"


class RefusedError(ExporterError):
    """
    A whole request is refused; nothing of it counts.

    *retry_after_seconds* is given when sending the same request again later makes sense.
    """

    def __init__(
        self, refusal: Refusal, message: str, *, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(message)
        self.refusal = refusal
        self.message = message
        self.retry_after_seconds = retry_after_seconds
