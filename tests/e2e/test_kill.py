"""The exporter is killed, or told to stop, while many bots send: nothing acknowledged is lost."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from tests.e2e.people import Event
from tests.support.sender import Sender
from tests.support.server import Exporter

SEED = 7
KILLS = 20
PRODUCERS = 24
LANES = 8  # Connections over which everything is sent once more.
DUPLICATES = "bot_exporter_events_duplicate_total"
MOST_EVENTS = 20  # Of a batch.
SHORTEST_SECONDS, LONGEST_SECONDS = 0.05, 0.6  # Between two kills.
# Starts find snapshots, tails and closed segments of all ages.
SETTINGS = "log: {snapshot_events: 3000, segment_bytes: 1MiB}\n"


@dataclass(slots=True)
class Ledger:
    """What the producers know: batches that were acknowledged, and events in them."""

    batches: list[list[Event]] = field(default_factory=list)
    events: int = 0
    stopped: bool = False


@pytest.mark.timeout(600)
async def test_a_killed_exporter_counts_every_acknowledged_event_exactly_once(
    tmp_path: Path, promtool: Path
) -> None:
    """After any number of crashes the counters equal the distinct events, and repeats add none."""
    with Exporter(tmp_path, settings=SETTINGS) as exporter:
        async with Sender(exporter) as sender:
            ledger = await _produce_through_kills(exporter, sender)

            before = await asyncio.to_thread(exporter.scrape, promtool)
            accepted = sender.verdicts.accepted
            await sender.send([ledger.batches[lane::LANES] for lane in range(LANES)])
            after = await asyncio.to_thread(exporter.scrape, promtool)

        assert ledger.events == before.total("bot_events_total"), f"seed {SEED}"
        assert accepted == sender.verdicts.accepted, f"seed {SEED}: a repeat counted"
        assert ledger.events == after.total("bot_events_total"), f"seed {SEED}"
        repeated = after.value(DUPLICATES) - before.value(DUPLICATES)
        assert ledger.events == repeated, f"seed {SEED}"
    assert KILLS + 1 == exporter.starts


async def test_an_exporter_told_to_stop_answers_what_it_took(
    tmp_path: Path, promtool: Path
) -> None:
    """SIGTERM under load ends the process with 0, and what it acknowledged is there again."""
    with Exporter(tmp_path, settings=SETTINGS) as exporter:
        async with Sender(exporter) as sender:
            ledger = Ledger()
            async with asyncio.TaskGroup() as tasks:
                for number in range(PRODUCERS):
                    tasks.create_task(_produce(number, sender, ledger))
                await sender.reached(4 * PRODUCERS)
                exporter.ask_to_stop()
                code = await asyncio.to_thread(exporter.wait)
                await asyncio.to_thread(exporter.start)
                ledger.stopped = True

            scrape = await asyncio.to_thread(exporter.scrape, promtool)

            assert 0 == code, exporter.output.read_text()[-2000:]
            assert ledger.events == scrape.total("bot_events_total")
            assert 0 == scrape.value("bot_exporter_log_damaged_ranges_total")


async def _produce_through_kills(exporter: Exporter, sender: Sender) -> Ledger:
    rng = Random(SEED)
    ledger = Ledger()
    never = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for number in range(PRODUCERS):
            tasks.create_task(_produce(number, sender, ledger))
        for _ in range(KILLS):
            done = sender.verdicts.batches
            await sender.reached(done + 1)  # Each life acknowledges something.
            try:
                await asyncio.wait_for(never.wait(), rng.uniform(SHORTEST_SECONDS, LONGEST_SECONDS))
            except TimeoutError:
                await asyncio.to_thread(exporter.restart_hard)
        ledger.stopped = True
    return ledger


async def _produce(number: int, sender: Sender, ledger: Ledger) -> None:
    for batch in _batches(number):
        if ledger.stopped:
            return
        answer = await sender.deliver(batch)
        assert [] == answer["rejected"]
        ledger.batches.append(batch)
        ledger.events += len(batch)


def _batches(number: int) -> Iterator[list[Event]]:
    """Yield the batches of one producer; each event has an id of its own."""
    rng = Random(f"{SEED}/{number}")
    serial = 0
    while True:
        size = rng.randrange(1, MOST_EVENTS)
        yield [_event(rng, number, serial + place) for place in range(size)]
        serial += size


def _event(rng: Random, number: int, serial: int) -> Event:
    return {
        "type": rng.choice(("message_received", "message_sent", "heartbeat")),
        "id": f"{number}-{serial}",
        "ts": time.time(),
        "bot": f"bot-{number % 3}",
        "platform": "web",
        "conversation": f"{number}-{serial // 4}",
    }
