"""Ten times too much for the memory there is: it refuses, or dies as if killed (F14)."""

import asyncio

from tests.support.server import Exporter
from tests.torture.account import settle
from tests.torture.bots import RATE, Bots, Work
from tests.torture.pace import pass_time
from tests.torture.scenario import Figures, Scenario, Stage

LIMIT_BYTES = 640 << 20  # Of addresses: threads and allocators reserve more than they use.
WORK = Work(lanes=32, events=100, padding=3000)
SETTINGS = RATE + "log: {snapshot_events: 20000}\n"


async def run(stage: Stage) -> Figures:
    """Send large batches over many connections; start again whatever died."""
    rounds = stage.pick(short=1, long=6)
    wrapper = ("prlimit", f"--as={LIMIT_BYTES}")
    with Exporter(stage.directory, settings=SETTINGS, wrapper=wrapper) as exporter:
        bots = Bots(exporter, seed=stage.seed, work=WORK)
        watchman = asyncio.create_task(_keep_alive(exporter))
        try:
            async with bots:
                for _ in range(rounds):
                    await bots.more(WORK.lanes, seconds=120)
                    await pass_time(0.2)
            account = await settle(stage, exporter, bots)
        finally:
            watchman.cancel()
    refused = sum(count for status, count in bots.tally.statuses.items() if status != 202)
    facts = f"{exporter.starts - 1} deaths, {refused} refusals"
    return account.figures(stage, rounds=rounds, facts=facts)


async def _keep_alive(exporter: Exporter) -> None:
    while True:
        await pass_time(0.2)
        if exporter.has_ended():
            await asyncio.to_thread(exporter.restart_hard)


SCENARIO = Scenario("memory_limit", run)
