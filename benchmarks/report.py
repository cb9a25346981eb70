"""The figures of a run as a table: on the screen and in RESULTS.md."""

import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .decode import Decoded
from .ingest import Ingest, connections_of
from .scrape import Scraped

RESULTS = Path(__file__).parent / "RESULTS.md"


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure and what DESIGN 7 asks of it."""

    name: str
    figure: float
    unit: str
    goal: float
    at_least: bool

    @property
    def met(self) -> bool:
        """Return whether the figure is as asked."""
        return self.figure >= self.goal if self.at_least else self.figure <= self.goal


@dataclass(frozen=True, slots=True)
class Run:
    """Everything one run measured."""

    ingest: Ingest
    scrape: Scraped
    decode: Decoded
    arguments: str
    load_before: float


def goals(run: Run) -> list[Goal]:
    """Return the goals with this run's figures."""
    ingest, scrape = run.ingest, run.scrape
    ack = ingest.by_server["bot_exporter", 1].p99_ms
    return [
        Goal("ingest, 1 event a request", ingest.ratio(1), "x", 4, at_least=True),
        Goal("ingest, 100 events a request", ingest.ratio(100), "x", 20, at_least=True),
        Goal("decode and validate", run.decode.ratio, "x", 50, at_least=True),
        Goal(f"scrape of {scrape.series:,} series", scrape.ratio, "x", 25, at_least=True),
        Goal("longest stall of the loop in a scrape", scrape.stall_ms, "ms", 3, at_least=False),
        Goal(
            "p99 of an answer, 64 connections",
            ack,
            "ms",
            2 * ingest.sync_p99_ms + 10,
            at_least=False,
        ),
        Goal(
            f"memory with {ingest.memory.series:,} series",
            ingest.memory.filled_mib,
            "MiB",
            100,
            at_least=False,
        ),
    ]


def text(run: Run) -> str:
    """Return the whole report in Markdown."""
    return "\n".join([*_head(run), *_goal_table(run), *_ingest_table(run), *_details(run), ""])


def _head(run: Run) -> Iterator[str]:
    yield "# Results"
    yield ""
    command = f"python -m benchmarks {run.arguments}".strip()
    yield f"`{command}` on {datetime.now(UTC):%Y-%m-%d}:"
    yield f"{_processor()}, {os.cpu_count()} cores,"
    yield f"{platform.system()} {platform.release()}, Python {platform.python_version()}."
    yield "Ratios compare processor time per event or scrape within this run."
    yield f"Load average {run.load_before:.1f} before and {os.getloadavg()[0]:.1f} at the end:"
    yield "where others used the cores, milliseconds are worse than they could be."
    yield ""


def _goal_table(run: Run) -> Iterator[str]:
    yield "| what | measured | goal | |"
    yield "|---|---|---|---|"
    for goal in goals(run):
        sign = ">=" if goal.at_least else "<="
        met = "met" if goal.met else "**missed**"
        figure = f"{goal.figure:.1f} {goal.unit}"
        yield f"| {goal.name} | {figure} | {sign} {goal.goal:.0f} {goal.unit} | {met} |"
    yield ""


def _ingest_table(run: Run) -> Iterator[str]:
    yield "| server | events a request | connections | CPU us/event | events/s | p50 ms | p99 ms |"
    yield "|---|---|---|---|---|---|---|"
    for (name, size), measured in run.ingest.by_server.items():
        connections = connections_of(name, size)
        yield (
            f"| {name} | {size} | {connections} | {measured.cpu_us_per_event:.1f} "
            f"| {measured.events_per_second:,.0f} | {measured.p50_ms:.1f} "
            f"| {measured.p99_ms:.1f} |"
        )
    yield ""


def _details(run: Run) -> Iterator[str]:
    ingest, scrape, decode = run.ingest, run.scrape, run.decode
    yield f"- fdatasync of 512 bytes: {ingest.sync_p50_ms:.2f} ms, p99 {ingest.sync_p99_ms:.2f} ms."
    yield (
        f"- Scrape: {scrape.ours_ms:.1f} ms of CPU with gzip, `generate_latest` "
        f"{scrape.naive_ms:.0f} ms without; an idle loop stalls {scrape.ticker_ms:.1f} ms."
    )
    yield (
        f"- Per event: decode {decode.decode_us:.2f} us, check and clean {decode.admit_us:.2f} us; "
        f"json and jsonschema {decode.naive_us:.0f} us."
    )
    yield (
        f"- Memory after {ingest.memory.events:,} events sent as fast as they were taken: "
        f"{ingest.memory.loaded_mib:.0f} MiB anonymous."
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine() or sys.platform
