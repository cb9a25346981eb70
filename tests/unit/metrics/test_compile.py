"""Feeds become code that moves exactly what they declare: `exporter.metrics.compile`."""

from typing import Any

from hypothesis import given, settings

from exporter.catalog.build import event_structs
from exporter.catalog.builtin import CATALOG
from exporter.catalog.spec import EVERY_EVENT, Kind, Source

from .reference import UNSHRUNK, Reference, every_type
from .world import EPOCH, World

STORED = event_structs(CATALOG, strict=False)


@settings(max_examples=20, phases=UNSHRUNK)
@given(every_type(CATALOG))
def test_events_move_exactly_what_their_feeds_declare(events: list[dict[str, Any]]) -> None:
    """The generated code equals a slow reading of the feeds, bucket by bucket."""
    world, reference = World(), Reference(CATALOG)

    world.send(*events)
    for event in events:
        reference.apply(event, EPOCH)

    assert {} == reference.unexplained(world.series())


@settings(max_examples=8, phases=UNSHRUNK)
@given(every_type(CATALOG))
def test_stored_events_move_what_they_moved_when_they_came(events: list[dict[str, Any]]) -> None:
    """Replay decodes with the loose structs and must add up to the same."""
    live, replayed = World(), World(structs=STORED)
    floats = [{**event, "ts": EPOCH} for event in events]

    live.send(*floats)
    replayed.send(*floats)

    assert live.series() == replayed.series()


def test_every_family_of_events_has_a_feed_that_moves_it() -> None:
    """The comparison with the reference says nothing about a family that nothing moves."""
    fed = {feed.metric for feed in CATALOG.feeds}

    idle = [m.name for m in CATALOG.metrics if m.source is Source.EVENTS and m.name not in fed]

    assert [] == idle
    assert 2 == sum(feed.event == EVERY_EVENT for feed in CATALOG.feeds)


def test_an_event_that_moves_nothing_of_a_row_creates_none() -> None:
    """A conversation without a version must not make a series of unknown versions."""
    world = World()

    world.send({"type": "heartbeat", "bot": "shop"})

    assert not [name for name in world.series() if name.startswith("bot_version_info")]
    assert 0 == sum(len(table.rows) for table in world.live.tables if len(table.labels) == 3)


def test_an_event_does_not_touch_rows_that_it_does_not_move() -> None:
    """A row whose conditions all fail keeps its age, so that its gauge leaves on time."""
    world = World()
    world.send({"type": "heartbeat", "bot": "shop", "version": "1"}, now=0.0)

    world.send({"type": "heartbeat", "bot": "shop"}, now=604_799.0)

    name = 'bot_version_info{bot="shop",version="1"}'
    assert name in world.series(604_799.0)
    assert name not in world.series(604_800.0)


def test_zero_is_a_value_and_absence_is_none() -> None:
    """A duration of 0 is observed and a quota of 0 shown; a missing or null one is not."""
    call = {"type": "integration_call", "bot": "shop", "integration": "crm"}
    world = World()

    world.send({**call, "duration_seconds": 0, "quota_remaining": 0})
    world.send({**call, "duration_seconds": None}, call)

    series = world.series()
    labels = '{bot="shop",integration="crm"}'
    assert 3 == series[f"bot_integration_calls_total{labels}"]
    assert 1 == series[f"bot_integration_call_duration_seconds_count{labels}"]
    assert 0 == series[f"bot_integration_quota_remaining{labels}"]
    assert f"bot_integration_quota_limit{labels}" not in series


def test_a_value_on_a_bound_falls_into_its_bucket() -> None:
    """Bounds are inclusive upper bounds: 2.0 seconds count as `le="2.0"`."""
    world = World()

    world.send({"type": "action", "bot": "shop", "action": "pay", "duration_seconds": 2.0})

    series = world.series()
    name = "bot_action_duration_seconds_bucket"
    assert 0 == series[f'{name}{{bot="shop",le="1.0"}}']
    assert 1 == series[f'{name}{{bot="shop",le="2.0"}}']


def test_a_boolean_becomes_true_or_false_in_a_label() -> None:
    """Python's own spelling stays out of labels."""
    seen = {"type": "intent_detected", "bot": "shop", "intent": "refund"}
    world = World()

    world.send({**seen, "correct": True}, {**seen, "correct": False}, {**seen, "correct": None})

    series = world.series()
    assert 1 == series['bot_intents_labelled_total{bot="shop",correct="true"}']
    assert 1 == series['bot_intents_labelled_total{bot="shop",correct="false"}']


def test_a_gauge_shows_what_was_set_last() -> None:
    """A gauge is set, not added up."""
    world = World()

    for depth in (7, 3):
        world.send({"type": "queue", "bot": "shop", "queue": "mail", "depth": depth})

    gauges = {m.name for m in CATALOG.metrics if m.kind is Kind.GAUGE}
    assert "bot_queue_depth" in gauges
    assert 3 == world.series()['bot_queue_depth{bot="shop",queue="mail"}']
