"""The bounded queue between the bot's threads and the one that sends."""

import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum

from .limits import Limits

Batch = list[bytes]


class Put(Enum):
    """What became of an event that was put into the queue."""

    KEPT = "kept"
    PUSHED_OUT = "pushed_out"
    TOO_LARGE = "too_large"
    CLOSED = "closed"


class Buffer:
    """
    Takes events from many threads, gives batches to one.

    When it is full the *oldest* events go. An answer is younger than its question: with the newest
    gone, the exporter would see questions without answers and count turns as failed that were not.
    The batch on its way is never touched.

    Args:
        limits: Bounds and waiting times.
        on_drop: Told how many old events were pushed out.
        monotonic: Measures waiting.
    """

    def __init__(
        self,
        limits: Limits,
        on_drop: Callable[[int], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits
        self._on_drop = on_drop
        self._monotonic = monotonic
        self.clear()
        self._closing_until: float | None = None

    def clear(self) -> None:
        """Start empty with fresh locks, as a forked child must."""
        # Reentrant: a signal handler of the bot may send while the bot is sending.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._events: deque[bytes] = deque()
        self._bytes = 0
        self._in_flight = 0
        self._arrived = 0
        self._flush_to = 0

    def put(self, event: bytes) -> Put:
        """Append an event; never waits for the network."""
        size = len(event)
        limits = self._limits
        if size > limits.queue_bytes:
            return Put.TOO_LARGE
        with self._lock:
            if self._closing_until is not None:
                return Put.CLOSED
            events = self._events
            events.append(event)
            self._bytes += size
            self._arrived += 1
            count = len(events)
            if count > limits.queue_events or self._bytes > limits.queue_bytes:
                self._push_out()
                return Put.PUSHED_OUT
            if count in (1, limits.batch_events):
                self._changed.notify_all()
            return Put.KEPT

    def take(self) -> Batch:
        """
        Wait until a batch is due and return it; tell `settle` when it is dealt with.

        An empty one means that the queue was closed and holds nothing.
        """
        with self._lock:
            while not self._events and self._closing_until is None:
                self._changed.wait()
            deadline = self._monotonic() + self._limits.batch_seconds
            while not self._is_due():
                remaining = deadline - self._monotonic()
                if remaining <= 0:
                    break
                self._changed.wait(remaining)
            batch = self._pop_batch()
            self._in_flight = len(batch)
            return batch

    def settle(self) -> None:
        """Note that the batch taken last has its answer or was given up."""
        with self._lock:
            self._in_flight = 0
            self._changed.notify_all()

    def queued(self) -> int:
        """Return how many events have no answer."""
        with self._lock:
            return len(self._events) + self._in_flight

    def flush(self, timeout_seconds: float) -> bool:
        """Wait until everything that is in now was dealt with; False when it took too long."""
        deadline = self._monotonic() + timeout_seconds
        with self._lock:
            target = self._flush_to = self._arrived
            self._changed.notify_all()
            while self._settled() < target:
                remaining = deadline - self._monotonic()
                if remaining <= 0:
                    return False
                self._changed.wait(remaining)
            return True

    def close(self, timeout_seconds: float) -> None:
        """Take no more events; what is in has until then."""
        with self._lock:
            if self._closing_until is None:
                self._closing_until = self._monotonic() + timeout_seconds
            self._changed.notify_all()

    def rest(self, seconds: float, *, may_be_cut: bool) -> bool:
        """
        Wait before another attempt; False when there is no time for one.

        While closing, a pause that *may be cut* ends in time for a last attempt.
        """
        until = self._monotonic() + seconds
        with self._lock:
            if self._closing_until is not None and self._monotonic() >= self._closing_until:
                return False
            while True:
                end = self._closing_until
                is_cut = end is not None and until > end
                if is_cut and not may_be_cut:
                    return False
                remaining = (end if is_cut and end is not None else until) - self._monotonic()
                if remaining <= 0:
                    return True
                self._changed.wait(remaining)

    def abandon(self) -> int:
        """Empty the queue and return how many events were in it."""
        with self._lock:
            left = len(self._events)
            self._events.clear()
            self._bytes = 0
            self._changed.notify_all()
            return left

    def _settled(self) -> int:
        return self._arrived - len(self._events) - self._in_flight

    def _is_due(self) -> bool:
        return (
            len(self._events) >= self._limits.batch_events
            or self._closing_until is not None
            or self._settled() < self._flush_to
        )

    def _pop_batch(self) -> Batch:
        batch: Batch = []
        size = 0
        while self._events and len(batch) < self._limits.batch_events:
            size += len(self._events[0])
            if batch and size > self._limits.batch_bytes:
                break
            event = self._events.popleft()
            self._bytes -= len(event)
            batch.append(event)
        return batch

    def _push_out(self) -> None:
        dropped = 0
        while len(self._events) > self._limits.queue_events or (
            self._bytes > self._limits.queue_bytes
        ):
            self._bytes -= len(self._events.popleft())
            dropped += 1
        self._on_drop(dropped)
