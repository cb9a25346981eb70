"""The laws of feeds: what an event lends a metric exists, fits and is nobody's secret."""

from collections.abc import Iterator, Mapping

from ..model.units import Unit
from .condition_rules import unfit_condition
from .declarations import ConditionDeclaration
from .lint_metrics import INFO
from .spec import (
    ARRIVAL,
    EVERY_EVENT,
    Catalog,
    Condition,
    Constant,
    Feed,
    Field,
    FieldType,
    Kind,
    Label,
    Metric,
    Operator,
    Privacy,
    Source,
)

EVENT_TYPE = "type"
NUMBERS = (FieldType.INTEGER, FieldType.NUMBER)
ENUMERABLE = (FieldType.STRING, FieldType.BOOLEAN)
TRUTH = frozenset(("true", "false"))
_ARRIVAL = Field(
    name=ARRIVAL, type=FieldType.TIMESTAMP, unit=Unit.TIMESTAMP, required=True, doc="Arrival."
)


def feed_problems(feed: Feed, catalog: Catalog) -> Iterator[str]:
    """Yield what is wrong with *feed*."""
    metric = catalog.by_metric.get(feed.metric)
    fields = _fields(feed, catalog)
    if metric is None:
        yield f"there is no metric {feed.metric}"
    if fields is None:
        yield f"there is no event type {feed.event}"
    if metric is None or fields is None:
        return
    if metric.source is not Source.EVENTS:
        yield f"the metric is moved by {metric.source.value}, not by events"
    yield from _labels(feed, metric, fields)
    yield from _value(feed, metric, fields)
    yield from _conditions(feed, fields)


def _fields(feed: Feed, catalog: Catalog) -> Mapping[str, Field] | None:
    """Return what every event of the feed may carry; None: no such event type."""
    if feed.event == EVERY_EVENT:
        return {field.name: field for field in catalog.envelope}
    event = catalog.by_event.get(feed.event)
    return None if event is None else catalog.fields(event)


def _labels(feed: Feed, metric: Metric, fields: Mapping[str, Field]) -> Iterator[str]:
    for name in feed.labels.keys() - {label.name for label in metric.labels}:
        yield f"the metric has no label {name}"
    for label in metric.labels:
        source = feed.labels.get(label.name, label.name)
        if isinstance(source, Constant):
            if label.choices and source.value not in label.choices:
                yield f"{source.value!r} is no choice of the label {label.name}"
        elif source in fields:
            yield from _label(label, fields[source], feed)
        elif source != EVENT_TYPE:
            yield f"the label {label.name} shows the field {source}, which is not there"


def _label(label: Label, field: Field, feed: Feed) -> Iterator[str]:
    if field.privacy is not Privacy.PUBLIC:
        yield (
            f"the label {label.name} shows {field.name}, which is {field.privacy.value}; "
            "only public fields become labels"
        )
    if field.type not in ENUMERABLE:
        yield f"the label {label.name} shows a {field.type.value}, which has too many values"
        return
    known = field.required or field.default is not None
    if not known and all(condition.field != field.name for condition in feed.when):
        yield f"events may lack {field.name}; give it a default, or ask for it in `when`"
    values = _values(field, feed.when)
    if label.choices and not values:
        yield f"{field.name} takes any value, but the label {label.name} is closed"
    for value in sorted(values.difference(label.choices)) if label.choices else ():
        yield f"{field.name} may be {value!r}, which is no choice of the label {label.name}"
    if not label.choices and len(values) > label.limit:
        yield f"{field.name} has {len(values)} choices, the limit of {label.name} is {label.limit}"


def _values(field: Field, conditions: tuple[Condition, ...]) -> set[str]:
    """Return the label values an event that moves the metric can have; empty: any."""
    values = set(TRUTH if field.type is FieldType.BOOLEAN else field.choices)
    for condition in conditions:
        if condition.field != field.name or not isinstance(condition.value, str):
            continue
        if condition.op is Operator.NOT_EQUAL:
            values.discard(condition.value)
        if condition.op is Operator.EQUAL:
            values &= {condition.value}
    return values


def _value(feed: Feed, metric: Metric, fields: Mapping[str, Field]) -> Iterator[str]:
    if feed.value is None:
        if metric.kind is Kind.HISTOGRAM:
            yield "a histogram needs a value to observe"
        if metric.kind is Kind.GAUGE and not metric.name.endswith(INFO):
            yield f"a gauge without a value is 1, which only *{INFO} means; name a value"
        return
    field = _ARRIVAL if feed.value == ARRIVAL else fields.get(feed.value)
    if field is None:
        yield f"the value {feed.value} is not there"
        return
    yield from _number(field, metric)


def _number(field: Field, metric: Metric) -> Iterator[str]:
    moment = field.type is FieldType.TIMESTAMP and metric.kind is Kind.GAUGE
    if field.type not in NUMBERS and not moment:
        yield f"the value {field.name} is a {field.type.value}, not a number"
    elif field.unit is not metric.unit and (metric.builtin or field.unit is not Unit.NONE):
        counted, shown = field.unit.value or "no unit", metric.unit.value or "no unit"
        yield f"the value {field.name} has {counted}, the metric {shown}"
    if field.privacy not in (Privacy.PUBLIC, Privacy.INTERNAL):
        yield f"the value {field.name} is {field.privacy.value}"
    # The sum of a histogram is a counter, too.
    if metric.kind is not Kind.GAUGE and (field.minimum is None or field.minimum < 0):
        part = "the sum of a histogram" if metric.kind is Kind.HISTOGRAM else "a counter"
        yield f"{field.name} may be negative, and {part} never shrinks; set minimum=0"


def _conditions(feed: Feed, fields: Mapping[str, Field]) -> Iterator[str]:
    for condition in feed.when:
        field = fields.get(condition.field)
        if field is None:
            yield f"the condition asks for {condition.field}, which is not there"
        elif unfit := unfit_condition(_declared(condition), field):
            yield f"the condition on {condition.field} cannot hold: {unfit}"


def _declared(condition: Condition) -> ConditionDeclaration:
    """Return *condition* as a user would have written it: one law for both."""
    value = condition.value
    if value is not None and not isinstance(value, str | bool):
        value = float(value)
    return ConditionDeclaration(field=condition.field, op=condition.op.value, value=value)
