"""The vocabulary used to declare recordings, alerts and their thresholds."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from ..model.errors import CatalogError

ALERT_NAME = re.compile(r"[A-Z][A-Za-z0-9]{2,63}")
RECORD_NAME = re.compile(r"[a-z_]+:[a-z0-9_]+:[a-z0-9_]+")


class Severity(Enum):
    """
    Who hears of an alert, and how.

    CRITICAL pages a person now. WARNING is a ticket or a chat message. INFO is context that only
    dashboards show. NONE is for machines: the watchdog.
    """

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"
    NONE = "none"


class Team(Enum):
    """Who can do something about an alert."""

    BOTS = "bots"
    PLATFORM = "platform"
    BUSINESS = "business"


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """
    A number that decides, with a name under which a site or a bot may have another one.

    Attributes:
        name: Key in the thresholds file.
        value: What it is unless somebody says otherwise.
        doc: One sentence that says what it bounds, with the unit.
        least: Smallest value a site may set.
        most: Largest one.
        histogram: The family whose bucket bounds it must be one of; empty: any value will do.
        per_bot: Whether a bot may have its own.
    """

    name: str
    value: float
    doc: str
    least: float = 0.0
    most: float = math.inf
    histogram: str = ""
    per_bot: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """
    A series that rules and dashboards share, named ``level:metric:operations``.

    *labels* come on top of those that *expr* has.
    """

    name: str
    expr: str
    doc: str
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a name that is not in three parts."""
        if not RECORD_NAME.fullmatch(self.name):
            raise CatalogError(f"{self.name}: a recording is named level:metric:operations")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """
    Something a person or a machine must know.

    It fires while ``value op threshold`` and ``only_if`` hold, after ``wait``.

    Attributes:
        name: CamelCase; the runbook has a section of this name.
        severity: CRITICAL only for what somebody must do at night.
        team: Who can do something.
        value: PromQL; its labels become those of the alert. Without *threshold* it is the whole
            condition.
        op: How *value* is compared.
        threshold: What it is compared with.
        only_if: A guard, joined with ``and``: enough traffic, not in maintenance.
        match: Labels on which the guard and a bot's own threshold are matched with *value*.
        wait: How long the condition holds before it fires (``for``); empty: at once.
        keep: How long it goes on firing after the condition is gone (``keep_firing_for``).
        summary: One sentence, readable on a phone; may use ``{{ $labels.bot }}``.
        description: What it means and the first thing to do, with the value.
        dashboard: Name of the dashboard that shows it: ``bot-exporter-<dashboard>``.
        labels: More labels, such as ``kind``, for routes and inhibition.
    """

    name: str
    severity: Severity
    team: Team
    value: str
    op: str = ">"
    threshold: Threshold | None = None
    only_if: str = ""
    match: tuple[str, ...] = ("bot",)
    wait: str = "5m"
    keep: str = ""
    summary: str
    description: str
    dashboard: str = "overview"
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a name that no runbook section can have."""
        if not ALERT_NAME.fullmatch(self.name):
            raise CatalogError(f"{self.name}: an alert is named in CamelCase")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleGroup:
    """Rules that are evaluated one after the other; *interval* is Prometheus' own when empty."""

    name: str
    rules: tuple[Recording | Alert, ...]
    interval: str = ""

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Return the alerts of the group."""
        return tuple(rule for rule in self.rules if isinstance(rule, Alert))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """One file below ``prometheus/rules/``."""

    name: str
    doc: str
    groups: tuple[RuleGroup, ...]

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Return the alerts of all groups."""
        return tuple(alert for group in self.groups for alert in group.alerts)
