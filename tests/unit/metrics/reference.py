"""A slow second reading of the catalogue: valid events of every type, and what each must move."""

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hypothesis import Phase
from hypothesis import strategies as st

from exporter.catalog.spec import (
    ARRIVAL,
    EVERY_EVENT,
    Catalog,
    Condition,
    Constant,
    EventType,
    Feed,
    Field,
    FieldType,
    Kind,
    Metric,
    Operator,
    Privacy,
    Source,
)

# Shrinking dozens of events takes minutes, and the difference that a test shows is short anyway.
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)

Payload = Mapping[str, Any]
NAMES = ("a", "B c", 'q"q', "b\\b", "ключ", "x=1,y}")  # Fewer than any label's limit.
COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: operator.eq,
    Operator.NOT_EQUAL: operator.ne,
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
    Operator.GREATER: operator.gt,
    Operator.AT_LEAST: operator.ge,
}


def payloads(catalog: Catalog, event: EventType) -> st.SearchStrategy[dict[str, Any]]:
    """Generate valid events of one type, any optional field present, null or left out."""
    fields = catalog.fields(event).values()
    required = {f.name: _values(f) for f in fields if f.required}
    optional = {f.name: _values(f) | _null(f) for f in fields if not f.required}
    return st.fixed_dictionaries({"type": st.just(event.name), **required}, optional=optional)


def every_type(catalog: Catalog) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Generate valid events, up to two of every type, in any order."""
    each = st.tuples(*(st.lists(payloads(catalog, e), max_size=2) for e in catalog.events))
    return each.map(lambda groups: [event for group in groups for event in group]).flatmap(
        lambda events: st.randoms(use_true_random=False).map(
            lambda random: random.sample(events, len(events))
        )
    )


def _null(field: Field) -> st.SearchStrategy[None]:
    return st.none() if field.default is None else st.nothing()


def _values(field: Field) -> st.SearchStrategy[Any]:
    kinds: dict[FieldType, Callable[[Field], st.SearchStrategy[Any]]] = {
        FieldType.STRING: _texts,
        FieldType.INTEGER: lambda f: st.integers(int(f.minimum or 0), int(f.maximum or 0)),
        FieldType.NUMBER: lambda f: st.floats(f.minimum, f.maximum),
        FieldType.BOOLEAN: lambda _: st.booleans(),
        FieldType.TIMESTAMP: lambda _: st.floats(0, 4e9),
        FieldType.PROPERTIES: lambda _: st.just({"key": 1}),
    }
    return kinds[field.type](field)


def _texts(field: Field) -> st.SearchStrategy[str]:
    if field.choices:
        return st.sampled_from(field.choices)
    if field.privacy is Privacy.PUBLIC:
        return st.sampled_from([name for name in NAMES if len(name) <= (field.max_length or 9)])
    return st.text(min_size=1, max_size=5)


class Reference:
    """What events must have moved, read off the feeds one event at a time."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._numbers: dict[tuple[str, str], float] = {}
        self._observed: dict[tuple[str, str], list[float]] = {}

    def apply(self, payload: Payload, arrival: float) -> None:
        """Move what the event moves."""
        event = self._catalog.by_event[payload["type"]]
        fields = self._catalog.fields(event)
        values = {name: payload.get(name, field.default) for name, field in fields.items()}
        values |= {"type": event.name, ARRIVAL: arrival}
        for feed in self._catalog.feeds:
            if feed.event in (event.name, EVERY_EVENT) and _applies(feed, values):
                self._move(self._catalog.metric(feed.metric), feed, values)

    def series(self) -> dict[str, float]:
        """Return every series that was moved, rendered with a plain loop."""
        return dict(self._series())

    def unexplained(self, actual: Mapping[str, float]) -> dict[str, tuple[float | None, ...]]:
        """Return what differs in *actual*; a counter that is only known, at 0, is right."""
        expected = self.series()
        derived = tuple(
            metric.name for metric in self._catalog.metrics if metric.source is not Source.EVENTS
        )
        gauges = tuple(m.name for m in self._catalog.metrics if m.kind is Kind.GAUGE)
        return {
            name: (expected.get(name), actual.get(name))
            for name in {*expected, *actual}
            if not name.startswith(derived)
            and expected.get(name) != actual.get(name)
            and (name in expected or actual[name] or name.startswith(gauges))
        }

    def _move(self, metric: Metric, feed: Feed, values: Payload) -> None:
        sources = [feed.labels.get(label.name, label.name) for label in metric.labels]
        shown = [s.value if isinstance(s, Constant) else _shown(values[s]) for s in sources]
        pairs = [f'{n.name}="{_escaped(v)}"' for n, v in zip(metric.labels, shown, strict=True)]
        key = metric.name, ",".join(pairs)
        value = 1 if feed.value is None else values[feed.value]
        if metric.kind is Kind.COUNTER:
            self._numbers[key] = self._numbers.get(key, 0) + value
        elif metric.kind is Kind.GAUGE:
            self._numbers[key] = value
        else:
            self._observed.setdefault(key, []).append(value)

    def _series(self) -> Iterator[tuple[str, float]]:
        for (name, pairs), number in self._numbers.items():
            yield name + (f"{{{pairs}}}" if pairs else ""), number
        for (name, pairs), observed in self._observed.items():
            more = f"{pairs}," if pairs else ""
            for bound in self._catalog.metric(name).buckets:
                count = sum(value <= bound for value in observed)
                yield f'{name}_bucket{{{more}le="{float(bound)!r}"}}', count
            yield f'{name}_bucket{{{more}le="+Inf"}}', len(observed)
            braces = f"{{{pairs}}}" if pairs else ""
            yield f"{name}_count{braces}", len(observed)
            yield f"{name}_sum{braces}", _sum(observed)


def _applies(feed: Feed, values: Payload) -> bool:
    if feed.value is not None and values[feed.value] is None:
        return False
    return all(_holds(condition, values[condition.field]) for condition in feed.when)


def _holds(condition: Condition, value: object) -> bool:
    if value is None:
        return False
    return condition.op is Operator.PRESENT or COMPARE[condition.op](value, condition.value)


def _sum(observed: list[float]) -> float:
    # One after the other: from Python 3.12 on `sum` compensates, which the rows do not.
    total = 0.0
    for value in observed:
        total += value
    return total


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _escaped(value: str) -> str:
    return "".join({"\\": "\\\\", '"': '\\"', "\n": "\\n"}.get(c, c) for c in value)
