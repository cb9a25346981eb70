"""The exporter's own metrics: `exporter.metrics.own`."""

import pytest

from exporter.catalog.builtin import CATALOG
from exporter.catalog.metrics_operations import EXPECTED_SILENCE
from exporter.catalog.own import (
    EVENTS_RECEIVED,
    LOG_SYNC_DURATION,
    REJECTIONS,
    REQUESTS_REFUSED,
    SCRAPE_SIZE,
    SERIES,
    SYNC_BUCKETS,
    TASK_RESTARTS,
)
from exporter.catalog.spec import Kind, Source
from exporter.metrics.own import OwnMetrics
from exporter.model.verdicts import Reason, Refusal

from .world import World, read


@pytest.fixture
def own() -> OwnMetrics:
    """Return the metrics of a process that has just started."""
    return OwnMetrics(CATALOG.metrics)


def test_a_counter_adds_up(own: OwnMetrics) -> None:
    """One at a time, or many."""
    own.add(EVENTS_RECEIVED)
    own.add(EVENTS_RECEIVED, by=499)

    assert 500 == own.value(EVENTS_RECEIVED)


def test_label_sets_count_apart(own: OwnMetrics) -> None:
    """Values come in the order in which the family declares its labels."""
    own.add(REQUESTS_REFUSED, Refusal.LOG_FULL)
    own.add(REQUESTS_REFUSED, Refusal.LOG_FULL)
    own.add(REQUESTS_REFUSED, Refusal.TOO_SLOW)

    assert (2, 1, 0) == tuple(
        own.value(REQUESTS_REFUSED, refusal)
        for refusal in (Refusal.LOG_FULL, Refusal.TOO_SLOW, Refusal.FORBIDDEN)
    )


def test_a_gauge_shows_what_was_set_last(own: OwnMetrics) -> None:
    """Setting does not add."""
    own.set(SCRAPE_SIZE, 10)
    own.set(SCRAPE_SIZE, 7.5)

    assert 7.5 == own.value(SCRAPE_SIZE)


def test_a_counter_may_mirror_one_that_others_keep(own: OwnMetrics) -> None:
    """The log counts its own commits; the page copies them."""
    own.set(EVENTS_RECEIVED, 41)
    own.add(EVENTS_RECEIVED)

    assert 42 == own.value(EVENTS_RECEIVED)


def test_what_was_never_touched_is_zero(own: OwnMetrics) -> None:
    """Asking makes no series."""
    assert 0 == own.value(SCRAPE_SIZE) == own.value(TASK_RESTARTS, "sweep")
    assert not [
        t.rows for t in own.tables if t.slots[0].metric in (SCRAPE_SIZE, TASK_RESTARTS) and t.rows
    ]


def test_an_observation_falls_into_the_bucket_that_includes_it() -> None:
    """Bounds are inclusive, and what lies above the last one counts in +Inf."""
    world = World()

    for seconds in (SYNC_BUCKETS[0], 0.003, 7.0):
        world.own.observe(LOG_SYNC_DURATION, seconds)

    page, name = read(world.page()), LOG_SYNC_DURATION.name
    counts = {0.0005: 1, 0.0025: 1, 0.005: 2, 1.0: 2}
    assert counts == {bound: page[f'{name}_bucket{{le="{bound}"}}'] for bound in counts}
    assert 3 == page[f'{name}_bucket{{le="+Inf"}}'] == page[f"{name}_count"]
    assert SYNC_BUCKETS[0] + 0.003 + 7.0 == page[f"{name}_sum"]


def test_clearing_removes_every_child() -> None:
    """A bot that left the configuration has no expected silence any more."""
    world = World()
    world.own.set(EXPECTED_SILENCE, 60, "old")

    world.own.clear(EXPECTED_SILENCE)
    world.own.set(EXPECTED_SILENCE, 30, "new")

    names = [name for name in read(world.page()) if name.startswith(EXPECTED_SILENCE.name)]
    assert [f'{EXPECTED_SILENCE.name}{{bot="new"}}'] == names


def test_counters_and_histograms_that_can_be_known_start_at_zero() -> None:
    """The first refusal of a kind must be an increase; gauges wait until they are set."""
    page = read(World().page())

    for reason in Reason:
        assert 0 == page[f'{REJECTIONS.name}{{reason="{reason}"}}']
    families = [metric for metric in CATALOG.metrics if metric.source is Source.PROCESS]
    known = {
        m.name for m in families if m.kind is not Kind.GAUGE and all(x.choices for x in m.labels)
    }
    assert known == {
        m.name for m in families if any(n.partition("{")[0].startswith(m.name) for n in page)
    }
    assert {0.0} == set(page.values())


def test_a_family_of_another_source_is_not_its_own(own: OwnMetrics) -> None:
    """What events move lives in the rows, not here."""
    names = {table.slots[0].metric.name for table in own.tables}

    assert {m.name for m in CATALOG.metrics if m.source is Source.PROCESS} == names
    assert SERIES.name in names
