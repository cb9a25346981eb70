"""What must hold of own metrics, beyond their shape."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..model.units import Unit
from .condition_rules import BOUNDED, READABLE, unfit_condition
from .declarations import MetricDeclaration
from .extension_spec import NUMBERS, label_for
from .remedies import Finding, closest
from .reserved import (
    FOREIGN_METRICS,
    FOREIGN_UNITS,
    HISTOGRAM_ENDINGS,
    RESERVED_LABELS,
    reserved_prefix,
)
from .spec import EventType, Field, FieldType, Label, Privacy


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a metric may refer to; doubtful names are declared, but wrongly."""

    events: Mapping[str, EventType]
    envelope: tuple[Field, ...]
    labels: tuple[Label, ...]
    doubtful_events: frozenset[str] = frozenset()
    doubtful_labels: frozenset[str] = frozenset()

    def fields(self, event: str) -> dict[str, Field]:
        """Return the fields of *event* by name, the envelope included."""
        return {field.name: field for field in (*self.envelope, *self.events[event].fields)}


def metric_findings(metric: MetricDeclaration, scope: Scope) -> Iterator[Finding]:
    """Yield what is wrong with *metric*."""
    yield from _name(metric)
    yield from _unit(metric)
    yield from _buckets(metric)
    if metric.ttl_seconds is not None and metric.type != "gauge":
        yield ("ttl_seconds",), f"only a gauge expires, not a {metric.type}; remove it"
    if metric.event in scope.events:
        fields = scope.fields(metric.event)
        yield from _labels(metric, fields, scope)
        yield from _value(metric, fields)
        yield from _when(metric, fields)
    elif metric.event not in scope.doubtful_events:
        yield ("event",), f"unknown event type; {closest(metric.event, scope.events)}"


def _name(metric: MetricDeclaration) -> Iterator[Finding]:
    name = metric.name
    if reason := reserved_prefix(name):
        yield ("name",), reason
    if name.startswith(FOREIGN_METRICS):
        prefix = name[: name.index("_") + 1]
        yield ("name",), f"the prefix {prefix} belongs to other programs; write bot_{name}"
    if metric.type == "counter" and not name.endswith("_total"):
        yield ("name",), f"the name of a counter ends in _total; write {name}_total"
    if metric.type != "counter" and name.endswith("_total"):
        remedy = f"write `type: counter` or {name.removesuffix('_total')}"
        yield ("name",), f"only the name of a counter ends in _total; {remedy}"
    for ending in HISTOGRAM_ENDINGS:
        if name.removesuffix("_total").endswith(ending):
            yield ("name",), f"the ending {ending} marks a part of a histogram; choose another name"


def _unit(metric: MetricDeclaration) -> Iterator[Finding]:
    base = metric.name.removesuffix("_total")
    spelt = [unit.value for unit in Unit if unit.value and base.endswith(f"_{unit.value}")]
    named = max(spelt, key=len, default="")
    if metric.unit and not spelt:
        ending = "_total" if metric.name.endswith("_total") else ""
        remedy = f"write {base}_{metric.unit}{ending}, or remove the unit"
        yield ("name",), f"the name does not end in its unit; {remedy}"
    elif metric.unit != named:
        yield ("name",), f"the name ends in {named}; add `unit: {named}`, or choose another name"
    for word in sorted(set(base.split("_")) & FOREIGN_UNITS.keys()):
        yield ("name",), f"{word} is no base unit; convert to {FOREIGN_UNITS[word]} and name it so"


def _buckets(metric: MetricDeclaration) -> Iterator[Finding]:
    if metric.type != "histogram":
        if metric.buckets:
            yield ("buckets",), f"a {metric.type} has no buckets; remove them"
        return
    if not metric.buckets:
        yield (), "the buckets are missing; add upper bounds such as `buckets: [1, 5, 10]`"
    for index, (low, high) in enumerate(itertools.pairwise(metric.buckets), start=1):
        if low >= high:
            yield ("buckets", index), f"{high:g} does not lie above {low:g}; sort the bounds"


def _labels(
    metric: MetricDeclaration, fields: Mapping[str, Field], scope: Scope
) -> Iterator[Finding]:
    for index, name in enumerate(metric.labels):
        here = ("labels", index)
        if name in metric.labels[:index]:
            yield here, f"the label {name!r} is there twice; remove one"
        elif name in RESERVED_LABELS:
            yield here, f"the label {name!r} {RESERVED_LABELS[name]}; remove it"
        elif name not in fields:
            yield here, f"{metric.event} has no field of this name; {closest(name, fields)}"
        elif message := _unfit_label(fields[name], metric, scope):
            yield here, message


def _unfit_label(field: Field, metric: MetricDeclaration, scope: Scope) -> str | None:
    """Return why *field* cannot be a label of *metric*, or None."""
    if field.privacy is not Privacy.PUBLIC:
        return f"the field is {field.privacy.value}; only public fields become labels; remove it"
    if field.type not in BOUNDED:
        kind = field.type.value
        return f"a {kind} has too many values; use a string or boolean field instead"
    # A condition on the field already leaves out the events that lack it.
    known = field.required or field.default is not None
    if not known and all(condition.field != field.name for condition in metric.when):
        condition = f"{{field: {field.name}, op: present}}"
        return f"events may lack this field; give it a default, or add {condition} to `when`"
    label = label_for(field, scope.labels)
    if label is None and field.name not in scope.doubtful_labels:
        return f"the label has no limit; add it under `labels:` with name: {field.name} and limit"
    if label is not None and len(field.choices) > label.limit:
        return f"the limit {label.limit} is below its {len(field.choices)} choices; raise the limit"
    return None


def _value(metric: MetricDeclaration, fields: Mapping[str, Field]) -> Iterator[Finding]:
    if metric.value is None:
        if metric.type != "counter":
            yield (), f"the value is missing; name the field that the {metric.type} shows"
        return
    field = fields.get(metric.value)
    if field is None:
        yield ("value",), f"{metric.event} has no such field; {closest(metric.value, fields)}"
        return
    moment = field.type is FieldType.TIMESTAMP and metric.type == "gauge"
    if field.type not in NUMBERS and not moment:
        yield ("value",), f"{metric.value} is a {field.type.value}; name a number"
    elif field.privacy not in READABLE:
        yield ("value",), f"{metric.value} is {field.privacy.value}; name a public number"
    elif metric.type != "gauge" and (field.minimum is None or field.minimum < 0):
        part = "the sum of a histogram" if metric.type == "histogram" else "a counter"
        yield ("value",), f"{part} cannot shrink; set `minimum: 0` on {metric.value}"
    if field.unit and field.unit.value != metric.unit:
        yield (
            ("value",),
            f"{metric.value} counts {field.unit.value}; add `unit: {field.unit.value}`",
        )


def _when(metric: MetricDeclaration, fields: Mapping[str, Field]) -> Iterator[Finding]:
    for index, condition in enumerate(metric.when):
        field = fields.get(condition.field)
        if field is None:
            message = f"{metric.event} has no such field; {closest(condition.field, fields)}"
            yield ("when", index, "field"), message
        elif unfit := unfit_condition(condition, field):
            yield ("when", index), unfit
