"""Time, threads and senders a test has in its own hands."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from hashlib import blake2b
from typing import TypeVar

from exporter.log.commit import Batch, Commit, LogSettings
from exporter.log.frame import Frame, FrameKind
from exporter.log.recover import WriterStart, recover
from exporter.log.storage import Storage
from exporter.log.worker import Done
from exporter.log.writer import LogWriter

T = TypeVar("T")

NOON = 1_770_000_000.0


class ManualClock:
    """A clock that stands still until it is told."""

    def __init__(self, wall: float = NOON) -> None:
        self._wall = wall
        self._monotonic = 1000.0

    def wall(self) -> float:
        return self._wall

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._wall += seconds
        self._monotonic += seconds

    def jump(self, seconds: float) -> None:
        """Set the wall clock to something else."""
        self._wall += seconds


class HandRunner:
    """Runs jobs on the event loop: at once, or while ``holds`` when the test says so."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.holds = False
        self.waiting: deque[Callable[[], None]] = deque()

    def run(self, job: Callable[[], T], done: Done[T]) -> None:
        def work() -> None:
            result, failure = None, None
            try:
                result = job()
            except OSError as error:
                failure = error
            done(result, failure)

        if self.holds:
            self.waiting.append(work)
        else:
            asyncio.get_running_loop().call_soon(work)

    def stop(self) -> None:
        pass

    def release(self) -> None:
        """Run the job that has waited longest."""
        self.waiting.popleft()()


class Runners:
    """Makes the runners of a writer and keeps them at hand by name."""

    def __init__(self) -> None:
        self.by_name: dict[str, HandRunner] = {}

    def __call__(self, name: str) -> HandRunner:
        return self.by_name.setdefault(name, HandRunner(name))

    @property
    def sync(self) -> HandRunner:
        """The runner that opens and syncs segments."""
        return self("log-sync")

    @property
    def compress(self) -> HandRunner:
        """The runner that compresses closed segments."""
        return self("log-compress")


class Rig:
    """A writer on a storage, with what it applied and discarded."""

    def __init__(
        self,
        storage: Storage,
        *,
        clock: ManualClock | None = None,
        settings: LogSettings | None = None,
        start: WriterStart | None = None,
        apply: Callable[[Batch], Awaitable[None]] | None = None,
    ) -> None:
        self.storage = storage
        self.clock = clock or ManualClock()
        self.runners = Runners()
        self.applied: list[str] = []
        self.discarded: list[str] = []
        self.syncs: list[float] = []
        self.writer = LogWriter(
            storage=storage,
            clock=self.clock,
            start=recover(storage).start if start is None else start,
            apply=apply or self._apply,
            settings=settings,
            discard=lambda batch: self.discarded.append(text_of(batch.body)),
            observe_sync=self.syncs.append,
            runner=self.runners,
        )

    def submit(self, text: str) -> Commit:
        """Submit one event."""
        return self.writer.submit(batch_of(text, self.clock.wall()))

    async def store(self, *texts: str) -> None:
        """Submit events one after the other, each in a commit of its own."""
        for text in texts:
            await self.submit(text)

    async def _apply(self, batch: Batch) -> None:
        self.applied.append(text_of(batch.body))


def batch_of(text: str, received_at: float = NOON) -> Batch:
    """Return a batch of one event."""
    return Batch(FrameKind.EVENTS, json.dumps({"id": text}).encode() + b"\n", 1, received_at)


def text_of(body: bytes) -> str:
    """Return what ``batch_of`` was given."""
    return str(json.loads(body)["id"])


def texts_in(frames: Iterable[Frame]) -> list[str]:
    """Return the events of frames."""
    return [text_of(frame.body) for frame in frames]


def stored(storage: Storage) -> list[str]:
    """Return the events a start would replay."""
    return texts_in(recover(storage).frames())


async def turns(count: int = 5) -> None:
    """Let the event loop go round."""
    for _ in range(count):
        await asyncio.sleep(0)


def key_of(number: int) -> bytes:
    """Return the digest of a number."""
    return blake2b(number.to_bytes(8, "big"), digest_size=16).digest()


def keys_of(numbers: Iterable[int]) -> Sequence[bytes]:
    """Return the digests of numbers."""
    return [key_of(number) for number in numbers]
