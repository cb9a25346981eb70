"""Scrapes all the time: counters never fall, and every event received has one verdict."""

import asyncio
import http.client
from collections.abc import Mapping
from typing import Self

from tests.support.server import Exporter
from tests.torture.pace import pass_time

EVERY_SECONDS = 0.25
COUNTERS = ("_total", "_bucket", "_count", "_sum")
VERDICTS = ("accepted", "duplicate", "rejected")


def samples(body: bytes) -> dict[str, float]:
    """Return the samples of a scrape by name and labels, read in the plainest way."""
    lines = (line for line in body.decode().splitlines() if line and line[0] != "#")
    return {key: float(value) for key, _, value in (line.rpartition(" ") for line in lines)}


def scrape(exporter: Exporter) -> dict[str, float]:
    """Return the samples of a scrape; OSError while the exporter is down."""
    status, body = exporter.get("/metrics")
    if status != http.client.OK:
        raise ConnectionRefusedError(body.decode())
    return samples(body)


def counted(found: Mapping[str, float]) -> int:
    """Return how many events the durable counter shows."""
    return int(sum(value for key, value in found.items() if key.startswith("bot_events_total{")))


class Watch:
    """Scrapes one exporter until the block ends; it may be down now and then."""

    def __init__(self, exporter: Exporter) -> None:
        self.scrapes = 0
        self.slowest_seconds = 0.0
        self._exporter = exporter
        self._last: dict[str, float] = {}
        self._over = False

    async def __aenter__(self) -> Self:
        """Begin to scrape."""
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Scrape no more."""
        self._over = True
        await self._task

    async def _run(self) -> None:
        while not self._over:
            try:
                await self._look()
            except (OSError, http.client.HTTPException):  # It is down: nothing to see.
                await pass_time(0)
            await pass_time(EVERY_SECONDS)

    async def _look(self) -> None:
        began = asyncio.get_running_loop().time()
        found = await asyncio.to_thread(scrape, self._exporter)
        took = asyncio.get_running_loop().time() - began
        self.slowest_seconds = max(took, self.slowest_seconds)
        self.scrapes += 1
        check_identity(found)
        fallen = [key for key, value in self._last.items() if found.get(key, -1.0) < value]
        assert not fallen, f"counters fell or vanished: {fallen[:5]}"
        self._last = {key: value for key, value in found.items() if _is_durable(key)}


def check_identity(found: Mapping[str, float]) -> None:
    """Every event that was received got exactly one verdict."""
    received = found["bot_exporter_events_received_total"]
    verdicts = [found[f"bot_exporter_events_{verdict}_total"] for verdict in VERDICTS]
    assert received == sum(verdicts), f"{received} received, {verdicts} {VERDICTS}"


def _is_durable(key: str) -> bool:
    name = key.partition("{")[0]
    return name.endswith(COUNTERS) and name.startswith("bot_") and "bot_exporter_" not in name
