"""50 clients that read /metrics at 100 bytes a second: events go on, memory stays bounded (F16)."""

import json

import aiohttp

from tests.support.server import Exporter
from tests.torture.account import settle
from tests.torture.bots import RATE, Bots
from tests.torture.crowd import Crowd
from tests.torture.pace import pass_time
from tests.torture.process import resident_bytes
from tests.torture.scenario import Figures, Scenario, Stage
from tests.torture.watch import Watch

SCRAPERS = 50
INTENTS = 8000  # Makes a scrape of more than what the system buffers for a connection.
MOST_GROWTH_BYTES = 64 << 20
ASK = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
SETTINGS = RATE + "limits: {labels: {intent: 9000}, series_per_metric: 20000}\n"


async def run(stage: Stage) -> Figures:
    """Read a little, send a lot."""
    seconds = stage.pick(short=4, long=60)
    with Exporter(stage.directory, settings=SETTINGS) as exporter:
        await _fill(exporter)
        async with Watch(exporter) as watch, Bots(exporter, seed=stage.seed) as bots:
            await bots.more(100)
            calm = resident_bytes(exporter.pid)
            async with Crowd(exporter.web_port) as crowd:
                await crowd.join(SCRAPERS, saying=ASK, receive_bytes=2048)
                for _ in range(seconds * 2):
                    crowd.listen(50)
                    await pass_time(0.5)
                    await bots.more(1)
                grown = resident_bytes(exporter.pid) - calm
                connected = len(crowd.open)
        account = await settle(stage, exporter, bots, others=INTENTS)
    assert SCRAPERS == connected
    assert not bots.tally.unreachable, f"seed {stage.seed}: a bot was not answered"
    assert MOST_GROWTH_BYTES > grown, f"seed {stage.seed}: {grown} bytes more"
    facts = f"{grown / 1e6:+.1f} MB, slowest other scrape {watch.slowest_seconds * 1000:.0f} ms"
    return account.figures(stage, rounds=SCRAPERS, facts=facts)


async def _fill(exporter: Exporter) -> None:
    """Make many series."""
    headers = {"Authorization": f"Bearer {exporter.token()}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for first in range(0, INTENTS, 500):
            events = [
                {"type": "intent_detected", "bot": "many", "intent": f"intent_{n}"}
                for n in range(first, first + 500)
            ]
            async with session.post(exporter.events_url, data=json.dumps(events)) as answer:
                assert 202 == answer.status, await answer.text()


SCENARIO = Scenario("slow_scrapers", run)
