"""The disk answers a sync with EIO: that commit and the queue get 503, later ones are kept (F5)."""

import asyncio
import errno
from random import Random

from tests.torture.account import settle
from tests.torture.bots import RATE, Bots
from tests.torture.pace import pass_time
from tests.torture.scenario import Figures, Scenario, Stage
from tests.torture.switch import faulty_exporter
from tests.torture.watch import Watch, scrape

SETTINGS = RATE + "log: {snapshot_events: 20000, segment_bytes: 2MiB}\n"
UNAVAILABLE = 503


async def run(stage: Stage) -> Figures:
    """Fail the syncs for a moment, again and again, with a kill now and then."""
    rng = Random(stage.seed)
    failures = stage.pick(short=3, long=60)
    with faulty_exporter(stage.directory, SETTINGS) as (exporter, switch):
        async with Watch(exporter), Bots(exporter, seed=stage.seed) as bots:
            for number in range(failures):
                await bots.more(8)
                switch.on(fail={"sync": errno.EIO})
                await bots.refused(UNAVAILABLE)
                await pass_time(rng.uniform(0, 0.2))
                switch.off()
                if number % 3 == 1:  # What was sealed in memory must be sealed on disk as well.
                    await asyncio.to_thread(exporter.restart_hard)
            await bots.more(8)
            found = await asyncio.to_thread(scrape, exporter)
        account = await settle(stage, exporter, bots)
    assert 1 == found["bot_exporter_log_available"], f"seed {stage.seed}"
    assert {""} != bots.tally.retry_after, "a 503 says when to come back"
    refused = bots.tally.statuses[UNAVAILABLE]
    return account.figures(stage, rounds=failures, facts=f"{refused} x 503")


SCENARIO = Scenario("fsync_error", run)
