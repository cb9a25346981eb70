"""`kill -9` under load, again and again (F1)."""

import asyncio
from random import Random

from tests.support.server import Exporter
from tests.torture.account import settle
from tests.torture.bots import RATE, Bots
from tests.torture.pace import pass_time
from tests.torture.scenario import Figures, Scale, Scenario, Stage
from tests.torture.watch import Watch

# Starts find snapshots, tails and closed segments of all ages.
LIVES = (1, 5, 30, 100, 300)  # Batches that a life acknowledges at least.
SETTINGS = RATE + "log: {snapshot_events: 20000, segment_bytes: 2MiB}\n"


async def run(stage: Stage) -> Figures:
    """Kill the exporter at random moments; each life acknowledges something."""
    rng = Random(stage.seed)
    kills = stage.pick(short=4, long=500)
    lives = LIVES if stage.scale is Scale.LONG else LIVES[:3]
    with Exporter(stage.directory, settings=SETTINGS) as exporter:
        async with Watch(exporter) as watch, Bots(exporter, seed=stage.seed) as bots:
            for _ in range(kills):
                await bots.more(rng.choice(lives))
                await pass_time(rng.uniform(0.0, 0.4))
                await asyncio.to_thread(exporter.restart_hard)
        account = await settle(stage, exporter, bots)
    return account.figures(stage, rounds=kills, facts=f"{watch.scrapes} scrapes")


SCENARIO = Scenario("kill9", run)
