"""Scrapes all the time, checks every scrape, and keeps what they said."""

import asyncio
import http.client
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tests.support.scraping import Scrape
from tests.support.server import Exporter

EVERY_SECONDS = 0.5


@asynccontextmanager
async def watching(exporter: Exporter, promtool: Path) -> AsyncIterator[list[Scrape]]:
    """
    Scrape until the block ends and keep the scrapes; one that breaks a rule fails the block.

    The exporter may be down now and then.
    """
    scrapes: list[Scrape] = []
    over = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_watch(exporter, promtool, scrapes, over))
        try:
            yield scrapes
        finally:
            over.set()


async def _watch(
    exporter: Exporter, promtool: Path, scrapes: list[Scrape], over: asyncio.Event
) -> None:
    while not over.is_set():
        with suppress(OSError, http.client.HTTPException):  # It is down: nothing to see.
            scrapes.append(await asyncio.to_thread(exporter.scrape, promtool))
        try:
            await asyncio.wait_for(over.wait(), EVERY_SECONDS)
        except TimeoutError:
            continue
