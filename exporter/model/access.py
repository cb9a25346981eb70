"""What a bearer token allows."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """One thing a token may do; everything else is denied."""

    INGEST = "ingest"
    BACKFILL = "backfill"
    METRICS = "metrics"
    ADMIN = "admin"
    REPORT = "report"
    EXPORT = "export"
    ERASE = "erase"
    ALERTS = "alerts"
    ACK = "ack"


@dataclass(frozen=True, slots=True)
class Grant:
    """An authenticated token: its public name, its scopes, and its bots (empty: every bot)."""

    name: str
    scopes: frozenset[Scope]
    bots: frozenset[str] = frozenset()

    def allows(self, scope: Scope) -> bool:
        """Return whether the token carries *scope*."""
        return scope in self.scopes

    def covers(self, bot: str) -> bool:
        """Return whether the token may send events of *bot*."""
        return not self.bots or bot in self.bots
