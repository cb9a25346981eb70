"""1,000 connections that say nothing and 1,000 that say it slowly, beside good bots (F17)."""

import statistics
import time
from functools import partial

from tests.support.server import Exporter
from tests.torture.account import settle
from tests.torture.bots import RATE, Bots, Work
from tests.torture.crowd import Crowd
from tests.torture.pace import pass_time, until
from tests.torture.scenario import Figures, Scenario, Stage

EACH = 1000
HEADER_SECONDS = 4
SETTINGS = RATE.replace(
    "{rate",
    f"{{max_connections: 2500, header_timeout_seconds: {HEADER_SECONDS}, rate",
    1,
)
GRACE_SECONDS = 20.0


async def run(stage: Stage) -> Figures:
    """Hold the connections open until the deadline for headers, with good bots in between."""
    rounds = stage.pick(short=1, long=5)
    answers: list[float] = []
    with Exporter(stage.directory, settings=SETTINGS) as exporter:
        bots = Bots(exporter, seed=stage.seed, work=Work(lanes=4, events=20))
        for _ in range(rounds):
            async with Crowd(exporter.ingest_port) as crowd:
                await crowd.join(EACH)
                await crowd.join(EACH, saying=b"POST /v1/events HTTP/1.1\r\nX: ")
                async with bots:
                    for _ in range(20):
                        began = time.perf_counter()
                        await bots.more(4)
                        answers.append((time.perf_counter() - began) / 4)
                        crowd.say(b"a")
                        await pass_time(0.05)
                await until(
                    partial(_are_closed, crowd, 2 * EACH),
                    seconds=HEADER_SECONDS + GRACE_SECONDS,
                    what="all silent connections were made, and closed at the deadline",
                )
        account = await settle(stage, exporter, bots)
    assert not bots.tally.unreachable, f"seed {stage.seed}: a good bot was turned away"
    facts = f"a batch every {statistics.median(answers) * 1000:.0f} ms meanwhile"
    return account.figures(stage, rounds=rounds, facts=facts)


def _are_closed(crowd: Crowd, count: int) -> bool:
    return count == len(crowd.open) == crowd.closed()


SCENARIO = Scenario("connections", run)
