"""1,000 connections for a process that may open 256 files: no busy loop, good again after (F15)."""

import asyncio

from tests.support.server import Exporter
from tests.torture.account import settle
from tests.torture.bots import RATE, Bots, Work
from tests.torture.crowd import Crowd
from tests.torture.pace import pass_time
from tests.torture.process import cpu_seconds
from tests.torture.scenario import Figures, Scenario, Stage

FILES, CONNECTIONS = 256, 1000
LOOK_SECONDS = 3.0
MOST_CPU = 0.5  # Of one core, while nobody sends anything.


async def run(stage: Stage) -> Figures:
    """Take every descriptor, look at the processor, go away, and send."""
    rounds = stage.pick(short=1, long=10)
    busiest = 0.0
    wrapper = ("prlimit", f"--nofile={FILES}")
    with Exporter(stage.directory, settings=RATE, wrapper=wrapper) as exporter:
        bots = Bots(exporter, seed=stage.seed, work=Work(lanes=4))
        async with bots:
            await bots.more(8)
        for _ in range(rounds):
            async with Crowd(exporter.ingest_port) as crowd:
                await crowd.join(CONNECTIONS, saying=b"POST /v1/ev")
                before = cpu_seconds(exporter.pid)
                await pass_time(LOOK_SECONDS)
                busiest = max(busiest, (cpu_seconds(exporter.pid) - before) / LOOK_SECONDS)
            async with bots:
                await bots.more(20)
        account = await settle(stage, exporter, bots)
        size = await asyncio.to_thread(lambda: exporter.output.stat().st_size)
    assert MOST_CPU > busiest, f"seed {stage.seed}: {busiest:.0%} of a core without any work"
    assert (1 << 20) > size, f"{size} bytes of log about it"
    return account.figures(stage, rounds=rounds, facts=f"{busiest:.0%} of a core while full")


SCENARIO = Scenario("fd_exhaustion", run)
