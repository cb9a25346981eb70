"""A patient client: sends every batch until it is acknowledged, always with the same ids."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import aiohttp

from tests.support.server import Exporter

ACCEPTED = 202
RETRY = frozenset({429, 500, 502, 503, 507})
ANSWER_SECONDS = 10.0
PAUSE_SECONDS = 0.1  # Eager clients would take the processor from the exporter that starts.
PATIENCE_SECONDS = 120.0

Batch = Sequence[dict[str, Any]]


@dataclass(slots=True)
class Verdicts:
    """What became of the events of acknowledged batches, and how often a batch went again."""

    batches: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    retries: int = 0

    @property
    def events(self) -> int:
        """Return how many events have a verdict."""
        return self.accepted + self.duplicates + self.rejected


class Sender:
    """
    Sends to one exporter over a connection per lane; use it as a context manager.

    The batches of a lane go one after the other, so what is in order there stays in order.
    """

    def __init__(self, exporter: Exporter) -> None:
        self.verdicts = Verdicts()
        self._exporter = exporter
        self._milestones: list[tuple[int, asyncio.Event]] = []
        self._never = asyncio.Event()
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
            headers={
                "Authorization": f"Bearer {exporter.token()}",
                "Content-Type": "application/json",
            },
        )

    async def __aenter__(self) -> Self:
        """Return the sender."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._session.close()

    async def send(self, lanes: Iterable[Sequence[Batch]]) -> None:
        """Return when every batch of every lane is acknowledged."""
        async with asyncio.TaskGroup() as tasks:
            for lane in lanes:
                tasks.create_task(self._send_lane(lane))

    async def reached(self, batches: int) -> None:
        """Return once that many batches are acknowledged in all."""
        milestone = (batches, asyncio.Event())
        self._milestones.append(milestone)
        self._pass_milestones()
        await milestone[1].wait()

    async def deliver(self, batch: Batch) -> dict[str, Any]:
        """Return the answer to *batch*, sent again until there is one."""
        body = json.dumps(batch).encode()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (answer := await self.attempt(body)) is None:
                self.verdicts.retries += 1
                await self._pause()
        self._note(answer)
        return answer

    async def attempt(self, body: bytes) -> dict[str, Any] | None:
        """Return the answer to one attempt, None when the batch must go again."""
        try:
            async with self._session.post(self._exporter.events_url, data=body) as answer:
                if answer.status in RETRY:
                    return None
                assert ACCEPTED == answer.status, await answer.text()
                verdict: dict[str, Any] = await answer.json()
                return verdict
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None

    async def _send_lane(self, lane: Sequence[Batch]) -> None:
        for batch in lane:
            answer = await self.deliver(batch)
            assert len(batch) == answer["accepted"] + answer["duplicates"] + len(answer["rejected"])

    def _note(self, answer: dict[str, Any]) -> None:
        verdicts = self.verdicts
        verdicts.batches += 1
        verdicts.accepted += answer["accepted"]
        verdicts.duplicates += answer["duplicates"]
        verdicts.rejected += len(answer["rejected"])
        self._pass_milestones()

    def _pass_milestones(self) -> None:
        for batches, event in self._milestones:
            if self.verdicts.batches >= batches:
                event.set()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._never.wait(), PAUSE_SECONDS)
        except TimeoutError:
            return
