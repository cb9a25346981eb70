"""The page: `exporter.metrics.render`, against two parsers, promtool and a slow rendering."""

import subprocess
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import Metric as Parsed
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from exporter.catalog.builtin import CATALOG
from exporter.catalog.own import (
    EVENTS_ACCEPTED,
    EVENTS_RECEIVED,
    EVENTS_REJECTED,
    REQUEST_DURATION,
    TASK_RESTARTS,
)
from exporter.catalog.spec import Kind, Metric, Source
from exporter.metrics.rows import Row, Slot, Table
from exporter.model.units import Unit

from .full import TRACE, full_world, missing
from .reference import UNSHRUNK, every_type
from .test_guard import track
from .world import EPOCH, World, answer, message, read

Labels = tuple[tuple[str, str], ...]


class Sample(NamedTuple):
    """One number of the page, however it was written."""

    name: str
    labels: Labels
    value: float


FULL = full_world()


def parsed(page: str, *, openmetrics: bool) -> list[Parsed]:
    """Return the families that the library reads from a page."""
    return list(parse_openmetrics(page + "# EOF\n") if openmetrics else parse_text(page))


def samples(families: list[Parsed]) -> list[Sample]:
    """Return every sample, sorted."""
    return sorted(
        Sample(s.name, tuple(sorted(s.labels.items())), s.value) for f in families for s in f.samples
    )


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
    for bound, count in zip((*slot.metric.buckets, "+Inf"), row[at:], strict=False):
        seen += count
        le = bound if isinstance(bound, str) else repr(float(bound))
        yield Sample(f"{name}_bucket", tuple(sorted((*labels, ("le", le)))), seen)
    yield Sample(f"{name}_count", labels, seen)
    yield Sample(f"{name}_sum", labels, row[at + len(slot.metric.buckets) + 1])


def test_every_family_of_the_catalogue_can_be_on_the_page() -> None:
    """The tests of this file look at all of them."""
    assert [] == missing(FULL.page())


@pytest.mark.parametrize("openmetrics", [False, True], ids=["text", "openmetrics"])
def test_the_page_says_what_the_rows_hold(*, openmetrics: bool) -> None:
    """The library's parsers read every sample that a slow walk through the rows finds."""
    families = parsed(FULL.page(openmetrics=openmetrics), openmetrics=openmetrics)

    assert slow(FULL) == samples(families)


@settings(max_examples=10, phases=UNSHRUNK)
@given(every_type(CATALOG))
def test_both_formats_say_the_same(events: list[dict[str, Any]]) -> None:
    """Whatever bots send, both parsers read the same samples, and they are the right ones."""
    world = World()
    world.send(*events)

    text, openmetrics = (
        samples(parsed(world.page(openmetrics=o), openmetrics=o)) for o in (False, True)
    )

    assert slow(world) == text == openmetrics


@pytest.mark.parametrize("openmetrics", [False, True], ids=["text", "openmetrics"])
def test_each_family_has_its_kind_help_and_unit(*, openmetrics: bool) -> None:
    """A counter of OpenMetrics has a family name without `_total`."""
    families = {f.name: f for f in parsed(FULL.page(openmetrics=openmetrics), openmetrics=openmetrics)}

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


@settings(max_examples=300)
@given(st.text())
def test_any_text_in_a_label_comes_back_as_it_was(value: str) -> None:
    """Backslash, quote and newline are escaped, everything else stays; in both formats."""
    WORLD.own.clear(TASK_RESTARTS)
    WORLD.own.add(TASK_RESTARTS, value)

    for openmetrics in (False, True):
        lines = WORLD.page(openmetrics=openmetrics).split("\n")
        page = "\n".join(line for line in lines if TASK_RESTARTS.family in line) + "\n"
        [family] = parsed(page, openmetrics=openmetrics)
        assert [{"task": value}] == [sample.labels for sample in family.samples]


WORLD = World()


@settings(max_examples=60)
@given(st.text("\\\"%s{}d(,=n\n", max_size=12))
def test_a_histogram_keeps_percent_signs_and_braces(value: str) -> None:
    """Its lines are made with a template of percent signs."""
    world = World(structs=None)
    [table] = [t for t in world.live.tables if t.slots[0].metric.name == "bot_llm_requests_total"]
    row = table.add(("shop", value))
    row[table.slots[1].offset] += 1

    families = {family.name: family for family in parsed(world.page(), openmetrics=False)}

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
    page = FULL.page(openmetrics=True)
    families = {family.name: family for family in parsed(page, openmetrics=True)}

    found = [
        (sample.labels["le"], sample.exemplar)
        for sample in families["bot_response_duration_seconds"].samples
        if sample.exemplar
    ]
    [(bound, exemplar)] = found
    assert ("0.5", {"trace_id": TRACE}) == (bound, exemplar.labels)
    assert (pytest.approx(0.3), EPOCH + 0.3) == (exemplar.value, exemplar.timestamp)
    assert TRACE not in FULL.page()


@pytest.mark.parametrize("trace", ['"} 1 # {x="', "line\nbreak", "\\", "", "ключ"])
def test_a_trace_that_needs_escapes_is_not_shown(trace: str) -> None:
    """Parsers differ in escapes of exemplars, and a bot must not break the page."""
    world = World()
    world.send(message(at=0.0), answer(at=0.3, trace_id=trace or None))

    page = world.page(openmetrics=True)

    assert not [s for f in parsed(page, openmetrics=True) for s in f.samples if s.exemplar]


def test_an_empty_family_is_not_on_the_page() -> None:
    """Comments without samples would be noise for 60 families."""
    world = World()
    world.send({"type": "heartbeat", "bot": "shop"})

    page = world.page()

    assert "bot_tracked_total" not in page
    assert "# TYPE bot_thumbs_total counter" in page


def many(world: World, rows: int = 1_000) -> None:
    """Fill two families with more rows than a piece holds."""
    world.limit(labels={"name": rows, "model": rows})
    world.send(*(track(f"n{n}") for n in range(rows)))
    calls = ({"type": "llm_call", "bot": "shop", "model": f"m{n}"} for n in range(rows))
    world.send(*calls)


def test_a_large_page_comes_in_pieces() -> None:
    """The event loop gets its turn between two of them."""
    world = World()
    many(world)

    sizes = [piece.count("\n") for piece in world.renderer.pieces(0.0, openmetrics=False)]

    assert len(sizes) > 30
    assert max(sizes[1:]) <= 128 * 12 + 3


@pytest.mark.parametrize("openmetrics", [False, True], ids=["text", "openmetrics"])
def test_rows_may_come_and_go_between_two_pieces(*, openmetrics: bool) -> None:
    """A sweep or a new bot in the middle of a scrape neither breaks nor doubles anything."""
    world = World()
    many(world)
    pages = []

    for turn in range(3):
        pieces = []
        for n, piece in enumerate(world.renderer.pieces(0.0, openmetrics=openmetrics)):
            pieces.append(piece)
            world.send(track(f"new{turn}-{n}"), {"type": "llm_call", "bot": f"b{n}", "model": "m"})
            if n % 5 == 0:
                world.control(31 * 86_400.0 * (turn + 1), op="sweep")
        pages.append("".join(pieces))

    for page in pages:
        found = samples(parsed(page, openmetrics=openmetrics))
        assert len(found) == len({sample[:2] for sample in found}) > 300


def test_the_exporters_own_sums_agree_while_events_come_in() -> None:
    """`received = accepted + duplicate + rejected` holds in every scrape."""
    world = World()
    many(world)
    pieces = []

    for piece in world.renderer.pieces(0.0, openmetrics=False):
        pieces.append(piece)
        world.own.add(EVENTS_RECEIVED, by=3)
        world.own.add(EVENTS_ACCEPTED, by=2)
        world.own.add(EVENTS_REJECTED)
        world.own.observe(REQUEST_DURATION, 0.1)
    first, second = read("".join(pieces)), read(world.page())

    for page in (first, second):
        parts = ("accepted", "duplicate", "rejected")
        total = sum(page[f"bot_exporter_events_{part}_total"] for part in parts)
        assert total == page["bot_exporter_events_received_total"]
    assert 0 == first["bot_exporter_events_received_total"]
    assert 3 * len(pieces) == second["bot_exporter_events_received_total"]


def test_a_histogram_never_tears() -> None:
    """The count of each child equals its last bucket, whatever happens between pieces."""
    world = World()
    many(world)
    pieces = []

    for piece in world.renderer.pieces(0.0, openmetrics=False):
        pieces.append(piece)
        world.send(
            *(
                {"type": "llm_call", "bot": "shop", "model": f"m{n}", "duration_seconds": 1.5}
                for n in range(0, 1_000, 50)
            )
        )

    page = read("".join(pieces))
    name = "bot_llm_request_duration_seconds"
    counts = {n: v for n, v in page.items() if n.startswith(f"{name}_count")}
    assert 1_000 == len(counts)
    assert any(counts.values())
    for child, count in counts.items():
        labels = child.removeprefix(f"{name}_count").removesuffix("}")
        assert count == page[f'{name}_bucket{labels},le="+Inf"}}']
        assert 1.5 * count == page[f"{name}_sum{labels}}}"]


def test_templates_of_rows_that_left_are_forgotten() -> None:
    """Label values come and go for years; what is cached for them must not."""
    world = World()
    templates = world.renderer._templates["bot_llm_request_duration_seconds"]  # noqa: SLF001 - memory has no public door
    for turn in range(6):
        world.limit(labels={"model": 1_000})
        calls = [{"type": "llm_call", "bot": "b", "model": f"{turn}-{n}"} for n in range(300)]
        world.send(*calls, now=turn * 31 * 86_400.0)
        world.page()
        world.control((turn + 1) * 31 * 86_400.0, op="sweep")

    assert len(templates) <= 2 * 300 + 128 + 300


def test_only_what_events_move_is_in_the_state_of_the_rows() -> None:
    """Families of the process and of presence have no rows among those of events."""
    in_rows = {slot.metric.name for table in FULL.live.tables for slot in table.slots}

    expected = {m.name for m in CATALOG.metrics if m.source in (Source.EVENTS, Source.TURNS)}
    assert expected == in_rows
