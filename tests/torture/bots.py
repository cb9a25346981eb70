"""Bots that send batches, every one until it is acknowledged, always as the same bytes."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Self

import aiohttp

from tests.support.server import Exporter
from tests.torture.pace import pass_time

ACCEPTED = 202
RETRY = frozenset({429, 500, 502, 503, 507})
PAUSE_SECONDS = 0.05  # Eager clients would take the processor from the exporter that starts.
ANSWER_SECONDS = 15.0
# With room for any test: what a scenario breaks is the disk, not the rate of a token.
RATE = "ingest: {rate_limit: {events_per_second: 10000000, burst: 10000000}}\n"
KINDS = ("heartbeat", "message_received", "message_sent", "heartbeat")


@dataclass(frozen=True, slots=True)
class Work:
    """How the bots work: connections at once, events in a batch, one connection or many."""

    lanes: int = 8
    events: int = 100
    padding: int = 0
    keeps_connections: bool = True


@dataclass(slots=True)
class Tally:
    """What the bots were told, by event and by status; what was refused came again."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    retry_after: set[str] = field(default_factory=set)
    unreachable: int = 0


class Bots:
    """
    Lanes that send one batch after the other; use it as a context manager.

    Leaving the block waits until every batch under way is acknowledged. ``batches`` is the ledger:
    how many batches of each lane were, from the first on.
    """

    def __init__(self, exporter: Exporter, *, seed: int, work: Work | None = None) -> None:
        self.tally = Tally()
        self.work = work or Work()
        self.batches = [0] * self.work.lanes
        self._exporter = exporter
        self._seed = seed
        self._stopping = False
        self._progress = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def acknowledged(self) -> int:
        """Return how many events are acknowledged."""
        return sum(self.batches) * self.work.events

    async def __aenter__(self) -> Self:
        """Begin to send."""
        self._stopping = False
        self._open()
        self._tasks = [asyncio.create_task(self._work(lane)) for lane in range(self.work.lanes)]
        for task in self._tasks:
            task.add_done_callback(lambda _: self._progress.set())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Finish what is under way."""
        self._stopping = True
        if kind is not None:
            for task in self._tasks:
                task.cancel()
        try:
            results = await asyncio.gather(*self._tasks, return_exceptions=kind is not None)
        finally:
            await self._session.close()
        assert results is not None

    async def more(self, batches: int = 1, *, seconds: float = 60.0) -> None:
        """Return once that many more batches are acknowledged."""
        wanted = sum(self.batches) + batches
        await self._reach(lambda: sum(self.batches) >= wanted, seconds, f"{batches} more batches")

    async def refused(self, status: int, *, seconds: float = 30.0) -> None:
        """Return once another request is answered with *status*."""
        before = self.tally.statuses[status]
        await self._reach(lambda: self.tally.statuses[status] > before, seconds, f"a {status}")

    async def send_again(self) -> Tally:
        """Send every acknowledged batch once more, as the same bytes; return what came of it."""
        tally, self.tally = self.tally, Tally()
        self._open()
        try:
            async with asyncio.TaskGroup() as tasks:
                for lane, batches in enumerate(self.batches):
                    tasks.create_task(self._repeat(lane, batches))
        finally:
            await self._session.close()
        tally, self.tally = self.tally, tally
        return tally

    def body(self, lane: int, number: int) -> bytes:
        """Return a batch; every event has an id of its own."""
        first = number * self.work.events
        padding = "x" * self.work.padding
        events = []
        for serial in range(first, first + self.work.events):
            kind = KINDS[serial % len(KINDS)]
            more = f',"properties":{{"pad":"{padding}"}}' if padding else ""
            events.append(
                f'{{"type":"{kind}","id":"{self._seed}-{lane}-{serial}","bot":"bot-{lane % 4}",'
                f'"platform":"web","conversation":"{lane}-{serial // 8}"{more}}}'
            )
        return f"[{','.join(events)}]".encode()

    async def _work(self, lane: int) -> None:
        rng = Random(f"{self._seed}/{lane}")
        while not self._stopping:
            await self._deliver(self.body(lane, self.batches[lane]))
            self.batches[lane] += 1
            self._progress.set()
            if rng.random() < 0.02:  # Groups of different sizes reach the disk.
                await pass_time(rng.uniform(0, 0.05))

    async def _repeat(self, lane: int, batches: int) -> None:
        for number in range(batches):
            await self._deliver(self.body(lane, number))

    async def _deliver(self, body: bytes) -> None:
        while not await self._attempt(body):
            self._progress.set()
            await pass_time(PAUSE_SECONDS)

    async def _attempt(self, body: bytes) -> bool:
        try:
            async with self._session.post(self._exporter.events_url, data=body) as answer:
                text = await answer.text()
                self.tally.statuses[answer.status] += 1
                if answer.status in RETRY:
                    self.tally.retry_after.add(answer.headers.get("Retry-After", ""))
                    return False
                assert ACCEPTED == answer.status, f"{answer.status}: {text}"
        except (aiohttp.ClientError, TimeoutError, OSError):
            self.tally.unreachable += 1
            return False
        verdicts = json.loads(text)
        self.tally.accepted += verdicts["accepted"]
        self.tally.duplicates += verdicts["duplicates"]
        self.tally.rejected += len(verdicts["rejected"])
        return True

    async def _reach(self, check: Callable[[], bool], seconds: float, what: str) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not check():
                    self._raise_what_ended_a_lane()
                    self._progress.clear()
                    await self._progress.wait()
        except TimeoutError:
            raise AssertionError(f"not within {seconds:g} s: {what}; {self.tally}") from None

    def _raise_what_ended_a_lane(self) -> None:
        for task in self._tasks:
            if task.done():
                task.result()

    def _open(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=not self.work.keeps_connections),
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
            headers={
                "Authorization": f"Bearer {self._exporter.token()}",
                "Content-Type": "application/json",
            },
        )
