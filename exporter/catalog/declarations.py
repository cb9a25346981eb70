"""The form in which users declare their own events, labels and metrics."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from .quantities import Quantity
from .spec import NAME_PATTERN

# `$` alone would let a final newline through.
Name = Annotated[str, Meta(pattern=rf"^{NAME_PATTERN}$(?!\n)", examples=["order_shipped"])]
Text = Annotated[str, Meta(min_length=1, max_length=400)]
Value = Annotated[str, Meta(min_length=1, max_length=128)]
Seconds = Annotated[
    float, Meta(gt=0, le=10**10, extra_json_schema={"x-quantity": Quantity.DURATION.value})
]

LABEL_LENGTH = 64
DAY = 86_400.0


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything an operator writes in YAML: immutable, and unknown keys are refused."""


class FieldDeclaration(Section, frozen=True, kw_only=True):
    """One property of an own event."""

    name: Annotated[Name, Meta(description="Key in the event.")]
    type: Annotated[
        Literal["string", "integer", "number", "boolean", "timestamp"],
        Meta(description="Type in JSON; a timestamp is RFC 3339 or seconds since 1970."),
    ]
    description: Annotated[Text, Meta(description="One sentence for the reference.")]
    required: Annotated[bool, Meta(description="Whether an event without it is rejected.")] = False
    privacy: Annotated[
        Literal["public", "internal", "pseudonym", "content", "contact"],
        Meta(
            description="What may happen to it. Only public fields become labels; "
            "pseudonym: a keyed digest; content: dropped unless `privacy.text` keeps it; "
            "contact: sealed."
        ),
    ] = "public"
    unit: Annotated[
        Literal["", "seconds", "timestamp_seconds", "bytes", "ratio", "usd"],
        Meta(description="Unit of a number."),
    ] = ""
    choices: Annotated[
        tuple[Value, ...], Meta(max_length=100, description="The only values a string may have.")
    ] = ()
    default: Annotated[
        str | bool | None, Meta(description="Value of an event that leaves it out.")
    ] = None
    minimum: Annotated[float | None, Meta(description="Smallest number.")] = None
    maximum: Annotated[float | None, Meta(description="Largest number.")] = None
    max_length: Annotated[
        Annotated[int, Meta(ge=1, le=65_536)] | None,
        Meta(description=f"Most characters of a string; unset: {LABEL_LENGTH} for public ones."),
    ] = None


class EventDeclaration(Section, frozen=True, kw_only=True):
    """One own event type; its fields come on top of the envelope."""

    name: Annotated[Name, Meta(description="The `type` of the event.")]
    description: Annotated[Text, Meta(description="One sentence for the reference.")]
    fields: Annotated[
        tuple[FieldDeclaration, ...], Meta(max_length=64, description="Its own fields.")
    ] = ()


class LabelDeclaration(Section, frozen=True, kw_only=True):
    """One own label."""

    name: Annotated[Name, Meta(description="Name of the label and of the field it shows.")]
    description: Annotated[Text, Meta(description="One sentence for the reference.")]
    limit: Annotated[
        int, Meta(ge=1, le=1000, description="Most values per bot; beyond it `_other`.")
    ]


class ConditionDeclaration(Section, frozen=True, kw_only=True):
    """A comparison of one field; an event moves the metric only when it holds."""

    field: Annotated[Name, Meta(description="Field of the event.")]
    op: Annotated[
        Literal["eq", "ne", "lt", "le", "gt", "ge", "present"],
        Meta(description="Comparison; `present` takes no value."),
    ]
    value: Annotated[
        str | float | bool | None, Meta(description="What the field is compared with.")
    ] = None


class MetricDeclaration(Section, frozen=True, kw_only=True):
    """One own metric and the event that moves it."""

    name: Annotated[
        str,
        Meta(
            pattern=r"^[a-z][a-z0-9_]{0,199}$(?!\n)",
            examples=["bot_orders_shipped_total"],
            description="Name in Prometheus; counters end in `_total`, others in their unit.",
        ),
    ]
    type: Annotated[
        Literal["counter", "gauge", "histogram"], Meta(description="Type in Prometheus.")
    ]
    description: Annotated[Text, Meta(description="One sentence; the help text.")]
    event: Annotated[Name, Meta(description="Own or built-in event type that moves it.")]
    labels: Annotated[
        tuple[Name, ...],
        Meta(max_length=10, description="Labels; each shows the field of its name."),
    ] = ()
    value: Annotated[
        Name | None,
        Meta(description="Field that is added, set or observed; a counter without it counts 1."),
    ] = None
    buckets: Annotated[
        tuple[float, ...], Meta(max_length=40, description="Upper bounds of a histogram.")
    ] = ()
    unit: Annotated[
        Literal["", "seconds", "timestamp_seconds", "bytes", "ratio", "usd"],
        Meta(description="Base unit; the name ends with it."),
    ] = ""
    ttl_seconds: Annotated[
        Seconds | None, Meta(description="A gauge leaves this long after it was set; unset: 1d.")
    ] = None
    max_series: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)], Meta(description="Most label sets.")
    ] = 1000
    when: Annotated[
        tuple[ConditionDeclaration, ...], Meta(max_length=10, description="All must hold.")
    ] = ()


class Extension(Section, frozen=True, kw_only=True):
    """What one file may declare."""

    events: Annotated[
        tuple[EventDeclaration, ...], Meta(max_length=1000, description="Own event types.")
    ] = ()
    labels: Annotated[
        tuple[LabelDeclaration, ...], Meta(max_length=1000, description="Own labels.")
    ] = ()
    metrics: Annotated[
        tuple[MetricDeclaration, ...], Meta(max_length=1000, description="Own metrics.")
    ] = ()
