"""A world in which every family of the catalogue has series."""

from collections.abc import Iterator
from typing import Any

from exporter.catalog.builtin import CATALOG
from exporter.catalog.spec import EventType, Field, FieldType, Kind, Privacy

from .world import World, answer, message

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def full_world() -> World:
    """Return a world that has seen every event type with all of its fields."""
    world = World()
    for event in CATALOG.events:
        world.send(*_events(event))
    world.send(message(at=0.0, session="s"), answer(at=0.3, session="s", trace_id=TRACE))
    world.send(message("slow", at=0.0), now=60.0)
    for table in world.own.tables:
        metric = table.slots[0].metric
        labels = [
            label.choices[0] if label.choices else f"a {label.name}" for label in metric.labels
        ]
        if metric.kind is Kind.HISTOGRAM:
            world.own.observe(metric, 0.02, *labels)
        else:
            world.own.set(metric, 3, *labels)
    return world


def missing(page: str) -> list[str]:
    """Return the families that have no sample on the page."""
    names = {line.partition("{")[0].partition(" ")[0] for line in page.split("\n")}
    return [
        metric.name
        for metric in CATALOG.metrics
        if metric.name + "_count" * (metric.kind is Kind.HISTOGRAM) not in names
    ]


def _events(event: EventType) -> Iterator[dict[str, Any]]:
    """Yield one event for each choice of its closed fields, all other fields set."""
    fields = CATALOG.fields(event).values()
    plain = {f.name: _value(f) for f in fields if f.name not in ("ts", "properties")}
    for field in fields:
        for choice in field.choices:
            yield {"type": event.name, **plain, field.name: choice}
    yield {"type": event.name, **plain}


def _value(field: Field) -> object:
    match field.type:
        case FieldType.BOOLEAN:
            return True
        case FieldType.STRING if field.choices:
            return field.choices[0]
        case FieldType.STRING:
            return field.name[: field.max_length] if field.privacy is Privacy.PUBLIC else "x"
        case FieldType.TIMESTAMP:
            return 1_700_000_000.0
        case FieldType.INTEGER | FieldType.NUMBER | FieldType.PROPERTIES:
            return field.maximum
