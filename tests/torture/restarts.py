"""Restarts under load with SIGHUP before and behind each, and SIGTERM in the middle (F18)."""

import asyncio
import os
import signal
import time

from tests.support.server import Exporter
from tests.torture.account import settle
from tests.torture.bots import RATE, Bots
from tests.torture.scenario import Figures, Scale, Scenario, Stage
from tests.torture.watch import Watch

SETTINGS = RATE + "log: {snapshot_events: 20000}\n"
STOP_SECONDS = 15.0


async def run(stage: Stage) -> Figures:
    """Stop and start again, in order, while the bots go on with their retries."""
    return await _restart(stage, stage.pick(short=3, long=20))


async def run_sigterm(stage: Stage) -> Figures:
    """One SIGTERM under load: exit code 0 in time, and what was answered is there again."""
    return await _restart(stage, stage.pick(short=1, long=5))


async def _restart(stage: Stage, rounds: int) -> Figures:
    slowest = 0.0
    with Exporter(stage.directory, settings=SETTINGS) as exporter:
        async with Watch(exporter), Bots(exporter, seed=stage.seed) as bots:
            for _ in range(rounds):
                await bots.more(20 if stage.scale is Scale.SHORT else 300)
                began = time.monotonic()
                os.kill(exporter.pid, signal.SIGHUP)  # Under way when the stop comes.
                exporter.ask_to_stop()
                os.kill(exporter.pid, signal.SIGHUP)  # Comes while it answers what it took.
                code = await asyncio.to_thread(exporter.wait)
                slowest = max(slowest, time.monotonic() - began)
                assert 0 == code, f"seed {stage.seed}: exit code {code}"
                await asyncio.to_thread(exporter.start)
            await bots.more(8)
        account = await settle(stage, exporter, bots)
    assert STOP_SECONDS > slowest, f"stopping took {slowest:.1f} s"
    return account.figures(stage, rounds=rounds, facts=f"slowest stop {slowest:.1f} s")


SCENARIO = Scenario("restarts", run)
SIGTERM = Scenario("sigterm", run_sigterm)
