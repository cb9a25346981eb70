"""
What every event has, whatever its type.

The classes of events are made from the catalogue at start, so type checkers know them by these.
"""

from datetime import datetime
from typing import Any, Protocol


class Incoming(Protocol):
    """An event as a bot sent it, before anything of it is checked against time and privacy."""

    id: str | None
    ts: float | datetime | None
    bot: str
    user: str | None
    session: str | None
    conversation: str | None
    properties: dict[str, Any] | None
    received_at: Any


class Event(Protocol):
    """An event as it is stored and counted: identifiers are digests, `ts` is in seconds."""

    id: str
    ts: float
    bot: str
    platform: str
    user: str | None
    session: str | None
    conversation: str | None
    trace_id: str | None


class Reply(Event, Protocol):
    """A `message_sent`."""

    status: str
    response_seconds: float | None
