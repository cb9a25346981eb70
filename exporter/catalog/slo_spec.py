"""
Service level objectives: which events count, which of them are bad, and how many may be.

The budget is the share of events that may be bad within 30 days. A burn of 1 uses it up in
exactly that time. The formulas and their sources: docs/explanation/how-slos-are-computed.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .alert_spec import Threshold
from .spec import Kind, Metric

BOT = "bot"
WINDOW = "30d"
WINDOW_HOURS = 30 * 24


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCount:
    """
    Events of one kind, counted by a metric.

    Attributes:
        metric: A counter, or a histogram: all its observations.
        at_most: Only the observations up to this bucket bound.
        only: Label to the values it may have.
        without: Label to the values it may not have.
    """

    metric: Metric
    at_most: float | None = None
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    without: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def labels(self) -> frozenset[str]:
        """Return the names of the labels of the series."""
        bucket = ("le",) if self.at_most is not None else ()
        return frozenset((*(label.name for label in self.metric.labels), *bucket))

    @property
    def series(self) -> str:
        """Return the name of the series."""
        if self.metric.kind is not Kind.HISTOGRAM:
            return self.metric.name
        return f"{self.metric.name}_{'count' if self.at_most is None else 'bucket'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slo:
    """
    One objective.

    Attributes:
        name: Value of the label ``slo``.
        doc: One sentence: what is promised.
        target: Share of the events that is not bad.
        total: All events that count.
        events: The bad ones, or the good ones, as *counts_bad* says.
        counts_bad: Whether *events* are the bad ones.
        per_bot: Whether each bot has a budget of its own; else all share one.
        pages: Whether a fast burn wakes somebody.
        labels: More labels of the alerts, for routes.
    """

    name: str
    doc: str
    target: float
    total: EventCount
    events: EventCount
    counts_bad: bool = True
    per_bot: bool = True
    pages: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def budget(self) -> float:
        """Return the share of events that may be bad."""
        return 1 - self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """A burn that is too fast: *factor* times the sustainable one in a long and a short window."""

    factor: float
    hours: int
    long: str
    short: str

    @property
    def share(self) -> float:
        """Return the part of the whole budget that this burn uses in the long window."""
        return self.factor * self.hours / WINDOW_HOURS

    def is_possible(self, budget: float) -> bool:
        """Return whether events can burn that fast: no more than all of them are bad."""
        return self.factor * budget < 1


# SRE Workbook, chapter 5, table 5-8: 2 %, 5 %, 10 % and 10 % of a 30-day budget.
FAST = (
    Burn(factor=14.4, hours=1, long="1h", short="5m"),
    Burn(factor=6, hours=6, long="6h", short="30m"),
)
SLOW = (
    Burn(factor=3, hours=24, long="1d", short="2h"),
    Burn(factor=1, hours=72, long="3d", short="6h"),
)

BAD_EVENTS = Threshold(
    name="slo_bad_events",
    value=3,
    least=1,
    most=1000,
    doc="Bad events in the long window below which no burn alert fires, as a number.",
    per_bot=False,
)
TRICKLE_EVENTS = Threshold(
    name="slo_trickle_events",
    value=1000,
    least=1,
    most=1_000_000,
    doc="Events in 3 days below which the traffic counts as low, as a number.",
    per_bot=False,
)
