"""What the exporter has to tell somebody, until it is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Plain: TypeAlias = "str | int | float | bool"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one destination; *id* stays the same when it is sent again."""

    id: str
    destination: str
    body: str
    created_at: float
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Notable:
    """A durable event that a destination wants to hear of, or every n-th of its kind."""

    id: str
    destination: str
    every: int
    event: str
    bot: str
    at: float
    data: Mapping[str, Plain] = field(default_factory=dict)
