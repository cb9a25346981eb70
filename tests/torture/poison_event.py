"""Events that cannot be counted: the others flow, and the next start is not stopped (F23)."""

import asyncio
import json

import aiohttp

from tests.support.server import Exporter
from tests.torture.account import settle
from tests.torture.bots import RATE, Bots
from tests.torture.pace import until
from tests.torture.scenario import Figures, Scenario, Stage
from tests.torture.switch import faulty_exporter
from tests.torture.watch import Watch, scrape

SETTINGS = RATE + "log: {snapshot_events: 20000}\n"
POISON = "1.6.6"
EACH = 3


async def run(stage: Stage) -> Figures:
    """Put poison between good events, kill the exporter, and let it replay the poison."""
    rounds = stage.pick(short=2, long=20)
    with faulty_exporter(stage.directory, SETTINGS) as (exporter, switch):
        switch.on(poison=POISON)
        async with Watch(exporter), Bots(exporter, seed=stage.seed) as bots:
            for number in range(rounds):
                await bots.more(8)
                before = await asyncio.to_thread(_skipped, exporter)
                assert EACH == await _send_poison(exporter, number)
                after = await asyncio.to_thread(_skipped, exporter)
                assert before + EACH == after, f"seed {stage.seed}"
                await asyncio.to_thread(exporter.restart_hard)
        assert EACH == await _send_poison(exporter, rounds)
        account = await settle(stage, exporter, bots, others=EACH * 2 * (rounds + 1))
        await until(
            lambda: "event_not_counted_fully" in exporter.output.read_text(),
            seconds=10,
            what="a line of the log about the poison",
        )
    return account.figures(stage, rounds=rounds, facts=f"{EACH * rounds} poisonous events")


async def _send_poison(exporter: Exporter, number: int) -> int:
    """Send poison with a good event before each; return how many of the poison were accepted."""
    headers = {"Authorization": f"Bearer {exporter.token()}", "Content-Type": "application/json"}
    good = {"type": "message_received", "bot": "b", "platform": "web", "conversation": "c"}
    events = []
    for place in range(EACH):
        events.append(good | {"id": f"good-{number}-{place}"})
        events.append(good | {"id": f"poison-{number}-{place}", "version": POISON})
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(exporter.events_url, data=json.dumps(events)) as answer,
    ):
        verdicts = await answer.json()
        assert 2 * EACH == verdicts["accepted"], verdicts
        return EACH


def _skipped(exporter: Exporter) -> float:
    return scrape(exporter)["bot_exporter_log_skipped_events_total"]


SCENARIO = Scenario("poison_event", run)
