"""An event loop whose time jumps to the next timer: nothing is waited for in earnest."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs timers in their order and at their time, without the waiting."""

    def __init__(self) -> None:
        self.now = 1000.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        """Return the time of this loop."""
        return self.now


class LoopClock:
    """A `model.ports.Clock` that shows the time of the loop it is made on, on any thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()

    def wall(self) -> float:
        return 1_770_000_000.0 + self.monotonic()

    def monotonic(self) -> float:
        return self._loop.time()


class _Jumping(selectors.DefaultSelector):
    """Never waits: where the real one would, it lets the time of the loop pass."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        # Without a timer only a thread or a socket can wake the loop: that is waited for.
        events = super().select(None if timeout is None else 0)
        if not events and timeout:
            self._loop.now += timeout
        return events


def run(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of *work*, run in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


async def let_pass(seconds: float) -> None:
    """Let virtual time pass; nobody waits for it."""
    passed = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(seconds, passed.set_result, None)
    await passed
