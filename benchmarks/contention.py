"""Ingest while Prometheus scrapes very many series each second, and while it does not."""

import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from .contest import WARM_UP, Measured, Shape, under
from .load import Plan
from .measure import ratio, spread
from .pushes import series_in
from .scale import Scale
from .section import Section, table
from .series import fill
from .servers import Server, scrape, scraping, unlimited
from .stalls import LongestGap, wrapper

SHAPE = Shape(1, 64)
SCRAPE_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Contended:
    """One load with or without scrapes."""

    measured: Measured
    stall_ms: float
    scrape_seconds: float


def contention_part(scale: Scale) -> Section:
    """Send the same load with and without scrapes, in turns."""
    found: dict[bool, list[Contended]] = defaultdict(list)
    series = 0
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        gap = LongestGap.create(Path(scratch) / "gap")
        start = unlimited(*wrapper(Path(scratch) / "gap"))
        for number in range(scale.growth_rounds):
            with start(Path(scratch) / str(number)) as server:
                fill(server, scale.series[-1], scale.series[-1])
                series = series_in(scrape(server))
                serials = count(step=1 << 32)
                under(server, _plan(server, WARM_UP, scale.warm_up_seconds, next(serials)))
                # Which comes first alternates: the first of two loads meets a younger process.
                for scraped in (number % 2 == 1, number % 2 == 0):
                    plan = _plan(server, SHAPE, scale.contended_seconds, next(serials))
                    found[scraped].append(_contended(server, plan, gap, scraped=scraped))
    return Section("Scrape under load", (), tuple(_lines(series, found)))


def _plan(server: Server, shape: Shape, seconds: float, serial: int) -> Plan:
    return Plan(
        port=server.port,
        token=server.token,
        events_per_request=shape.events_per_request,
        connections=shape.connections,
        seconds=seconds,
        first_serial=serial,
    )


def _contended(server: Server, plan: Plan, gap: LongestGap, *, scraped: bool) -> Contended:
    gap.reset()
    if not scraped:
        measured, _ = under(server, plan)
        return Contended(measured, gap.milliseconds, 0.0)
    with _scrapes(server) as durations:
        measured, _ = under(server, plan)
        stall_ms = gap.milliseconds
    return Contended(measured, stall_ms, max(durations))


@contextmanager
def _scrapes(server: Server) -> Iterator[list[float]]:
    """Scrape as Prometheus does, each second, and give the durations; at least one."""
    stop = threading.Event()
    durations: list[float] = []

    def work() -> None:
        wait = 0.0
        with scraping(server) as once:
            while not stop.wait(wait):
                began = time.monotonic()
                once()
                durations.append(time.monotonic() - began)
                wait = max(0.0, SCRAPE_EVERY_SECONDS - durations[-1])

    with ThreadPoolExecutor(1) as pool:
        scrapes = pool.submit(work)
        try:
            yield durations
        finally:
            stop.set()
        scrapes.result()  # A load whose scrapes failed is no load with scrapes.


def _lines(series: int, found: dict[bool, list[Contended]]) -> Iterator[str]:
    names = {False: "none", True: f"each second, {series:,} series"}
    yield from table(
        (
            "scrapes",
            "events/s",
            "p50 ms",
            "p99 ms",
            "CPU us/event with scrapes",
            "longest stall ms",
        ),
        (
            (
                name,
                f"{spread([c.measured.events_per_second for c in found[scraped]]):,.0f}",
                f"{spread([c.measured.p50_ms for c in found[scraped]]):.1f}",
                f"{spread([c.measured.p99_ms for c in found[scraped]]):.1f}",
                f"{spread([c.measured.cpu_us_per_event for c in found[scraped]]):.0f}",
                f"{spread([c.stall_ms for c in found[scraped]]):.1f}",
            )
            for scraped, name in names.items()
        ),
    )
    kept = ratio(
        [c.measured.events_per_second for c in found[True]],
        [c.measured.events_per_second for c in found[False]],
    )
    longest = max(c.scrape_seconds for c in found[True])
    yield f"- {SHAPE.connections} connections send one event a request as fast as they can."
    yield f"- With scrapes, ingest keeps {kept:.2f} of its rate."
    yield f"- The longest scrape took {longest:.2f} s from request to last byte."
    yield "- A stall is the longest time between two ticks inside the server's event loop,"
    yield "  ingest included, and everything else the machine did to the process."
