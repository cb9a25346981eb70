"""Apply what is durable, in log order, one batch after the other."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

from .commit import Batch, Entry


class Applier:
    """A task that applies durable entries; started by the first of them."""

    def __init__(
        self,
        *,
        apply: Callable[[Batch], Awaitable[None] | None],
        settled: Callable[[Entry], None],
        broken: Callable[[BaseException], None],
    ) -> None:
        self._apply = apply
        self._settled = settled
        self._broken = broken
        self._durable: deque[Entry] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def add(self, entries: Iterable[Entry]) -> None:
        """Take *entries*, which are durable and follow all those taken before."""
        self._durable.extend(entries)
        self._wake.set()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="log-apply")
            self._task.add_done_callback(self._ended)

    async def stop(self) -> None:
        """End the task; what it has not applied stays in the log for the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _run(self) -> None:
        while True:
            while self._durable:
                entry = self._durable[0]
                rest = self._apply(entry.batch)
                if rest is not None:
                    await rest
                self._durable.popleft()
                self._settled(entry)
            self._wake.clear()
            await self._wake.wait()

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._broken(error)
