"""Each sync takes 200 to 500 ms: the queue stays bounded, the rest gets 503 (F8)."""

import asyncio
from random import Random

from tests.torture.account import settle
from tests.torture.bots import RATE, Bots, Work
from tests.torture.scenario import Figures, Scenario, Stage
from tests.torture.switch import faulty_exporter
from tests.torture.watch import Watch, scrape

QUEUE_BYTES = 200_000
LIMITS = f"max_body_bytes: 100000, queue_bytes: {QUEUE_BYTES}"
SETTINGS = RATE.replace("{rate", f"{{{LIMITS}, rate", 1)
UNAVAILABLE = 503
WORK = Work(lanes=32, events=100)
SCRAPE_SECONDS = 2.0  # Far above what a scrape takes, and far below waiting for the disk.


async def run(stage: Stage) -> Figures:
    """Overload a slow disk; nobody waits for ever, and nothing acknowledged is lost."""
    rng = Random(stage.seed)
    rounds = stage.pick(short=2, long=20)
    fullest = 0.0
    with faulty_exporter(stage.directory, SETTINGS) as (exporter, switch):
        async with Watch(exporter) as watch, Bots(exporter, seed=stage.seed, work=WORK) as bots:
            for _ in range(rounds):
                switch.on(sync_seconds=rng.uniform(0.2, 0.5))
                await bots.refused(UNAVAILABLE)
                await bots.more(8)
                found = await asyncio.to_thread(scrape, exporter)
                fullest = max(fullest, found["bot_exporter_log_queue_bytes"])
            switch.off()
            await bots.more(WORK.lanes)
        account = await settle(stage, exporter, bots)
    assert fullest <= QUEUE_BYTES, f"seed {stage.seed}: {fullest} bytes queued"
    assert SCRAPE_SECONDS > watch.slowest_seconds, f"a scrape took {watch.slowest_seconds:.2f} s"
    facts = f"slowest scrape {watch.slowest_seconds * 1000:.0f} ms, queue <= {fullest:.0f} B"
    return account.figures(stage, rounds=rounds, facts=facts)


SCENARIO = Scenario("slow_disk", run)
