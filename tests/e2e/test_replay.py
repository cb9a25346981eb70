"""Real conversations, a real Prometheus, and an exporter that is killed again and again."""

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest

from exporter.catalog.builtin import CATALOG
from exporter.catalog.spec import Kind, Source
from tests.e2e.dialogues import read_dialogues
from tests.e2e.lanes import lanes, stages
from tests.e2e.oracle import expected
from tests.e2e.people import MARK
from tests.e2e.replay import Told, tell
from tests.e2e.watch import watching
from tests.support.leaks import stored_bytes
from tests.support.prom import Prometheus
from tests.support.scraping import Scrape, Series
from tests.support.sender import Sender
from tests.support.server import Exporter
from tests.support.waiting import wait_until

SEED = 20_261_122
STAGES = 5  # One kill in each.
CONNECTIONS = 4
TURN_TIMEOUT_SECONDS = 30.0
# Small, so that every start finds a snapshot, a tail of the log, and closed segments.
SETTINGS = f"""\
conversations: {{turn_timeout_seconds: {TURN_TIMEOUT_SECONDS}}}
log: {{snapshot_events: 6000, segment_bytes: 4MiB}}
"""
SHORTEST_TEXT = 25  # A shorter one could stand somewhere by chance.
NUMBERS = ("_total", "_bucket", "_sum", "_count")


@pytest.mark.timeout(600)
async def test_counters_in_prometheus_survive_every_crash(
    tmp_path: Path, prometheus: Path, promtool: Path
) -> None:
    """Whatever is killed when, each counter equals what the acknowledged events add up to."""
    now = int(time.time())
    told = tell(read_dialogues(), seed=SEED, until=now)
    want = expected(
        (event for one in told for event in one.events),
        arrival=now,
        turn_timeout_seconds=TURN_TIMEOUT_SECONDS,
    )

    with (
        Exporter(tmp_path, settings=SETTINGS) as exporter,
        Prometheus(prometheus, tmp_path / "prom", target_port=exporter.web_port) as server,
    ):
        async with watching(exporter, promtool) as scrapes:
            await _replay(told, exporter, server)
            await asyncio.to_thread(_wait_for_turns, exporter, promtool)
        await asyncio.to_thread(server.wait_for_scrape, after=time.time())
        got = _counters(server.instant('{__name__=~"bot_.+"}'))

        assert "" == "\n".join(_differences(want, got))
        assert set() == _still(want)
        assert [] == _resets(server, {name for name, _ in got})
        scrapes.append(exporter.scrape_openmetrics())
    assert STAGES + 1 == exporter.starts
    assert [] == _leaks(tmp_path, scrapes, told)


async def _replay(told: list[Told], exporter: Exporter, server: Prometheus) -> None:
    """Send everything, killing the exporter once in each stage while batches are under way."""
    rng = Random(SEED)
    async with Sender(exporter) as sender:
        for stage in stages(told, count=STAGES):
            work = lanes(stage, count=CONNECTIONS, rng=rng)
            done = sender.verdicts.batches
            total = sum(map(len, work))
            kill_after = done + rng.randrange(total // 10, total * 9 // 10)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(sender.send(work))
                await sender.reached(kill_after)
                await asyncio.to_thread(exporter.restart_hard)
            # Prometheus must see each life of the exporter, or it could not see a reset.
            await asyncio.to_thread(server.wait_for_scrape, after=time.time())
        assert 0 == sender.verdicts.rejected
        assert sum(len(one.events) for one in told) == sender.verdicts.events
        again = told[0].events[:100]
        assert len(again) == (await sender.deliver(again))["duplicates"]


def _wait_for_turns(exporter: Exporter, promtool: Path) -> None:
    wait_until(
        lambda: exporter.scrape(promtool).value("bot_exporter_turns_pending") == 0,
        seconds=TURN_TIMEOUT_SECONDS + 15,
        what="all turns have ended",
    )


def _counters(found: dict[Series, float]) -> dict[Series, float]:
    """Return the durable counters and parts of histograms that are not 0."""
    return {
        (name, labels): value
        for (name, labels), value in found.items()
        if name.endswith(NUMBERS) and not name.startswith("bot_exporter_") and value
    }


def _differences(want: dict[Series, float], got: dict[Series, float]) -> list[str]:
    """Return the series that differ; the amounts are chosen so that even sums are exact."""
    return [
        f"{name}{dict(labels)}: {want.get((name, labels))} expected, {got.get((name, labels))}"
        for name, labels in sorted(want.keys() | got.keys())
        if want.get((name, labels)) != got.get((name, labels))
    ][:40]


def _still(want: dict[Series, float]) -> set[str]:
    """Return the families of the catalogue that the replay does not move."""
    moved = {name for name, _ in want}
    families = {
        metric.name
        for metric in CATALOG.metrics
        if metric.source in (Source.EVENTS, Source.TURNS) and metric.kind is not Kind.GAUGE
    }
    return {name for name in families if name not in moved and f"{name}_count" not in moved}


def _resets(server: Prometheus, names: Iterable[str]) -> list[str]:
    return [
        f"{name}{dict(labels)}: {value}"
        for name in sorted(names)
        for (_, labels), value in server.instant(f"resets({name}[1h])").items()
        if value
    ]


def _leaks(directory: Path, scrapes: list[Scrape], told: list[Told]) -> list[str]:
    """Return where a raw identifier or a text of a user can be read."""
    rng = Random(SEED)
    events = [event for one in rng.sample(told, 20) for event in one.events]
    needles = {MARK.encode()} | {
        said.encode()
        for event in events
        if len(said := event.get("text", "").partition(": ")[2]) > SHORTEST_TEXT
    }
    haystack = [
        *stored_bytes(directory / "data"),
        (directory / "exporter.log", (directory / "exporter.log").read_bytes()),
        *((Path("/metrics"), scrape.body) for scrape in scrapes),
    ]
    return [
        f"{path}: {needle.decode()}"
        for path, content in haystack
        for needle in needles
        if needle in content
    ]
