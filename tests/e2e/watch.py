"""Scrapes all the time, checks every scrape, and keeps what they said."""

import asyncio
import http.client
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.scraping import Scrape
from tests.support.server import Exporter

EVERY_SECONDS = 0.5


class Watch:
    """The scrapes of a time in which the exporter may be down now and then."""

    def __init__(self, exporter: Exporter, promtool: Path) -> None:
        self.scrapes: list[Scrape] = []
        self._exporter = exporter
        self._promtool = promtool
        self._over = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Watch"]:
        """Scrape until the end of the block; a scrape that breaks a rule fails the block."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch())
            try:
                yield self
            finally:
                self._over.set()

    async def _watch(self) -> None:
        while not self._over.is_set():
            try:
                self.scrapes.append(await asyncio.to_thread(self._exporter.scrape, self._promtool))
            except (OSError, http.client.HTTPException, Unavailable):
                pass
            await self._pause()
