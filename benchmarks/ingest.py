"""Durable ingest over HTTP against the naive server."""

from collections.abc import Iterator, Mapping

from .contest import Contest, Contestant, Footprint, Pace, Record, Shape, compete, ours
from .events import many_series
from .measure import spread
from .scale import Scale
from .section import Goal, Section, table
from .servers import naive, post

OURS, NAIVE = "bot_exporter", "naive"
SHAPES = (Shape(1, 64), Shape(100, 16), Shape(1000, 8))
# Eight thousand events at once would keep the naive server busy for seconds after the end.
NAIVE_SHAPES = (*SHAPES[:2], Shape(1000, 2))
GOALS = {1: 4, 100: 20}  # Events a request -> times less processor than the naive server.
MOST_MEMORY_MIB = 100


def ingest_part(scale: Scale) -> Section:
    """Compare with the naive server."""
    contest = compete(
        {
            OURS: ours(SHAPES),
            NAIVE: Contestant(naive, NAIVE_SHAPES, fill=lambda server: post(server, many_series())),
        },
        Pace(scale.rounds, scale.ingest_seconds, scale.warm_up_seconds),
    )
    record = contest.records[OURS]
    return Section(
        "Ingest against the naive exporter",
        (*_ratios(contest), _answer_goal(contest, record), _memory_goal(record.footprints)),
        (*load_table(contest.records), *_notes(contest, record.footprints)),
    )


def load_table(records: Mapping[str, Record]) -> Iterator[str]:
    """Yield every server under every load."""
    yield from table(
        (
            "server",
            "events a request",
            "connections",
            "CPU us/event",
            "events/s",
            "p50 ms",
            "p99 ms",
        ),
        (
            (
                name,
                str(shape.events_per_request),
                f"{shape.connections:,}",
                f"{record.spread(shape, 'cpu_us_per_event'):.1f}",
                f"{record.spread(shape, 'events_per_second'):,.0f}",
                f"{record.spread(shape, 'p50_ms'):.1f}",
                f"{record.spread(shape, 'p99_ms'):.1f}",
            )
            for name, record in records.items()
            for shape in record.loads
        ),
    )


def _ratios(contest: Contest) -> Iterator[Goal]:
    for size, goal in GOALS.items():
        events = "1 event" if size == 1 else f"{size} events"
        figure = contest.cpu_ratio(OURS, NAIVE, size)
        yield Goal(f"ingest, {events} a request", figure, "x", goal, at_least=True)


def _answer_goal(contest: Contest, record: Record) -> Goal:
    shape = SHAPES[0]
    return Goal(
        f"p99 of an answer, {shape.connections} connections",
        record.spread(shape, "p99_ms"),
        "ms",
        2 * contest.sync_p99_ms + 10,
        at_least=False,
    )


def _memory_goal(footprints: list[Footprint]) -> Goal:
    return Goal(
        f"memory with {footprints[-1].series:,} series",
        spread([footprint.filled_mib for footprint in footprints]),
        "MiB",
        MOST_MEMORY_MIB,
        at_least=False,
    )


def _notes(contest: Contest, footprints: list[Footprint]) -> Iterator[str]:
    last = footprints[-1]
    yield "- The naive exporter neither stores nor recognises duplicates; both are on here."
    yield (
        "- The goal of the answer is 2 x fdatasync + 10 ms, where fdatasync is its p99 "
        f"right before the rounds: {contest.sync_p99_ms:.2f} ms."
    )
    yield (
        f"- Memory after {last.events:,} events sent as fast as they were taken: "
        f"{last.loaded_mib:.0f} MiB anonymous."
    )
