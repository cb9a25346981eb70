"""The clock on the wall jumps: counters never fall, repeats stay repeats (F9)."""

import asyncio

from tests.torture.account import settle
from tests.torture.bots import RATE, Bots
from tests.torture.scenario import Figures, Scenario, Stage
from tests.torture.switch import faulty_exporter
from tests.torture.watch import Watch, scrape

# Snapshots, and with them the memory of ids on disk, in each of the times.
SETTINGS = RATE + "log: {snapshot_events: 3000, segment_bytes: 1MiB}\n"
HOUR, DAY, YEAR = 3600.0, 86_400.0, 365.25 * 86_400.0
JUMPS = (-2 * HOUR, 2 * HOUR, DAY, -DAY, 10 * YEAR, 0.0)
RETENTION_SECONDS = 8 * DAY


async def run(stage: Stage) -> Figures:
    """Jump, send, repeat everything, restart in the other time, and jump again."""
    rounds = stage.pick(short=1, long=5)
    with faulty_exporter(stage.directory, SETTINGS) as (exporter, switch):
        async with Watch(exporter) as watch:
            bots = Bots(exporter, seed=stage.seed)
            for number, offset in enumerate(JUMPS * rounds):
                switch.on(wall_offset=offset)
                async with bots:
                    await bots.more(50)
                    if number % 2:
                        await asyncio.to_thread(exporter.restart_hard)
                    await bots.more(30)
                found = await asyncio.to_thread(scrape, exporter)
                window = found["bot_exporter_dedupe_window_seconds"]
                assert 0 <= window, f"a window of {window} s"
                again = await bots.send_again()
                assert 0 == again.accepted, f"seed {stage.seed}: {offset:+.0f} s forgot {again}"
        account = await settle(stage, exporter, bots)
    facts = f"{watch.scrapes} scrapes"
    return account.figures(stage, rounds=len(JUMPS) * rounds, facts=facts)


SCENARIO = Scenario("clock_jumps", run)
