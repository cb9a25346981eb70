"""Unsound catalogues and what is said about each."""

from dataclasses import replace
from math import inf

from exporter.catalog.spec import (
    ARRIVAL,
    Catalog,
    Condition,
    Constant,
    FieldType,
    Label,
    Operator,
    Privacy,
    Source,
)
from exporter.model.units import Unit

from . import small

NINE = tuple(float(bound) for bound in range(1, 10))
N, B = FieldType.NUMBER, FieldType.BOOLEAN
WIDE = Label(name="carrier", doc="Parcel service.", limit=1000)
CLOSED = Label(name="carrier", doc="Parcel service.", limit=2, choices=("dhl", "ups"))


def when(field: str, op: Operator, value: str | float | None = None) -> Catalog:
    """Return the catalogue whose counter moves only under a condition."""
    return small.feed(when=(Condition(field=field, op=op, value=value),))


def more_labels(*names: str) -> Catalog:
    """Return the catalogue whose counter has more labels, all from one field."""
    extra = tuple(Label(name=name, doc="More.", limit=1) for name in names)
    feed = replace(small.COUNT, labels=dict.fromkeys(names, "carrier"))
    metric = replace(small.PARCELS, labels=(*small.PARCELS.labels, *extra))
    return small.catalog(metrics=(metric, small.TRAVEL), feeds=(feed, small.OBSERVE))


METRICS = [
    (small.counter(name="parcels_total"), "the name does not begin with bot_"),
    (small.counter(name="bot_Parcels_total"), "the name does not match"),
    (small.counter(name="bot__parcels_total"), "the name does not match"),
    (small.counter(name="bot_exporter_parcels_total"), "the prefix bot_exporter_ is for"),
    (small.counter(name="bot_parcels"), "ends in _total; write bot_parcels_total"),
    (small.histogram(name="bot_travel_duration_seconds_total"), "and this is a histogram"),
    (small.histogram(name="bot_travel_seconds_sum"), "_sum marks a part of a histogram"),
    (small.counter(name="bot_parcels_bytes_total"), "the name says bytes, the unit is not set"),
    (small.counter(unit=Unit.BYTES), "the name says no unit, the unit is bytes"),
    (small.histogram(unit=Unit.TIMESTAMP), "says seconds, the unit is timestamp_seconds"),
    (small.histogram(name="bot_travel_ms"), "ms is no base unit; convert to seconds"),
    (small.histogram(name="bot_travel_percent_seconds"), "percent is no base unit"),
    (small.histogram(buckets=()), "a histogram needs buckets"),
    (small.histogram(buckets=(1.0, inf)), "a bound is not finite"),
    (small.histogram(buckets=(2.0, 1.0)), "the bounds do not rise"),
    (small.histogram(buckets=(1.0, 1.0)), "the bounds do not rise"),
    (small.counter(buckets=(1.0,)), "a counter has no buckets"),
    (small.counter(ttl_seconds=60.0), "only a gauge expires, not a counter"),
    (small.counter(help="Parcels that left"), "the help text is not one sentence"),
    (small.counter(help="Parcels. They left."), "the help text is not one sentence"),
    (small.counter(labels=(small.CARRIER,)), "the first label is not bot"),
    (small.counter(labels=(small.BOT, small.CARRIER, CLOSED)), "carrier is there twice"),
    (more_labels("type"), "the label type describes the target"),
    (more_labels("le"), "the label le is the bound of a bucket"),
    (more_labels("version"), "the label version is a label of bot_version_info alone"),
    (more_labels("a", "b", "c"), "5 labels; more than 4 belong into the event store"),
    (small.counter(sli=True), "an sli family has the labels bot, platform"),
    (small.histogram(labels=(small.BOT, WIDE), buckets=NINE), "may grow to 120,000 series"),
    (
        small.counter(labels=(small.BOT, WIDE), max_series=1000),
        "one bot may make 1,001 label sets and max_series is 1,000",
    ),
    (small.counter(max_series=0), "it may hold no series at all"),
    (small.catalog(feeds=(small.COUNT,)), "nothing feeds it"),
    (small.catalog(metrics=(small.PARCELS, small.PARCELS, small.TRAVEL)), "declared twice"),
    (small.gauge(name="bot_parcels", unit=Unit.NONE), "clashes with bot_parcels_total"),
    (small.counter(name="bot_travel_duration_seconds_count"), "clashes with"),
]
EVENTS = [
    (small.event(name="Shipped"), "the name does not match"),
    (small.event(doc="a parcel left"), "the description is no sentence"),
    (small.catalog(events=(small.SHIPPED, small.SHIPPED)), "event shipped: declared twice"),
    (small.event(fields=(small.CARRIED, small.TRAVELLED, small.TRAVELLED)), "the name is taken"),
    (small.field(name="bot"), "bot: the name is taken"),
    (small.field(name="type"), "type: the name is taken"),
    (small.field(name="received_at"), "received_at: the name is taken"),
    (small.field(name="class"), "class: the name is reserved"),
    (small.field(name="a b"), "the name does not match"),
    (small.field(doc=""), "note: the description is no sentence"),
    (small.field(max_length=None), "a string without a bound"),
    (small.field(choices=("a", "a")), "a choice is there twice"),
    (small.field(choices=("_other",)), "_other stands for values beyond a limit"),
    (small.field(type=B), "a boolean has neither choices nor max_length"),
    (small.field(type=B, max_length=None, privacy=Privacy.CONTACT), "contact is for strings"),
    (small.field(minimum=1), "a string has no bounds"),
    (small.field(type=N, max_length=None), "a number without a bound"),
    (small.travelled(minimum=9, maximum=1), "the minimum lies above the maximum"),
    (small.travelled(unit=Unit.RATIO), "a ratio lies between 0 and 1"),
    (small.field(unit=Unit.BYTES), "a string has no unit"),
    (small.travelled(unit=Unit.TIMESTAMP), "timestamp_seconds and the type timestamp belong"),
    (small.travelled(name="travel"), "the name does not end in its unit"),
    (small.field(required=True, default="x"), "a required field needs no default"),
    (small.travelled(required=False, default="x"), "absent is not a number"),
    (small.field(default=True), "the default is no string"),
    (small.field(max_length=None, choices=("a",), default="b"), "is none of its choices"),
    (small.field(privacy=Privacy.CONTENT, default="x"), "of privacy content has no default"),
    (small.catalog(envelope=(small.CARRIED, *small.ENVELOPE)), "carrier: the name is taken"),
    (small.catalog(envelope=small.ENVELOPE * 2), "envelope.bot: declared twice"),
]
LABELS = [
    (small.label(name="Carrier"), "the name does not match"),
    (small.label(doc="parcel service"), "the description is no sentence"),
    (small.label(limit=0), "it has no limit"),
    (small.label(limit=3, choices=("dhl", "ups")), "the limit 3 differs from its 2 choices"),
    (small.label(limit=1, choices=("_other",)), "_other stands for values beyond a limit"),
    (small.catalog(labels=(small.BOT, small.CARRIER, WIDE)), "so it has two limits"),
    (small.catalog(labels=(CLOSED, replace(CLOSED, doc="Again."))), "with the same choices"),
    (
        small.catalog(labels=(Label(name="event", doc="Event type.", limit=0),)),
        "its limit 0 is below the 1 event types",
    ),
]
FEEDS = [
    (small.feed(event="sent"), "there is no event type sent"),
    (small.feed(metric="bot_letters_total"), "there is no metric bot_letters_total"),
    (small.counter(source=Source.TURNS), "moved by turns, not by events"),
    (small.catalog(feeds=(small.COUNT, small.COUNT, small.OBSERVE)), "counts double"),
    (small.feed(labels={"weight": "carrier"}), "the metric has no label weight"),
    (small.feed(labels={"carrier": "owner"}), "shows the field owner, which is not there"),
    (small.feed(labels={"carrier": "travel_seconds"}), "a number, which has too many values"),
    (small.carried(required=False), "events may lack carrier"),
    (small.carried(privacy=Privacy.PSEUDONYM), "carrier, which is pseudonym"),
    (small.carried(privacy=Privacy.CONTENT), "carrier, which is content"),
    (small.carried(privacy=Privacy.CONTACT), "carrier, which is contact"),
    (small.carried(privacy=Privacy.INTERNAL), "carrier, which is internal"),
    (small.label(limit=2, choices=("dhl", "ups")), "but the label carrier is closed"),
    (
        replace(
            small.carried(max_length=None, choices=("dhl", "post")),
            metrics=(replace(small.PARCELS, labels=(small.BOT, CLOSED)), small.TRAVEL),
        ),
        "carrier may be 'post', which is no choice",
    ),
    (
        small.carried(max_length=None, choices=tuple("abcdefghijk")),
        "has 11 choices, the limit of carrier is 10",
    ),
    (
        replace(
            small.counter(labels=(small.BOT, CLOSED)),
            feeds=(replace(small.COUNT, labels={"carrier": Constant("post")}), small.OBSERVE),
        ),
        "'post' is no choice of the label carrier",
    ),
    (
        small.catalog(feeds=(small.COUNT, replace(small.OBSERVE, value=None))),
        "a histogram needs a value",
    ),
    (
        replace(small.gauge(), feeds=(small.COUNT, replace(small.OBSERVE, value=None))),
        "only *_info means",
    ),
    (small.feed(value="weight"), "the value weight is not there"),
    (small.feed(value="carrier"), "the value carrier is a string, not a number"),
    (small.feed(value="travel_seconds"), "has seconds, the metric no unit"),
    (small.feed(value=ARRIVAL), "the value received_at is a timestamp, not a number"),
    (small.travelled(minimum=-1), "the sum of a histogram never shrinks"),
    (
        replace(
            small.travelled(minimum=-1, unit=Unit.NONE, name="balance"),
            feeds=(replace(small.COUNT, value="balance"),),
        ),
        "balance may be negative, and a counter never shrinks",
    ),
    (small.travelled(privacy=Privacy.CONTACT), "the value travel_seconds is contact"),
    (when("weight", Operator.PRESENT), "asks for weight, which is not there"),
    (when("carrier", Operator.EQUAL), "the value is missing"),
    (when("carrier", Operator.EQUAL, 1), "carrier is a string; compare it with one"),
    (when("carrier", Operator.LESS, "a"), "lt is for numbers"),
    (when("travel_seconds", Operator.AT_LEAST, "long"), "travel_seconds is a number"),
    (
        replace(
            small.carried(max_length=None, choices=("dhl", "ups")),
            feeds=(
                replace(
                    small.COUNT,
                    when=(Condition(field="carrier", op=Operator.EQUAL, value="dhk"),),
                ),
                small.OBSERVE,
            ),
        ),
        "'dhk' is none of its choices; did you mean 'dhl'?",
    ),
]
# Looks odd and is sound.
SOUND = {
    "metadata without a value": replace(
        small.gauge(name="bot_parcel_info", unit=Unit.NONE),
        feeds=(small.COUNT, replace(small.OBSERVE, metric="bot_parcel_info", value=None)),
    ),
    "an optional field that the feed asks for": replace(
        small.carried(required=False),
        feeds=(
            replace(small.COUNT, when=(Condition(field="carrier", op=Operator.PRESENT),)),
            small.OBSERVE,
        ),
    ),
    "choices that a condition leaves out": replace(
        small.carried(max_length=None, choices=("dhl", "ups", "post")),
        metrics=(replace(small.PARCELS, labels=(small.BOT, CLOSED)), small.TRAVEL),
        feeds=(
            replace(
                small.COUNT,
                when=(Condition(field="carrier", op=Operator.NOT_EQUAL, value="post"),),
            ),
            small.OBSERVE,
        ),
    ),
    "a gauge that may be negative": replace(
        small.gauge(),
        events=(
            replace(small.SHIPPED, fields=(small.CARRIED, replace(small.TRAVELLED, minimum=-5))),
        ),
    ),
    "one name for two closed sets": small.catalog(
        labels=(small.BOT, CLOSED, replace(CLOSED, choices=("a", "b")))
    ),
}
