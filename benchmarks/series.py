"""How scrapes and memory grow with the number of series, beside a Pushgateway with the same."""

import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from .fills import Fill
from .measure import Spread, anonymous_mib, cpu_seconds, cpu_since, ratio, spread
from .pushes import pushable, series_in
from .pushgateway import push
from .scale import Scale
from .section import Goal, Section, table
from .servers import Server, Start, post, scrape, scraping, unlimited

MOST_BYTES = 250
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Held:
    """A server with many series: its memory after filling and scraping, and what they cost."""

    series: int
    filled_mib: float
    scraped_mib: float
    scrape_ms: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Both servers of one round."""

    ours: Held
    theirs: Held


def series_part(scale: Scale, peer: Start) -> Section:
    """Draw the curves for every size of *scale*; *peer* is a Pushgateway."""
    found: dict[int, list[Pair]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        for number in range(scale.growth_rounds):
            for size in scale.series:
                directory = Path(scratch) / f"{size}-{number}"
                found[size].append(_pair(scale, size, directory, peer))
    rounds = [found[size] for size in scale.series]
    return Section(
        "Growth with series",
        (_memory_goal(rounds), _scrape_goal(rounds[-1])),
        (*_scrape_table(rounds), *_memory_table(rounds), *_notes()),
    )


def fill(server: Server, series: int, most: int) -> None:
    """Make *series* series by as many events as *most* series take."""
    for body in Fill.of(series).bodies(Fill.of(most)):
        post(server, body)


def _pair(scale: Scale, size: int, directory: Path, peer: Start) -> Pair:
    with unlimited()(directory) as server:
        fill(server, size, scale.series[-1])
        filled = anonymous_mib(server.pid)
        text = scrape(server)
        ours = _scraped(server, filled, scale.scrape_seconds)
    with peer(directory) as server:
        push(server, pushable(text))
        filled = anonymous_mib(server.pid)
        theirs = _scraped(server, filled, scale.scrape_seconds)
    return Pair(ours, theirs)


def _scraped(server: Server, filled_mib: float, seconds: float) -> Held:
    """Return what scrapes cost that follow each other for *seconds*, one at least."""
    series = series_in(scrape(server))
    times = 0
    with scraping(server) as once:
        once()
        before, end = cpu_seconds(server.pid), time.monotonic() + seconds
        while not times or time.monotonic() < end:
            once()
            times += 1
        cost = cpu_since(server.pid, before) / times
    return Held(series, filled_mib, anonymous_mib(server.pid), cost * 1e3)


def _memory_goal(rounds: list[list[Pair]]) -> Goal:
    small, large = rounds[-2], rounds[-1]
    return Goal(
        f"memory per series, from {small[0].ours.series:,} to {large[0].ours.series:,}",
        _bytes_per_series(small, large),
        "B",
        MOST_BYTES,
        at_least=False,
    )


def _scrape_goal(pairs: list[Pair]) -> Goal:
    return Goal(
        f"scrape of {pairs[0].ours.series:,} series against pushgateway",
        _scrape_ratio(pairs),
        "x",
        1,
        at_least=True,
    )


def _scrape_table(rounds: list[list[Pair]]) -> Iterator[str]:
    yield from table(
        ("series", "CPU ms a scrape", "us a series", "pushgateway CPU ms", "less CPU"),
        (
            (
                f"{pairs[0].ours.series:,}",
                f"{spread([pair.ours.scrape_ms for pair in pairs]):.2f}",
                f"{spread([p.ours.scrape_ms * 1e3 / p.ours.series for p in pairs]):.2f}",
                f"{spread([pair.theirs.scrape_ms for pair in pairs]):.2f}",
                f"{_scrape_ratio(pairs):.1f} x",
            )
            for pairs in rounds
        ),
    )


def _memory_table(rounds: list[list[Pair]]) -> Iterator[str]:
    yield from table(
        ("series", "MiB filled", "MiB scraped", "B a series more", "pushgateway MiB scraped"),
        (
            (
                f"{pairs[0].ours.series:,}",
                f"{spread([pair.ours.filled_mib for pair in pairs]):.1f}",
                f"{spread([pair.ours.scraped_mib for pair in pairs]):.1f}",
                f"{_bytes_per_series(before, pairs):.0f}" if before else "-",
                f"{spread([pair.theirs.scraped_mib for pair in pairs]):.1f}",
            )
            for before, pairs in pairwise([[], *rounds])
        ),
    )


def _notes() -> Iterator[str]:
    yield "- A scrape is compressed, asked for over one connection, without a pause between two."
    yield "- Memory is RssAnon of the whole process, after the events and after the scrapes."
    yield "  Every size got the same number of events, so that only the series differ."
    yield "- The Pushgateway holds what we expose, pushed as one group, and runs as it comes."


def _scrape_ratio(pairs: list[Pair]) -> Spread:
    return ratio([p.theirs.scrape_ms for p in pairs], [p.ours.scrape_ms for p in pairs])


def _bytes_per_series(small: list[Pair], large: list[Pair]) -> Spread:
    """Return how much more memory each further series takes."""
    return spread(
        [
            (b.ours.scraped_mib - a.ours.scraped_mib) * MIB / (b.ours.series - a.ours.series)
            for a, b in zip(small, large, strict=True)
        ]
    )
