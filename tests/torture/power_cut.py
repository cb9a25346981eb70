"""The power goes while bots send: what was synced is there, the rest by luck (F2)."""

import asyncio
import json
from random import Random

from tests.support.server import Exporter
from tests.torture.account import Account, settle
from tests.torture.bots import RATE, Bots
from tests.torture.faulty import wrapper
from tests.torture.mounts import PowerDisk
from tests.torture.pace import pass_time
from tests.torture.scenario import Figures, Scenario, Stage

SETTINGS = RATE + "log: {snapshot_events: 20000, segment_bytes: 1MiB}\n"


async def run(stage: Stage) -> Figures:
    """Cut the power at random moments; nothing acknowledged may be gone."""
    cuts = stage.pick(short=3, long=200)
    account = await cut_power(stage, cuts=cuts)
    return account.figures(stage, rounds=cuts)


async def cut_power(stage: Stage, *, cuts: int, with_sync: bool = True) -> Account:
    """Return the account after *cuts* power cuts; without syncing it must show losses."""
    rng = Random(stage.seed)
    plan = stage.directory / "faults.json"
    plan.write_text(json.dumps({"skip_sync": not with_sync}))
    disk = PowerDisk(stage.directory, stage.directory / "data", seed=stage.seed)
    exporter = Exporter(stage.directory, settings=SETTINGS, wrapper=wrapper(plan))
    with disk, exporter:
        async with Bots(exporter, seed=stage.seed) as bots:
            for _ in range(cuts):
                await bots.more(rng.choice((1, 5, 50, 100)))
                await pass_time(rng.uniform(0.0, 0.3))
                await asyncio.to_thread(_cut, disk, exporter)
        return await settle(stage, exporter, bots)


def _cut(disk: PowerDisk, exporter: Exporter) -> None:
    disk.cut()
    exporter.kill()
    disk.mount()
    exporter.start()


SCENARIO = Scenario("power_cut", run)
