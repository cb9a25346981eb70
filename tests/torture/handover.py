"""Restarts while somebody else holds the sockets, as systemd does: no request fails (F18)."""

import asyncio
import time

from tests.support.held import HeldExporter
from tests.torture.account import settle
from tests.torture.bots import RATE, Bots, Work
from tests.torture.scenario import Figures, Scale, Scenario, Stage
from tests.torture.watch import Watch

SETTINGS = RATE + "log: {snapshot_events: 20000}\n"
ACCEPTED = 202


async def run(stage: Stage) -> Figures:
    """Stop and start under bots that keep their connections, and bots that never do."""
    rounds = stage.pick(short=3, long=20)
    batches = 20 if stage.scale is Scale.SHORT else 150
    slowest = 0.0
    with HeldExporter(stage.directory, settings=SETTINGS) as exporter:
        keeping = Bots(exporter, seed=stage.seed)
        fresh = Bots(exporter, seed=stage.seed + 1, work=Work(keeps_connections=False))
        async with Watch(exporter), keeping, fresh:
            for _ in range(rounds):
                await keeping.more(batches)
                await fresh.more(batches)
                began = time.monotonic()
                await asyncio.to_thread(_restart, exporter)
                slowest = max(slowest, time.monotonic() - began)
            await keeping.more(8)
            await fresh.more(8)
        for bots in (keeping, fresh):
            what = f"seed {stage.seed}: {bots.tally}"
            assert 0 == bots.tally.unreachable, what
            assert {ACCEPTED} == set(bots.tally.statuses), what
        first = await settle(stage, exporter, keeping, others=fresh.acknowledged)
        second = await settle(stage, exporter, fresh, others=keeping.acknowledged)
    requests = keeping.tally.statuses[ACCEPTED] + fresh.tally.statuses[ACCEPTED]
    facts = f"0 of {requests:,} requests failed, longest restart {slowest:.1f} s"
    return (first + second).figures(stage, rounds=rounds, facts=facts)


def _restart(exporter: HeldExporter) -> None:
    exporter.ask_to_stop()
    assert 0 == exporter.wait()
    exporter.start()


SCENARIO = Scenario("handover", run)
