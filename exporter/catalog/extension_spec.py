"""Own declarations -> the objects of the catalogue."""

from ..model.units import Unit
from .build import LARGEST_INTEGER
from .declarations import (
    DAY,
    LABEL_LENGTH,
    ConditionDeclaration,
    EventDeclaration,
    FieldDeclaration,
    LabelDeclaration,
    MetricDeclaration,
)
from .spec import (
    MISSING,
    Condition,
    EventType,
    Feed,
    Field,
    FieldType,
    Kind,
    Label,
    Metric,
    Operator,
    Privacy,
)

# What the built-in fields of the same class allow.
LENGTHS = {
    Privacy.PUBLIC: LABEL_LENGTH,
    Privacy.INTERNAL: 128,
    Privacy.PSEUDONYM: 256,
    Privacy.CONTENT: 65_536,
    Privacy.CONTACT: 256,
}
NUMBERS = (FieldType.INTEGER, FieldType.NUMBER)


def event_of(declared: EventDeclaration) -> EventType:
    """Return the event type that *declared* describes."""
    fields = tuple(field_of(field) for field in declared.fields)
    return EventType(name=declared.name, doc=declared.description, fields=fields, builtin=False)


def field_of(declared: FieldDeclaration) -> Field:
    """Return the field; a number without bounds gets those that every JSON reader keeps exactly."""
    kind, privacy = FieldType(declared.type), Privacy(declared.privacy)
    unit = Unit.TIMESTAMP if kind is FieldType.TIMESTAMP else Unit(declared.unit)
    low, high = declared.minimum, declared.maximum
    if kind in NUMBERS:
        # Unbounded numbers could lift a counter to infinity.
        least, most = (0, 1) if unit is Unit.RATIO else (-LARGEST_INTEGER, LARGEST_INTEGER)
        low, high = least if low is None else low, most if high is None else high
    length = None
    if kind is FieldType.STRING and not declared.choices:
        length = declared.max_length or LENGTHS[privacy]
    return Field(
        name=declared.name,
        type=kind,
        doc=declared.description,
        unit=unit,
        required=declared.required,
        privacy=privacy,
        choices=declared.choices,
        default=_default(declared),
        minimum=low,
        maximum=high,
        max_length=length,
    )


def label_of(declared: LabelDeclaration) -> Label:
    """Return the label that *declared* describes."""
    return Label(name=declared.name, doc=declared.description, limit=declared.limit)


def metric_of(declared: MetricDeclaration, labels: tuple[Label, ...]) -> Metric:
    """Return the family; *labels* are those it names, the bot first."""
    kind = Kind(declared.type)
    ttl = (declared.ttl_seconds or DAY) if kind is Kind.GAUGE else None
    return Metric(
        name=declared.name,
        kind=kind,
        help=declared.description,
        unit=Unit(declared.unit),
        labels=labels,
        buckets=declared.buckets,
        ttl_seconds=ttl,
        max_series=declared.max_series,
        builtin=False,
    )


def feed_of(declared: MetricDeclaration) -> Feed:
    """Return how the events of the declared type move the metric."""
    return Feed(
        event=declared.event,
        metric=declared.name,
        value=declared.value,
        when=tuple(condition_of(condition) for condition in declared.when),
    )


def condition_of(declared: ConditionDeclaration) -> Condition:
    """Return the comparison that *declared* describes."""
    return Condition(field=declared.field, op=Operator(declared.op), value=declared.value)


def label_for(field: Field, labels: tuple[Label, ...]) -> Label | None:
    """
    Return the label of the name of *field* that bounds it, or None.

    A closed label lets every value through, so it serves only a field with no other values.
    """
    named = [label for label in labels if label.name == field.name]
    closed = (
        label for label in named if field.choices and set(field.choices) <= set(label.choices)
    )
    return next(closed, next((label for label in named if not label.choices), None))


def _default(declared: FieldDeclaration) -> str | bool | None:
    """Return the default; like built-in names, a public text becomes a label without a gap."""
    open_text = declared.type == "string" and not declared.choices
    if declared.default is None and open_text and declared.privacy == "public":
        return None if declared.required else MISSING
    return declared.default
