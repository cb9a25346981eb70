"""A scrape of 100,000 series against prometheus_client over the same numbers."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import prometheus_client as prometheus
import uvloop
from aiohttp.test_utils import make_mocked_request

from exporter.catalog.build import event_structs
from exporter.catalog.builtin import CATALOG
from exporter.catalog.spec import Kind
from exporter.metrics.engine import LiveMetrics, key_of_labels
from exporter.metrics.exposition import Exposition
from exporter.metrics.guard import Limits
from exporter.metrics.own import OwnMetrics
from exporter.metrics.render import Renderer
from exporter.metrics.rows import Table

from .measure import Spread, ratio, spread
from .naive import family_of
from .scale import Scale
from .section import Goal, Section

SEED = 4
NO_LIMIT = 10**9
TICK_SECONDS = 0.0005
# Half counters with one family a row, half rows with two histograms and two counters.
INTENT, MODEL = "bot,intent", "bot,model"
ROWS_PER_SERIES = {INTENT: 0.5, MODEL: 0.01925}
LESS_CPU = 25  # Times, against `generate_latest`.
LONGEST_STALL_MS = 3


@dataclass(frozen=True, slots=True)
class Scrapes:
    """Our scrapes, in ms: CPU with gzip, the loop's longest stall, and that of an idle loop."""

    series: int
    costs: list[float]
    stalls: list[float]
    ticks: list[float]


def scrape_part(scale: Scale) -> Section:
    """Scrape the last size of the curves within this process, which must not hold much else."""
    rows = {name: round(share * scale.series[-1]) for name, share in ROWS_PER_SERIES.items()}
    live, own = _filled(rows)
    try:
        ours = uvloop.run(_ours(live, own, scale.scrape_rounds))
        naive = _naive(live, scale.scrape_rounds)
    finally:
        gc.unfreeze()
    # Whatever else runs on the machine only makes a stall longer: the best of several is ours.
    stall = Spread(min(ours.stalls), min(ours.stalls), max(ours.stalls))
    return Section(
        "Scrape against generate_latest",
        (
            Goal(
                f"scrape of {ours.series:,} series",
                ratio(naive, ours.costs),
                "x",
                LESS_CPU,
                at_least=True,
            ),
            Goal(
                "longest stall of the loop in a scrape (best of all)",
                stall,
                "ms",
                LONGEST_STALL_MS,
                at_least=False,
            ),
        ),
        (
            f"- CPU ms a scrape, with gzip: {spread(ours.costs):.1f}.",
            f"- CPU ms of `generate_latest`, without: {spread(naive):.0f}.",
            f"- An idle loop stalls {min(ours.ticks):.1f} ms.",
        ),
    )


def _filled(rows: dict[str, int]) -> tuple[LiveMetrics, OwnMetrics]:
    rng = Random(SEED)
    own = OwnMetrics(CATALOG.metrics)
    live = LiveMetrics(CATALOG, (event_structs(CATALOG, strict=True),), own)
    names = {label.name for table in live.tables for label in table.labels}
    families = {slot.metric.name for table in live.tables for slot in table.slots}
    live.guard.apply_limits(
        Limits(labels=dict.fromkeys(names, NO_LIMIT), metrics=dict.fromkeys(families, NO_LIMIT))
    )
    tables = {key_of_labels(t): t for t in live.tables if t.ttl_seconds is None}
    for name, wanted in rows.items():
        for number in range(wanted):
            row = live.guard.row(tables[name], (f"bot-{number % 10}", f"value_{number}"))
            row[1:] = [rng.randrange(1, 100_000) for _ in row[1:]]
    return live, own


async def _ours(live: LiveMetrics, own: OwnMetrics, rounds: int) -> Scrapes:
    renderer = Renderer(live, own)
    exposition = Exposition(renderer, own, now=lambda: 0.0, refresh=lambda: None)
    request = make_mocked_request("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
    series = sum(text.count("\n") for text in renderer.pieces(0.0, openmetrics=False))
    await exposition.handle(request)
    gc.collect()
    gc.freeze()  # As the server does after its start.
    costs = []
    for _ in range(rounds):
        began = time.process_time()
        await exposition.handle(request)
        costs.append((time.process_time() - began) * 1e3)
    stalls = [await _longest_gap(lambda: exposition.handle(request)) for _ in range(rounds)]
    ticks = [await _longest_gap(_idle) for _ in range(rounds)]
    return Scrapes(series, costs, stalls, ticks)


async def _longest_gap(work: Callable[[], Awaitable[Any]]) -> float:
    """Return the longest time in ms for which nothing else ran during *work*."""
    loop = asyncio.get_running_loop()
    gaps: list[float] = []
    last = time.perf_counter()
    running = True

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        gaps.append(now - last)
        last = now
        if running:
            loop.call_later(TICK_SECONDS, tick)

    tick()
    await work()
    running = False
    tick()
    return max(gaps) * 1e3


async def _idle() -> None:
    """Leave the loop to the ticker, whose own longest gap is the noise of the machine."""
    await asyncio.sleep(0.05)


def _naive(live: LiveMetrics, rounds: int) -> list[float]:
    prometheus.disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped
    registry = prometheus.CollectorRegistry()
    for table in live.tables:
        if key_of_labels(table) in ROWS_PER_SERIES and table.ttl_seconds is None:
            _copy(table, registry)
    costs = []
    for _ in range(rounds):
        began = time.process_time()
        prometheus.generate_latest(registry)
        costs.append((time.process_time() - began) * 1e3)
    return costs


def _copy(table: Table, registry: prometheus.CollectorRegistry) -> None:
    """Give prometheus_client the same children."""
    for slot in table.slots:
        if slot.metric.kind is Kind.GAUGE:
            continue
        family = family_of(slot.metric, registry)
        for key, row in table.rows.items():
            child: Any = family.labels(*key)
            if slot.metric.kind is Kind.COUNTER:
                child.inc(row[slot.offset])
                continue
            for bucket, number in zip(child._buckets, row[slot.offset :], strict=False):  # noqa: SLF001 - there is no other way in
                bucket.inc(number)
            child._sum.inc(row[slot.offset + slot.width - 1])  # noqa: SLF001 - ditto
