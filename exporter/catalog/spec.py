"""The vocabulary used to declare events, labels, metric families and feeds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from ..model.errors import CatalogError
from ..model.units import Unit

NAME_PATTERN = r"[a-z][a-z0-9_]{0,63}"
OVERFLOW = "_other"  # The only name of a value beyond a limit.
MISSING = "unknown"  # The label value of an event that does not say.


class Kind(Enum):
    """Prometheus metric types the exporter exposes."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Privacy(Enum):
    """
    What may happen to a field behind the door.

    PUBLIC is stored as it is and may become a label. INTERNAL is stored as it is and never
    becomes a label. PSEUDONYM is replaced by a keyed digest. CONTENT is free text: dropped
    unless the operator keeps it, and then redacted. CONTACT is sealed for integrations or dropped.
    """

    PUBLIC = "public"
    INTERNAL = "internal"
    PSEUDONYM = "pseudonym"
    CONTENT = "content"
    CONTACT = "contact"


class FieldType(Enum):
    """JSON types a field may have."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"
    PROPERTIES = "properties"


class Operator(Enum):
    """Comparisons a feed's condition may use."""

    EQUAL = "eq"
    NOT_EQUAL = "ne"
    LESS = "lt"
    AT_MOST = "le"
    GREATER = "gt"
    AT_LEAST = "ge"
    PRESENT = "present"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One property of an event. A missing optional field is *default*, or absent."""

    name: str
    type: FieldType
    doc: str
    unit: Unit = Unit.NONE
    required: bool = False
    privacy: Privacy = Privacy.PUBLIC
    choices: tuple[str, ...] = ()
    default: str | bool | None = None
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """One kind of event a bot may send; *fields* come on top of the envelope."""

    name: str
    doc: str
    fields: tuple[Field, ...] = ()
    builtin: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A metric dimension with a hard bound on its distinct values per bot."""

    name: str
    doc: str
    limit: int
    choices: tuple[str, ...] = ()


class Source(Enum):
    """Who moves a family."""

    EVENTS = "events"  # Feeds: durable, restored after a crash.
    TURNS = "turns"  # Derived from messages by the turn tracker: durable as well.
    PRESENCE = "presence"  # Computed from the last-seen times.
    PROCESS = "process"  # The exporter itself; starts at 0 with the process.


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """
    One metric family.

    *ttl_seconds* removes a gauge's child that long after it was last set. *sli* families skip
    events that arrive more than 15 minutes late. *max_series* bounds the label sets.
    """

    name: str
    kind: Kind
    help: str
    unit: Unit = Unit.NONE
    labels: tuple[Label, ...] = ()
    buckets: tuple[float, ...] = ()
    ttl_seconds: float | None = None
    sli: bool = False
    max_series: int = 10_000
    source: Source = Source.EVENTS
    builtin: bool = True

    @property
    def series_per_row(self) -> int:
        """Return how many series one label set makes."""
        return len(self.buckets) + 3 if self.kind is Kind.HISTOGRAM else 1

    @property
    def family(self) -> str:
        """Return the OpenMetrics family name: counters lose ``_total``."""
        return self.name.removesuffix("_total") if self.kind is Kind.COUNTER else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """An event moves the metric only when *field* compares with *value* as *op* says."""

    field: str
    op: Operator
    value: str | float | bool | None = None


@dataclass(frozen=True, slots=True)
class Constant:
    """A label value that the feed fixes."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """
    How one event type moves one metric.

    Each label takes the field of its own name unless *labels* says otherwise: another field's
    name, or a `Constant`. *value* is the field added, set or observed; without it, 1 is. The
    value ``ARRIVAL`` stands for the arrival time.
    """

    event: str
    metric: str
    labels: Mapping[str, str | Constant] = field(default_factory=dict)
    value: str | None = None
    when: tuple[Condition, ...] = ()


ARRIVAL = "received_at"
EVERY_EVENT = "*"


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """Everything declared, built in or by the user."""

    envelope: tuple[Field, ...]
    events: tuple[EventType, ...]
    labels: tuple[Label, ...]
    metrics: tuple[Metric, ...]
    feeds: tuple[Feed, ...]

    @cached_property
    def by_metric(self) -> dict[str, Metric]:
        """Return the families by name."""
        return {metric.name: metric for metric in self.metrics}

    @cached_property
    def by_event(self) -> dict[str, EventType]:
        """Return the event types by name."""
        return {event.name: event for event in self.events}

    def metric(self, name: str) -> Metric:
        """
        Return the family called *name*.

        Raises:
            CatalogError: no such family.
        """
        try:
            return self.by_metric[name]
        except KeyError:
            raise CatalogError(f"no metric {name!r} in the catalogue") from None

    def fields(self, event: EventType) -> dict[str, Field]:
        """Return every field the event may carry, the envelope first."""
        return {f.name: f for f in (*self.envelope, *event.fields)}

    def feeds_of(self, event: EventType) -> tuple[Feed, ...]:
        """Return the feeds the event moves, in the order of declaration."""
        return tuple(feed for feed in self.feeds if feed.event in (event.name, EVERY_EVENT))
