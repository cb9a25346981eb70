"""Alerts as Alertmanager reports them, and as the history keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass

WATCHDOG = "Watchdog"
ALERTNAME, BOT, SUMMARY = "alertname", "bot", "summary"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedAlert:
    """One alert of a notification; *ends_at* is None while it fires. Texts are verbatim."""

    fingerprint: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts_at: float
    ends_at: float | None

    @property
    def name(self) -> str:
        """Return what the alert is called."""
        return self.labels.get(ALERTNAME, "")

    @property
    def bot(self) -> str:
        """Return the bot it is about; empty when it is about none."""
        return self.labels.get(BOT, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """Who took care of an alert, when, and what they said."""

    at: float
    author: str
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRecord:
    """One occurrence of an alert, from its first report to its end."""

    alert: ReportedAlert
    receivers: tuple[str, ...]
    first_received_at: float
    last_received_at: float
    reports: int
    acknowledgement: Acknowledgement | None

    @property
    def is_firing(self) -> bool:
        """Return whether its end was not reported yet."""
        return self.alert.ends_at is None
