"""The words in which a check of a bot from outside is told: what it is, how it went, and why."""

from enum import StrEnum


class ProbeKind(StrEnum):
    """What a check speaks; a label of a metric."""

    HTTP = "http"
    TCP = "tcp"
    TLS = "tls"
    DNS = "dns"
    REDIS = "redis"
    POSTGRES = "postgres"
    HEARTBEAT = "heartbeat"
    CONVERSATION = "conversation"
    WEBHOOK = "webhook"


class ProbeState(StrEnum):
    """What a check says after debouncing; a label of a metric."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"
    MAINTENANCE = "maintenance"


class ProbePhase(StrEnum):
    """A part of the time a run took; a label of a metric."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    PROCESSING = "processing"
    TRANSFER = "transfer"


class ProbeReason(StrEnum):
    """Why a run did not succeed; a label of a counter."""

    NAME_NOT_FOUND = "name_not_found"
    NAME_LOOKUP_FAILED = "name_lookup_failed"
    ADDRESS_REFUSED = "address_refused"
    CONNECTION_REFUSED = "connection_refused"
    CONNECTION_RESET = "connection_reset"
    UNREACHABLE = "unreachable"
    RESOLVE_TIMEOUT = "resolve_timeout"
    CONNECT_TIMEOUT = "connect_timeout"
    TLS_TIMEOUT = "tls_timeout"
    RESPONSE_TIMEOUT = "response_timeout"
    TRANSFER_TIMEOUT = "transfer_timeout"
    TLS_EXPIRED = "tls_expired"
    TLS_UNTRUSTED = "tls_untrusted"
    TLS_WRONG_NAME = "tls_wrong_name"
    TLS_PROTOCOL = "tls_protocol"
    PROTOCOL = "protocol"
    AUTHENTICATION = "authentication"
    STATUS = "status"
    BODY_TOO_LARGE = "body_too_large"
    BODY_MISMATCH = "body_mismatch"
    REDIRECT_LIMIT = "redirect_limit"
    REDIRECT_REFUSED = "redirect_refused"
    ANSWER_MISMATCH = "answer_mismatch"
    NO_HEARTBEAT = "no_heartbeat"
    INTERNAL = "internal"
