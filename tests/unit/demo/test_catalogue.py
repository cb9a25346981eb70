"""The demo and the catalogue: everything that is declared happens, and nothing else."""

import json
from collections import defaultdict
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from exporter.catalog.build import event_structs
from exporter.catalog.builtin import CATALOG
from exporter.catalog.spec import Kind, Metric, Source
from exporter.demo.story import HOUR, Event
from tests.unit.metrics.world import EPOCH, World

from .telling import AFTERNOON, Moment

SCHEMA = Path(__file__).parents[3] / "docs" / "reference" / "events.schema.json"
BATCH = 500
MOVED = [m for m in CATALOG.metrics if m.source in (Source.EVENTS, Source.TURNS)]
SAMPLE = 40  # Events of a type that the slow oracle looks at.


@pytest.fixture(scope="session")
def world(afternoon: list[Moment]) -> World:
    """Return live metrics that saw the afternoon."""
    world = World()
    for first in range(0, len(afternoon), BATCH):
        batch = afternoon[first : first + BATCH]
        world.send(*(event for _, event in batch), now=batch[-1][0] - EPOCH)
    return world


@pytest.fixture(scope="session")
def moved(world: World) -> set[str]:
    """Return the names of the series that are not 0 at the end."""
    values = world.series(AFTERNOON + 1.5 * HOUR - EPOCH)
    return {name.partition("{")[0] for name, value in values.items() if value}


def test_every_type_of_event_happens(afternoon: list[Moment]) -> None:
    """Whoever looks for an hour and a half sees them all."""
    assert {event.name for event in CATALOG.events} == {event["type"] for _, event in afternoon}


@pytest.mark.parametrize("metric", MOVED, ids=lambda metric: metric.name)
def test_every_family_that_events_move_is_moved(moved: set[str], metric: Metric) -> None:
    """No panel stays empty."""
    assert (f"{metric.name}_count" if metric.kind is Kind.HISTOGRAM else metric.name) in moved


def test_no_label_reaches_its_limit(world: World) -> None:
    """The demo shows the bot, not the overflow."""
    assert [] == [name for name in world.series(0) if "_other" in name]


def test_the_door_takes_every_event(afternoon: list[Moment]) -> None:
    """Strictly: no unknown field, no value out of range."""
    strict = event_structs(CATALOG, strict=True)
    decoder = msgspec.json.Decoder(strict.union)

    for _, event in afternoon:
        decoder.decode(msgspec.json.encode(event))


def test_the_published_schema_takes_every_type(afternoon: list[Moment]) -> None:
    """The oracle is slow, so it looks at some of each."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    samples: dict[str, list[Event]] = defaultdict(list)
    for _, event in afternoon:
        if len(samples[str(event["type"])]) < SAMPLE:
            samples[str(event["type"])].append(event)

    validators = {name: Draft202012Validator(schema["$defs"][name]) for name in samples}
    wrong = [
        f"{name}: {error.message}"
        for name, events in samples.items()
        for event in events
        for error in validators[name].iter_errors(event)
    ]

    assert [] == wrong
