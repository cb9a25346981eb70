"""A scrape of 100,000 series against prometheus_client over the same numbers."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from statistics import median
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

from .naive import family_of

SEED = 4
NO_LIMIT = 10**9
TICK_SECONDS = 0.0005
# Half counters with one family a row, half rows with two histograms and two counters.
TABLES = {"bot,intent": 50_000, "bot,model": 1_925}


@dataclass(frozen=True, slots=True)
class Scraped:
    """CPU of one scrape, ours with gzip and theirs without, and the longest stall of the loop."""

    series: int
    ours_ms: float
    naive_ms: float
    stall_ms: float
    ticker_ms: float

    @property
    def ratio(self) -> float:
        """Return how many times less processor our scrape costs."""
        return self.naive_ms / self.ours_ms


def measure_scrape(*, rounds: int) -> Scraped:
    """Return the medians of *rounds* scrapes each."""
    live, own = _filled()
    series, ours, stalls, ticks = uvloop.run(_ours(live, own, rounds))
    naive = _naive(live, rounds)
    # Whatever else runs on the machine only makes a stall longer: the best of several is ours.
    return Scraped(series, median(ours), median(naive), min(stalls), min(ticks))


def _filled() -> tuple[LiveMetrics, OwnMetrics]:
    rng = Random(SEED)
    own = OwnMetrics(CATALOG.metrics)
    live = LiveMetrics(CATALOG, (event_structs(CATALOG, strict=True),), own)
    names = {label.name for table in live.tables for label in table.labels}
    families = {slot.metric.name for table in live.tables for slot in table.slots}
    live.guard.apply_limits(
        Limits(labels=dict.fromkeys(names, NO_LIMIT), metrics=dict.fromkeys(families, NO_LIMIT))
    )
    tables = {key_of_labels(t): t for t in live.tables if t.ttl_seconds is None}
    for name, rows in TABLES.items():
        for number in range(rows):
            row = live.guard.row(tables[name], (f"bot-{number % 10}", f"value_{number}"))
            row[1:] = [rng.randrange(1, 100_000) for _ in row[1:]]
    return live, own


async def _ours(
    live: LiveMetrics, own: OwnMetrics, rounds: int
) -> tuple[int, list[float], list[float], list[float]]:
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
    return series, costs, stalls, ticks


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
    prometheus.disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = prometheus.CollectorRegistry()
    for table in live.tables:
        if key_of_labels(table) in TABLES and table.ttl_seconds is None:
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
