"""The state of the live metrics as bytes and back: `exporter.metrics.state`."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.catalog import labels as lb
from exporter.catalog.builtin import CATALOG
from exporter.catalog.spec import Catalog, Constant, Feed, Kind, Metric
from exporter.metrics.state import FORMAT, freeze, thaw
from exporter.model.errors import CatalogError, DataTooNewError
from exporter.model.packed import pack, unpack

from .reference import UNSHRUNK, every_type
from .test_guard import track, tracked
from .world import DAY, World, answer, extended, message


def test_an_empty_world_is_restored_empty() -> None:
    """The first start of a directory may stop at once."""
    world = World()

    assert {} == world.restarted().series()


@settings(max_examples=8, phases=UNSHRUNK)
@given(every_type(CATALOG))
def test_a_restored_world_shows_the_same_page(events: list[dict[str, Any]]) -> None:
    """Sample for sample and byte for byte: nothing is rounded on the way."""
    world = World()
    world.limit(labels={"name": 2})
    world.control(op="register", bots={"shop": ["web"]})
    world.send(*events)

    again = world.restarted()

    assert world.series(100.0) == again.series(100.0)
    assert freeze(again.live) == freeze(again.restarted().live)


@settings(max_examples=12)
@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=20), st.integers(0, 10**12))
def test_sums_go_on_exactly_where_they_were(amounts: list[float], tokens: int) -> None:
    """Binary64 and whole numbers survive to the last bit; adding goes on as if never stopped."""
    paid = [{"type": "refund", "bot": "b", "currency": "EUR", "amount": a} for a in amounts]
    used = {"type": "llm_call", "bot": "b", "model": "m", "input_tokens": tokens % 10**9}
    world = World()
    world.send(*paid, used)

    again = world.restarted()
    for each in (world, again):
        each.send(*paid, used)

    assert world.series() == again.series()


def test_whole_numbers_may_outgrow_sixty_four_bits() -> None:
    """An own counter of large numbers must not make snapshots impossible."""
    probe: dict[str, Any] = {"name": "size", "type": "integer", "description": "D.", "minimum": 0}
    counter: dict[str, Any] = {
        "name": "own_total",
        "type": "counter",
        "description": "D.",
        "event": "probe",
    }
    catalog = extended(
        events=[{"name": "probe", "description": "D.", "fields": [probe]}],
        metrics=[{**counter, "value": "size"}],
    )
    world = World(catalog)
    for _ in range(5):
        world.send(*[{"type": "probe", "bot": "shop", "size": 2**53 - 1}] * 1_000)

    again = world.restarted()
    again.send({"type": "probe", "bot": "shop", "size": 1})

    [shown] = [line for line in again.page().split("\n") if line.startswith("own_total ")]
    assert f"own_total {5_000 * (2**53 - 1) + 1}" == shown


def test_what_is_not_on_the_page_survives_too() -> None:
    """Limits, registered bots, places of labels, open turns and who is here."""
    world = World()
    world.limit(labels={"name": 1}, bot_goals_total=3)
    world.control(op="register", bots={"shop": ["web"]})
    world.send(message(at=0.0, session="s"), answer("early", at=0.0), track("a"), now=0.0)

    again = world.restarted()
    again.send(track("b"), now=1.0)

    assert {"shop": ["web"]} == again.live.registered()
    assert ({"name": 1}, {"bot_goals_total": 3}) == (
        again.live.guard.limits.labels,
        again.live.guard.limits.metrics,
    )
    assert '{bot="shop",name="_other"}' in tracked(again)
    assert world.live.turns.state() == again.live.turns.state()
    assert 1 == len(again.live.turns)
    assert [1] == [count for _, count in again.live.sessions.counts()]


def test_the_limits_of_the_snapshot_hold_until_new_ones_come_through_the_log() -> None:
    """Replay must decide as the first run did, whatever the configuration says now."""
    world = World()
    world.limit(labels={"name": 1})
    world.send(track("a"))

    again = world.restarted()
    again.send(track("b"))
    again.limit(labels={"name": 5})
    again.send(track("b"))

    assert {
        '{bot="shop",name="a"}': 1,
        '{bot="shop",name="_other"}': 1,
        '{bot="shop",name="b"}': 1,
    } == tracked(again)


def test_ages_survive() -> None:
    """Idle rows and expiring gauges leave when they would have left without the restart."""
    world = World()
    world.send(track("old"), now=0.0)
    world.send({"type": "queue", "bot": "shop", "queue": "q", "depth": 1}, now=10 * DAY)

    again = world.restarted()
    again.control(30 * DAY, op="sweep")

    assert {} == tracked(again)
    gauge = 'bot_queue_depth{bot="shop",queue="q"}'
    world_again = world.restarted()
    assert gauge in world_again.series(10 * DAY + 3_599.0)
    assert gauge not in world_again.series(10 * DAY + 3_600.0)


OWN = Metric(
    name="bot_tests_total",
    kind=Kind.COUNTER,
    help="Tests.",
    labels=(lb.BOT, lb.PLATFORM),
)


def with_metric(metric: Metric, *, catalog: Catalog = CATALOG, value: str | None = None) -> Catalog:
    """Return the catalogue with one family more, fed by tracked events."""
    labels = {"step": Constant("s"), "goal": Constant("g")}
    feed = Feed(event="track", metric=metric.name, value=value, labels=labels)
    return replace(catalog, metrics=(*catalog.metrics, metric), feeds=(*catalog.feeds, feed))


def test_a_catalogue_that_grew_takes_everything_over() -> None:
    """New families share the rows of old ones and begin at 0."""
    world = World()
    world.send(message(at=0.0), answer(at=1.0), track("a"))

    again = world.restarted(with_metric(OWN))
    again.send(track("a"))

    before, after = world.moved(), again.moved()
    assert before | {'bot_tests_total{bot="shop",platform="unknown"}': 1} == after | {
        'bot_tracked_total{bot="shop",name="a"}': 1
    }
    assert 0 == again.series()['bot_tests_total{bot="shop",platform="web"}']


def test_the_order_of_declaration_does_not_matter() -> None:
    """Families are found by name, wherever their numbers lie in a row."""
    world = World()
    world.send(message(at=0.0), answer(at=1.0), track("a"))
    turned = replace(CATALOG, metrics=tuple(reversed(CATALOG.metrics)))

    again = world.restarted(turned)

    assert world.series() == again.series()
    assert world.series() == again.restarted(CATALOG).series()


def test_a_family_that_is_declared_no_more_is_reported_and_gone() -> None:
    """Its numbers leave; the families that shared its rows keep theirs."""
    catalog = with_metric(OWN)
    world = World(catalog)
    world.send(track("a"), {**track("a"), "platform": "web"}, message(at=0.0))

    again = World()
    gone = thaw(again.live, freeze(world.live))

    assert ["bot_tests_total"] == gone
    kept = {n: v for n, v in world.moved().items() if not n.startswith("bot_tests_total")}
    assert kept == again.moved()


def changed(**more: Any) -> Catalog:  # noqa: ANN401 - any attribute of a family
    """Return the catalogue in which the histogram of scores has other attributes."""
    return with_metric(replace(SCORE, **more), value="amount")


SCORE = Metric(
    name="bot_tests_score",
    kind=Kind.HISTOGRAM,
    help="Scores.",
    labels=(lb.BOT, lb.GOAL),
    buckets=(1.0, 2.0),
)


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"buckets": (1.0, 3.0)}, r"bounds \[1\.0, 2\.0\], .* now says .* and \[1\.0, 3\.0\]"),
        ({"labels": (lb.BOT, lb.STEP)}, r"labels \['bot', 'goal'\] .* now says \['bot', 'step'\]"),
        ({"labels": (lb.BOT,)}, r"labels \['bot', 'goal'\] .* now says \['bot'\]"),
        ({"kind": Kind.GAUGE, "buckets": ()}, "bounds"),
    ],
    ids=["bounds", "label", "fewer labels", "kind"],
)
def test_a_family_that_changed_under_its_name_is_refused(more: dict[str, Any], found: str) -> None:
    """Numbers of two meanings must not meet in one series; the message names the remedy."""
    world = World(changed())
    world.send({**track("a"), "amount": 1})

    with pytest.raises(CatalogError, match=found) as refused:
        world.restarted(changed(**more))

    assert str(refused.value).startswith("metric bot_tests_score: ")
    assert "give the changed metric a new name" in str(refused.value)


def test_a_counter_that_became_a_gauge_is_refused() -> None:
    """Their rows look alike, but `rate` of a gauge lies."""
    world = World(with_metric(OWN))
    world.send(track("a"))
    gauge = replace(OWN, kind=Kind.GAUGE)

    with pytest.raises(CatalogError, match="stored as counter, now declared gauge; give"):
        world.restarted(with_metric(gauge, value="amount"))


def test_a_help_text_or_a_limit_may_change() -> None:
    """What a series means to a query is its name, labels and bounds."""
    world = World(with_metric(OWN))
    world.send(track("a"))

    again = world.restarted(with_metric(replace(OWN, help="Other.", max_series=5)))

    assert world.series() == again.series()


def test_the_state_of_a_newer_version_is_refused() -> None:
    """Half of it would be worse than none."""
    state = unpack(freeze(World().live))
    newer = pack({**state, "format": FORMAT + 1})

    with pytest.raises(DataTooNewError, match="snapshot format 2 is newer than 1; start a newer"):
        thaw(World().live, newer)
