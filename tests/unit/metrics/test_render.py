"""The page: `exporter.metrics.render`, against two parsers, promtool and a slow rendering."""

import subprocess
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import Metric as Parsed

from exporter.catalog.builtin import CATALOG
from exporter.catalog.own import (
    TASK_RESTARTS,
)
from exporter.catalog.spec import Kind, Metric, Source
from exporter.metrics.rows import Row, Slot, Table
from exporter.model.units import Unit

from .full import TRACE, full_world, missing
from .parsers import END, Sample, parsed, samples
from .reference import UNSHRUNK, every_type
from .world import EPOCH, World, answer, message

FULL = full_world()


def families_of(world: World, *, openmetrics: bool) -> list[Parsed]:
    """Return the families that the library reads from the page."""
    end = END if openmetrics else ""
    return parsed(world.page(openmetrics=openmetrics) + end, openmetrics=openmetrics)


def slow(world: World) -> list[Sample]:
    """Return every sample, read row by row from the tables."""
    found = [
        sample
        for table in (*world.live.tables, *world.own.tables)
        for key, row in table.rows.items()
        for slot in table.slots
        for sample in _of_row(table, slot, (key,) if isinstance(key, str) else key, row)
    ]
    for what, tracker in (
        ("bot_active_conversations", world.live.conversations),
        ("bot_active_sessions", world.live.sessions),
    ):
        for (bot, platform), count in world.live.present(tracker).items():
            found.append(Sample(what, (("bot", bot), ("platform", platform)), count))
    return sorted(found)


def _of_row(table: Table, slot: Slot, key: tuple[str, ...], row: Row) -> Iterator[Sample]:
    name, at = slot.metric.name, slot.offset
    labels = tuple(sorted(zip((x.name for x in table.labels), key, strict=True)))
    if slot.metric.kind is not Kind.HISTOGRAM:
        if row[at] is not None:
            yield Sample(name, labels, row[at])
        return
    seen = 0
    bounds = [*(repr(float(bound)) for bound in slot.metric.buckets), "+Inf"]
    for le, count in zip(bounds, row[at:], strict=False):
        seen += count
        yield Sample(f"{name}_bucket", tuple(sorted((*labels, ("le", le)))), seen)
    yield Sample(f"{name}_count", labels, seen)
    yield Sample(f"{name}_sum", labels, row[at + len(slot.metric.buckets) + 1])


def test_every_family_of_the_catalogue_can_be_on_the_page() -> None:
    """The tests of this file look at all of them."""
    assert [] == missing(FULL.page())


@pytest.mark.parametrize("openmetrics", [False, True], ids=["text", "openmetrics"])
def test_the_page_says_what_the_rows_hold(*, openmetrics: bool) -> None:
    """The library's parsers read every sample that a slow walk through the rows finds."""
    families = families_of(FULL, openmetrics=openmetrics)

    assert slow(FULL) == samples(families)


@settings(max_examples=8, phases=UNSHRUNK)
@given(every_type(CATALOG))
def test_both_formats_say_the_same(events: list[dict[str, Any]]) -> None:
    """Whatever bots send, both parsers read the same samples, and they are the right ones."""
    world = World()
    world.send(*events)

    text, openmetrics = (samples(families_of(world, openmetrics=o)) for o in (False, True))

    assert slow(world) == text == openmetrics


@pytest.mark.parametrize("openmetrics", [False, True], ids=["text", "openmetrics"])
def test_each_family_has_its_kind_help_and_unit(*, openmetrics: bool) -> None:
    """A counter of OpenMetrics has a family name without `_total`."""
    families = {f.name: f for f in families_of(FULL, openmetrics=openmetrics)}

    assert len(CATALOG.metrics) == len(families)
    for metric in CATALOG.metrics:
        family = families[metric.family]  # The library drops `_total` in both formats.
        unit = unit_of(metric) if openmetrics else ""
        assert (metric.kind.value, metric.help, unit) == (
            family.type,
            family.documentation,
            family.unit,
        )


def unit_of(metric: Metric) -> str:
    """Return the unit that OpenMetrics shows: the last word of a timestamp's."""
    return "seconds" if metric.unit is Unit.TIMESTAMP else metric.unit.value


def test_comment_lines_name_the_family_as_their_format_wants() -> None:
    """Prometheus shows help and kind only when the names match."""
    text, openmetrics = (
        {line for line in FULL.page(openmetrics=o).split("\n") if line.startswith("#")}
        for o in (False, True)
    )

    assert "# TYPE bot_events_total counter" in text
    assert "# TYPE bot_events counter" in openmetrics
    assert "# UNIT bot_response_duration_seconds seconds" in openmetrics
    assert "# UNIT bot_llm_cost_usd usd" in openmetrics
    assert "# UNIT bot_intent_confidence_ratio ratio" in openmetrics
    assert not [line for line in text if line.startswith("# UNIT")]
    assert not [line for line in openmetrics if "_created" in line or "_total " in line]


@pytest.mark.parametrize("openmetrics", [False, True], ids=["text", "openmetrics"])
def test_the_lines_of_a_family_stand_together(*, openmetrics: bool) -> None:
    """Both formats forbid to come back to a family; each has its comments once, at its head."""
    lines = FULL.page(openmetrics=openmetrics).removesuffix("\n").split("\n")

    heads = [line.split(" ")[2] for line in lines if line.startswith("# TYPE")]
    order = [name for name, _ in groupby(_family(line) for line in lines)]

    assert len(heads) == len(set(heads)) == len(CATALOG.metrics)
    assert [name.removesuffix("_total") for name in heads] == order


def _family(line: str) -> str:
    name = line.split(" ")[2] if line.startswith("#") else line.partition("{")[0].split(" ")[0]
    histograms = [m.name for m in CATALOG.metrics if m.kind is Kind.HISTOGRAM]
    own = [h for h in histograms if name in (h, f"{h}_bucket", f"{h}_sum", f"{h}_count")]
    return own[0] if own else name.removesuffix("_total")


def test_promtool_finds_nothing_to_criticise(promtool: Path) -> None:
    """Names, units, kinds and help texts follow the conventions of Prometheus."""
    checked = subprocess.run(
        [promtool, "check", "metrics"],
        input=FULL.page(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, "", "") == (checked.returncode, checked.stdout, checked.stderr)


def test_bounds_are_written_as_floats() -> None:
    """`le="1.0"` in both formats, or a rule that says so finds nothing."""
    for openmetrics in (False, True):
        page = FULL.page(openmetrics=openmetrics)

        bounds = {part.split('"')[0] for part in page.split(',le="')[1:]}

        assert {"0.1", "1.0", "10.0", "3600.0", "+Inf"} <= bounds
        assert all(bound == "+Inf" or bound == repr(float(bound)) for bound in bounds)


def test_every_threshold_of_the_catalogue_is_a_bound_of_the_page() -> None:
    """Each histogram shows its declared bounds in order, then +Inf, its sum and its count."""
    lines = FULL.page().split("\n")
    for metric in CATALOG.metrics:
        if metric.kind is not Kind.HISTOGRAM:
            continue

        own = [line for line in lines if line.startswith((f"{metric.name}_", f"{metric.name}{{"))]

        size = len(metric.buckets) + 3
        assert 0 == len(own) % size
        bounds = [line.partition('le="')[2].partition('"')[0] for line in own[: size - 2]]
        assert [*(repr(float(bound)) for bound in metric.buckets), "+Inf"] == bounds
        assert own[size - 2].startswith(f"{metric.name}_sum")
        assert own[size - 1].startswith(f"{metric.name}_count")


@settings(max_examples=200)
@given(st.text())
def test_any_text_in_a_label_comes_back_as_it_was(value: str) -> None:
    """Backslash, quote and newline are escaped, everything else stays; in both formats."""
    WORLD.own.clear(TASK_RESTARTS)
    WORLD.own.add(TASK_RESTARTS, value)

    for openmetrics in (False, True):
        lines = WORLD.page(openmetrics=openmetrics).split("\n")
        own = [line for line in lines if TASK_RESTARTS.family in line]
        page = "\n".join([*own, END if openmetrics else ""])
        [family] = parsed(page, openmetrics=openmetrics)
        assert [{"task": value}] == [sample.labels for sample in family.samples]


WORLD = World()


@settings(max_examples=60)
@given(st.text('\\"%s{}d(,=n\n', max_size=12))
def test_a_histogram_keeps_percent_signs_and_braces(value: str) -> None:
    """Its lines are made with a template of percent signs."""
    [table] = [t for t in WORLD.live.tables if t.slots[0].metric.name == "bot_llm_requests_total"]
    table.rows.clear()
    table.texts.clear()
    row = table.add(("shop", value))
    row[table.slots[1].offset] += 1

    families = {family.name: family for family in families_of(WORLD, openmetrics=False)}

    found = families["bot_llm_request_duration_seconds"].samples
    assert {value} == {sample.labels["model"] for sample in found}
    assert {0.0, 1.0} >= {sample.value for sample in found}


def test_numbers_come_back_to_the_last_bit() -> None:
    """Seventeen digits, and integers as long as they are."""
    world = World()
    amounts = [0.1, 0.2, 1e-300, 123_456_789.987_654_321]
    for amount in amounts:
        world.send({"type": "refund", "bot": "b", "currency": "EUR", "amount": amount})

    value = world.series()['bot_refunds_total{bot="b",currency="EUR"}']

    assert ((0.1 + 0.2) + 1e-300) + 123_456_789.987_654_321 == value


def test_a_trace_is_shown_as_exemplar_in_openmetrics_only() -> None:
    """The text format has none; the exemplar stands behind the bucket of its value."""
    families = {family.name: family for family in families_of(FULL, openmetrics=True)}

    found = [
        (sample.labels["le"], sample.exemplar)
        for sample in families["bot_response_duration_seconds"].samples
        if sample.exemplar
    ]
    [(bound, exemplar)] = found
    assert ("0.5", {"trace_id": TRACE}) == (bound, exemplar.labels)
    assert pytest.approx(0.3) == exemplar.value
    assert EPOCH + 0.3 == float(str(exemplar.timestamp))
    assert TRACE not in FULL.page()


@pytest.mark.parametrize("trace", ['"} 1 # {x="', "line\nbreak", "\\", "", "ключ"])
def test_a_trace_that_needs_escapes_is_not_shown(trace: str) -> None:
    """Parsers differ in escapes of exemplars, and a bot must not break the page."""
    world = World()
    world.send(message(at=0.0), answer(at=0.3, trace_id=trace or None))

    families = families_of(world, openmetrics=True)

    assert not [s for family in families for s in family.samples if s.exemplar]


def test_an_empty_family_is_not_on_the_page() -> None:
    """Comments without samples would be noise for 60 families."""
    world = World()
    world.send({"type": "heartbeat", "bot": "shop"})

    page = world.page()

    assert "bot_tracked_total" not in page
    assert "# TYPE bot_thumbs_total counter" in page


def test_only_what_events_move_is_in_the_state_of_the_rows() -> None:
    """Families of the process and of presence have no rows among those of events."""
    in_rows = {slot.metric.name for table in FULL.live.tables for slot in table.slots}

    expected = {m.name for m in CATALOG.metrics if m.source in (Source.EVENTS, Source.TURNS)}
    assert expected == in_rows
