"""Deadlines of thousands of connections with one timer between them."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Deadlines(Generic[T]):
    """
    Things that must finish within one common time, oldest first.

    All of them have the same allowance, so the order of arrival is the order of expiry and one
    timer for the oldest is enough. Starting and stopping cost a dictionary operation each.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, seconds: float, expired: Callable[[T], None]
    ) -> None:
        self.seconds = seconds
        self._loop = loop
        self._expired = expired
        self._due: dict[T, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def start(self, item: T) -> None:
        """Give *item* the whole allowance from now on."""
        due = self._loop.time() + self.seconds
        self._due.pop(item, None)
        self._due[item] = due
        if self._timer is None:
            self._timer = self._loop.call_at(due, self._check)

    def stop(self, item: T) -> None:
        """Forget *item*; it was in time, or is gone."""
        self._due.pop(item, None)

    def __contains__(self, item: T) -> bool:
        """Return whether the time of *item* is running."""
        return item in self._due

    def close(self) -> None:
        """Forget everything."""
        self._due.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check(self) -> None:
        self._timer = None
        now = self._loop.time()
        while self._due:
            item, due = next(iter(self._due.items()))
            if due > now:
                self._timer = self._loop.call_at(due, self._check)
                return
            del self._due[item]
            self._expired(item)
