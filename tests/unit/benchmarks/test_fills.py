"""The fills behind the curves of series."""

import json
from typing import Any

from benchmarks.fills import BATCH, Fill

Event = dict[str, Any]
MOST = Fill.of(20_000)


def events_of(fill: Fill) -> list[Event]:
    """Return all events of a fill."""
    return [event for body in fill.bodies(MOST) for event in json.loads(body)]


def test_every_size_takes_the_same_number_of_events() -> None:
    """What an event costs beside its series must not count as memory of series."""
    small, large = events_of(Fill.of(1_000)), events_of(MOST)

    assert len(large) == len(small)
    assert {event["id"] for event in large} == {event["id"] for event in small}


def test_a_fill_names_exactly_its_values() -> None:
    """Each value becomes a row."""
    fill = Fill(intents=7, models=3)

    events = events_of(fill)

    assert 7 == len({event["intent"] for event in events if "intent" in event})
    assert 3 == len({event["model"] for event in events if "model" in event})


def test_a_larger_size_makes_more_series() -> None:
    """Both kinds of rows grow."""
    small, large = Fill.of(1_000), Fill.of(10_000)

    assert small.intents < large.intents
    assert small.models < large.models


def test_ids_differ() -> None:
    """A repeated id would not be applied."""
    events = events_of(MOST)

    assert len(events) == len({(event["type"], event["id"]) for event in events})


def test_a_request_is_not_too_large() -> None:
    """The exporter refuses more events than its limit."""
    assert all(len(json.loads(body)) <= BATCH for body in MOST.bodies(MOST))
