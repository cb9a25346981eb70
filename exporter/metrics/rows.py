"""
The row store: one row of numbers per label set, shared by all families with these labels.

A row is a plain list. Slot 0 holds the log time of its last update; each family owns the slots
that `Slot` says: one for a counter or gauge, and for a histogram one per bucket (not cumulative,
the last is +Inf), the sum, and the latest exemplar (bucket, trace, value, time). Measured in
`benchmarks/RESULTS.md` against one object per child.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..catalog.spec import Kind, Label, Metric, Source

TOUCHED = 0

# Numbers, and None for a gauge that was never set. Loose because generated code, which no type
# checker sees, writes most of it.
Row = list[Any]
Key = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a family's numbers are in each row of its table."""

    metric: Metric
    offset: int

    @property
    def width(self) -> int:
        """Return how many slots the family takes."""
        return len(self.metric.buckets) + 2 if self.metric.kind is Kind.HISTOGRAM else 1

    @property
    def exemplar(self) -> int:
        """Return the slot behind a histogram's numbers that holds its latest exemplar, if any."""
        return self.offset + self.width


@dataclass(slots=True, eq=False)
class Table:
    """
    The rows of one label set's names.

    *rows* and *texts* have the same keys in the same order: a string for a single label, else a
    tuple. A text is the rendered label list in braces, ready for the exposition.
    """

    labels: tuple[Label, ...]
    ttl_seconds: float | None
    slots: tuple[Slot, ...]
    template: Row
    rows: dict[Key, Row] = field(default_factory=dict)
    texts: dict[Key, str] = field(default_factory=dict)

    def add(self, values: tuple[str, ...]) -> Row:
        """Return a new row for the label *values*, every counter at 0."""
        key = key_of(values)
        row = self.rows[key] = self.template.copy()
        self.texts[key] = label_text(self.labels, values)
        return row

    def remove(self, key: Key) -> None:
        """Forget the row."""
        del self.rows[key], self.texts[key]


def build_tables(metrics: Iterable[Metric]) -> tuple[Table, ...]:
    """
    Return one table per set of labels, in the order of declaration.

    A family that expires has a table of its own: another one must not keep it alive.
    """
    groups: dict[tuple[tuple[Label, ...], str | None], list[Metric]] = {}
    for metric in metrics:
        if metric.source in (Source.EVENTS, Source.TURNS):
            own = metric.name if metric.ttl_seconds is not None else None
            groups.setdefault((metric.labels, own), []).append(metric)
    return tuple(_table(labels, group) for (labels, _), group in groups.items())


def _table(labels: tuple[Label, ...], metrics: list[Metric]) -> Table:
    template: Row = [0.0]
    slots = []
    for metric in metrics:
        slot = Slot(metric, len(template))
        slots.append(slot)
        # A gauge that was never set must not read 0.
        initial = None if metric.kind is Kind.GAUGE else 0
        template.extend([initial] * slot.width)
        if metric.kind is Kind.HISTOGRAM:
            template[-1] = 0.0
            template.append(None)
    ttl = metrics[0].ttl_seconds
    return Table(labels=labels, ttl_seconds=ttl, slots=tuple(slots), template=template)


def key_of(values: tuple[str, ...]) -> Key:
    """Return the row key: generated code uses a bare string where there is one label."""
    return values[0] if len(values) == 1 else values


def values_of(key: Key) -> tuple[str, ...]:
    """Return the label values of a row key."""
    return (key,) if isinstance(key, str) else key


def label_text(labels: tuple[Label, ...], values: tuple[str, ...]) -> str:
    r"""Return ``{a="x",b="y"}``, escaped as the format asks; nothing where there is no label."""
    pairs = [f'{label.name}="{escape(value)}"' for label, value in zip(labels, values, strict=True)]
    return f"{{{','.join(pairs)}}}" if pairs else ""


def escape(value: str) -> str:
    """Return a label value escaped for the text format."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
