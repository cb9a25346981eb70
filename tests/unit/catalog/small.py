"""A catalogue small enough to read, and one change at a time to it."""

from dataclasses import replace
from typing import Any, TypeAlias

from exporter.catalog.spec import Catalog, EventType, Feed, Field, FieldType, Kind, Label, Metric
from exporter.model.units import Unit

Value: TypeAlias = Any  # Whatever a field of the spec may be set to.

BOT = Label(name="bot", doc="Name of the bot.", limit=50)
CARRIER = Label(name="carrier", doc="Parcel service.", limit=10)
ENVELOPE = (Field(name="bot", type=FieldType.STRING, doc="Name.", required=True, max_length=64),)
CARRIED = Field(
    name="carrier", type=FieldType.STRING, doc="Who carries it.", required=True, max_length=64
)
TRAVELLED = Field(
    name="travel_seconds",
    type=FieldType.NUMBER,
    doc="Time on the road.",
    unit=Unit.SECONDS,
    required=True,
    minimum=0,
    maximum=10**6,
)
SHIPPED = EventType(name="shipped", doc="A parcel left.", fields=(CARRIED, TRAVELLED))
PARCELS = Metric(
    name="bot_parcels_total",
    kind=Kind.COUNTER,
    help="Parcels that left.",
    labels=(BOT, CARRIER),
)
TRAVEL = Metric(
    name="bot_travel_duration_seconds",
    kind=Kind.HISTOGRAM,
    help="Time parcels spent on the road.",
    unit=Unit.SECONDS,
    labels=(BOT,),
    buckets=(1.0, 10.0),
)
COUNT = Feed(event="shipped", metric=PARCELS.name)
OBSERVE = Feed(event="shipped", metric=TRAVEL.name, value="travel_seconds")
SOUND = Catalog(
    envelope=ENVELOPE,
    events=(SHIPPED,),
    labels=(BOT, CARRIER),
    metrics=(PARCELS, TRAVEL),
    feeds=(COUNT, OBSERVE),
)


def catalog(**parts: Value) -> Catalog:
    """Return the sound catalogue with other parts."""
    return replace(SOUND, **parts)


def event(**changes: Value) -> Catalog:
    """Return the catalogue with a changed event type."""
    return catalog(events=(replace(SHIPPED, **changes),))


def field(**changes: Value) -> Catalog:
    """Return the catalogue with a third, changed field."""
    extra = Field(name="note", type=FieldType.STRING, doc="A note.", max_length=9)
    return event(fields=(CARRIED, TRAVELLED, replace(extra, **changes)))


def carried(**changes: Value) -> Catalog:
    """Return the catalogue with a changed field behind the label."""
    return event(fields=(replace(CARRIED, **changes), TRAVELLED))


def travelled(**changes: Value) -> Catalog:
    """Return the catalogue with a changed field behind the histogram."""
    return event(fields=(CARRIED, replace(TRAVELLED, **changes)))


def counter(**changes: Value) -> Catalog:
    """Return the catalogue with a changed counter, fed as before."""
    changed = replace(PARCELS, **changes)
    feeds = (replace(COUNT, metric=changed.name), OBSERVE)
    return catalog(metrics=(changed, TRAVEL), feeds=feeds)


def histogram(**changes: Value) -> Catalog:
    """Return the catalogue with a changed histogram, fed as before."""
    changed = replace(TRAVEL, **changes)
    feeds = (COUNT, replace(OBSERVE, metric=changed.name))
    return catalog(metrics=(PARCELS, changed), feeds=feeds)


def gauge(**changes: Value) -> Catalog:
    """Return the catalogue with a gauge in place of the histogram."""
    return histogram(kind=Kind.GAUGE, buckets=(), **changes)


def label(**changes: Value) -> Catalog:
    """Return the catalogue with a changed label on its counter."""
    changed = replace(CARRIER, **changes)
    return catalog(labels=(BOT, changed), metrics=(replace(PARCELS, labels=(BOT, changed)), TRAVEL))


def feed(**changes: Value) -> Catalog:
    """Return the catalogue with a changed feed of its counter."""
    return catalog(feeds=(replace(COUNT, **changes), OBSERVE))
