"""A page is rendered in pieces while the world goes on: `exporter.metrics.render`."""

import pytest

from exporter.catalog.own import (
    EVENTS_ACCEPTED,
    EVENTS_RECEIVED,
    EVENTS_REJECTED,
    REQUEST_DURATION,
)

from .parsers import END, parsed, samples
from .test_guard import track
from .world import World, read


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
    pages = []

    for turn in range(2):
        many(world)
        pieces = []
        for n, piece in enumerate(world.renderer.pieces(0.0, openmetrics=openmetrics)):
            pieces.append(piece)
            world.send(track(f"new{turn}-{n}"), {"type": "llm_call", "bot": f"b{n}", "model": "m"})
            if n == 20:
                world.control(31 * 86_400.0 * (turn + 1), op="sweep")
        pages.append("".join(pieces))

    for page in pages:
        found = samples(parsed(page + END * openmetrics, openmetrics=openmetrics))
        assert len(found) == len({sample[:2] for sample in found}) > 1_000


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
