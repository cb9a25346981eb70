"""The exporter's own metrics: ordinary process counters, gauges and histograms from 0."""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import product

from ..catalog.spec import Kind, Metric, Source
from .rows import Row, Slot, Table, key_of


class OwnMetrics:
    """Holds every family of the process; all calls come from the event loop's thread."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self.tables: list[Table] = []
        self._families: dict[str, tuple[Table, Slot]] = {}
        for metric in metrics:
            if metric.source is Source.PROCESS:
                self._create(metric)

    def add(self, metric: Metric, *labels: str, by: float = 1) -> None:
        """Count *by* more."""
        row, slot = self._row(metric, labels)
        row[slot.offset] += by

    def row(self, metric: Metric, *labels: str) -> Row:
        """Return the child's row, for code that counts often: its number is in slot 1."""
        return self._row(metric, labels)[0]

    def set(self, metric: Metric, value: float, *labels: str) -> None:
        """Set a gauge, or a counter that somebody else counts."""
        row, slot = self._row(metric, labels)
        row[slot.offset] = value

    def observe(self, metric: Metric, value: float, *labels: str) -> None:
        """Add one observation to a histogram."""
        row, slot = self._row(metric, labels)
        row[slot.offset + bisect_left(metric.buckets, value)] += 1
        row[slot.offset + slot.width - 1] += value

    def clear(self, metric: Metric) -> None:
        """Remove every child of a family whose label sets are about to be set anew."""
        table, _ = self._families[metric.name]
        table.rows.clear()
        table.texts.clear()

    def forget(self, metric: Metric, *labels: str) -> None:
        """Remove one child, if it is there: what it was about is gone."""
        table, _ = self._families[metric.name]
        key = key_of(labels)
        if key in table.rows:
            table.remove(key)

    def value(self, metric: Metric, *labels: str) -> float:
        """Return the number of a counter or gauge; 0 when it was never touched."""
        table, slot = self._families[metric.name]
        row = table.rows.get(key_of(labels))
        return float(row[slot.offset] or 0) if row is not None else 0.0

    def _row(self, metric: Metric, labels: tuple[str, ...]) -> tuple[Row, Slot]:
        table, slot = self._families[metric.name]
        row = table.rows.get(key_of(labels))
        return (table.add(labels) if row is None else row), slot

    def _create(self, metric: Metric) -> None:
        slot = Slot(metric, 1)
        initial = None if metric.kind is Kind.GAUGE else 0
        table = Table(metric.labels, None, (slot,), [0.0, *[initial] * slot.width])
        self.tables.append(table)
        self._families[metric.name] = (table, slot)
        # Children known in advance start at 0, so that the first increase is seen.
        if metric.kind is not Kind.GAUGE and all(label.choices for label in metric.labels):
            for values in product(*(label.choices for label in metric.labels)):
                table.add(values)
