"""
Rows -> text, family by family, in pieces small enough not to hold up the event loop.

The same sample lines serve the text format 0.0.4 and OpenMetrics 1.0; only the comment lines
differ (there a counter's family has no ``_total``), and OpenMetrics ends with ``# EOF``.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from ..catalog.spec import Kind, Metric, Source
from .engine import LiveMetrics
from .own import OwnMetrics
from .presence import Presence
from .rows import Row, Slot, Table, label_text

# Parsers differ in what they make of escapes in an exemplar; trace ids need none.
_TRACE = re.compile(r"[A-Za-z0-9_.:/-]{1,64}")

Exemplar = tuple[int, str, float, float]  # Bucket, trace, value, time of the event.

PIECE = 128  # Rows a piece: below 1 ms of work even for histograms.


# Given the log time, and whether OpenMetrics is wanted.
Samples = Callable[[float, bool], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Family:
    """One family and how its sample lines are made at a given log time."""

    metric: Metric
    samples: Samples


class Renderer:
    """Renders every family of the catalogue that is in use."""

    def __init__(self, live: LiveMetrics, own: OwnMetrics) -> None:
        self._live = live
        self._own = own
        self._templates: dict[str, dict[str, str]] = {}
        self._families = [*self._event_families(), *self._presence_families()]

    def pieces(self, now: float, *, openmetrics: bool) -> Iterator[str]:
        """
        Yield the exposition in pieces; the caller may do other work between two of them.

        The exporter's own families come first and in one piece, because their sums must agree.
        """
        yield self._own_families(openmetrics=openmetrics)
        for family in self._families:
            first = True
            for text in family.samples(now, openmetrics):
                head = header(family.metric, openmetrics=openmetrics) if first else ""
                first = False
                yield head + text

    def _event_families(self) -> Iterator[Family]:
        where = {s.metric.name: (t, s) for t in self._live.tables for s in t.slots}
        for metric in self._live.catalog.metrics:
            if metric.name in where:
                table, slot = where[metric.name]
                yield Family(metric, self._samples(table, slot))

    def _samples(self, table: Table, slot: Slot) -> Samples:
        if slot.metric.kind is Kind.HISTOGRAM:
            templates = self._templates.setdefault(slot.metric.name, {})
            return lambda _now, openmetrics: histogram(
                table, slot, templates, exemplars=openmetrics
            )
        if slot.metric.kind is Kind.GAUGE:
            return lambda now, _: gauge(table, slot, now)
        return lambda _now, _: counter(table, slot)

    def _presence_families(self) -> Iterator[Family]:
        trackers = {
            "bot_active_conversations": self._live.conversations,
            "bot_active_sessions": self._live.sessions,
        }
        for metric in self._live.catalog.metrics:
            if metric.source is Source.PRESENCE:
                yield Family(metric, self._present(metric, trackers[metric.name]))

    def _present(self, metric: Metric, tracker: Presence) -> Samples:
        def samples(_now: float, _openmetrics: bool) -> Iterator[str]:  # noqa: FBT001 - a `Samples`
            lines = [
                f"{metric.name}{label_text(metric.labels, group)} {count}\n"
                for group, count in self._live.present(tracker).items()
            ]
            if lines:
                yield "".join(lines)

        return samples

    def _own_families(self, *, openmetrics: bool) -> str:
        parts = []
        for table in self._own.tables:
            (slot,) = table.slots
            texts = "".join(self._samples(table, slot)(0.0, openmetrics))
            if texts:
                parts.append(header(slot.metric, openmetrics=openmetrics) + texts)
        return "".join(parts)


def header(metric: Metric, *, openmetrics: bool) -> str:
    """Return the comment lines of a family."""
    name = metric.family if openmetrics else metric.name
    text = metric.help.replace("\\", "\\\\").replace("\n", "\\n")
    if openmetrics:
        text = text.replace('"', '\\"')
    lines = f"# HELP {name} {text}\n# TYPE {name} {metric.kind.value}\n"
    unit = metric.unit.value.rpartition("_")[2]
    # OpenMetrics wants the family's name to end with its unit.
    if openmetrics and unit and name.endswith(f"_{unit}"):
        lines += f"# UNIT {name} {unit}\n"
    return lines


def counter(table: Table, slot: Slot) -> Iterator[str]:
    """Yield the sample lines of a counter."""
    name, offset = slot.metric.name, slot.offset
    for rows in _batches(table):
        yield "".join([f"{name}{text} {row[offset]}\n" for text, row in rows])


def gauge(table: Table, slot: Slot, now: float) -> Iterator[str]:
    """Yield the sample lines of a gauge: children that were set and are not too old."""
    name, offset = slot.metric.name, slot.offset
    horizon = float("-inf") if table.ttl_seconds is None else now - table.ttl_seconds
    for rows in _batches(table):
        text = "".join(
            [
                f"{name}{text} {row[offset]}\n"
                for text, row in rows
                if row[offset] is not None and row[0] > horizon
            ]
        )
        if text:
            yield text


def histogram(
    table: Table, slot: Slot, templates: dict[str, str], *, exemplars: bool
) -> Iterator[str]:
    """
    Yield the sample lines of a histogram.

    *templates* caches one per child. *exemplars* are for OpenMetrics; the text format has none.
    """
    offset, last = slot.offset, slot.offset + slot.width - 1
    if len(templates) > 2 * len(table.rows) + PIECE:
        templates.clear()  # Rows left; their templates must not stay for ever.
    for rows in _batches(table):
        lines = []
        for text, row in rows:
            template = templates.get(text)
            if template is None:
                template = templates[text] = bucket_template(slot.metric, text)
            counts = list(accumulate(row[offset:last]))
            lines.append(template % (*counts, row[last], counts[-1]))
            if exemplars and len(row) > slot.exemplar and row[slot.exemplar] is not None:
                lines[-1] = _with_exemplar(lines[-1], row[slot.exemplar])
        yield "".join(lines)


def _with_exemplar(sample_lines: str, exemplar: Exemplar) -> str:
    """Return the lines with the exemplar behind that of its bucket."""
    bucket, trace_id, value, ts = exemplar
    if not _TRACE.fullmatch(trace_id):
        return sample_lines
    lines = sample_lines.split("\n")
    lines[bucket] += f' # {{trace_id="{trace_id}"}} {value} {ts}'
    return "\n".join(lines)


def bucket_template(metric: Metric, text: str) -> str:
    """Return the lines of one child with ``%s`` for its numbers: buckets, sum, count."""
    text = text.replace("%", "%%")
    prefix = f"{text[1:-1]}," if text else ""
    bounds = [*(repr(float(bound)) for bound in metric.buckets), "+Inf"]
    lines = [f'{metric.name}_bucket{{{prefix}le="{bound}"}} %s\n' for bound in bounds]
    return "".join([*lines, f"{metric.name}_sum{text} %s\n{metric.name}_count{text} %s\n"])


def _batches(table: Table) -> Iterator[Iterable[tuple[str, Row]]]:
    # Lists, because rows may come and go while the caller does other work between two pieces;
    # copied in one go each, because pairing all rows at once would hold up the loop.
    texts, rows = list(table.texts.values()), list(table.rows.values())
    for start in range(0, len(rows), PIECE):
        yield zip(texts[start : start + PIECE], rows[start : start + PIECE], strict=True)
