"""Limits on what the door takes: events per second of each token, bytes in memory of all."""

from dataclasses import dataclass
from typing import Self

from ..model.ports import Clock
from ..model.verdicts import Refusal, RefusedError

MAX_BUCKETS = 10_000  # Names come from the token store; this bounds what a busy rotation leaves.
OVERLOADED_RETRY_SECONDS = 1.0


@dataclass(slots=True)
class _Bucket:
    level: float
    at: float


class TokenBuckets:
    """
    Token buckets by name: *rate* events a second on average, *burst* at once.

    A bucket that is full admits a batch larger than *burst* and goes into debt: such a batch is
    slow, but never impossible. A *rate* of 0 or less means no limit.
    """

    def __init__(self, rate: float, burst: float, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self.configure(rate, burst)

    def configure(self, rate: float, burst: float) -> None:
        """Apply new limits at once; what was used so far stays used."""
        self._rate = rate
        self._burst = max(1.0, burst)
        for bucket in self._buckets.values():
            bucket.level = min(bucket.level, self._burst)

    def take(self, name: str, amount: int) -> float:
        """Charge *amount* and return 0.0, or charge nothing and return the seconds to wait."""
        if self._rate <= 0:
            return 0.0
        bucket = self._refilled(name)
        missing = min(float(amount), self._burst) - bucket.level
        if missing > 0:
            return missing / self._rate
        bucket.level -= amount
        return 0.0

    def peek(self, name: str) -> float:
        """Return the seconds until one event would be admitted; 0.0 means now."""
        if self._rate <= 0:
            return 0.0
        bucket = self._buckets.get(name)
        if bucket is None:
            return 0.0
        level = bucket.level + (self._clock.monotonic() - bucket.at) * self._rate
        return max(0.0, (1.0 - level) / self._rate)

    def __len__(self) -> int:
        """Return how many names are remembered."""
        return len(self._buckets)

    def _refilled(self, name: str) -> _Bucket:
        now = self._clock.monotonic()
        # Taken out and put back: the dictionary stays ordered by last use.
        bucket = self._buckets.pop(name, None)
        if bucket is None:
            self._make_room()
            bucket = _Bucket(self._burst, now)
        self._buckets[name] = bucket
        bucket.level = min(self._burst, bucket.level + (now - bucket.at) * self._rate)
        bucket.at = now
        return bucket

    def _make_room(self) -> None:
        if len(self._buckets) >= MAX_BUCKETS:
            del self._buckets[next(iter(self._buckets))]


class ByteBudget:
    """
    The bytes of request bodies that may be in memory at once.

    Without it every connection could hold a body of the largest size at the same time. Bodies
    up to *free_bytes* are not counted: the limit on connections bounds them well enough.
    """

    def __init__(self, max_bytes: int, *, free_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._free_bytes = free_bytes
        self._used_bytes = 0

    @property
    def used_bytes(self) -> int:
        """Return what is reserved now."""
        return self._used_bytes

    def reservation(self) -> "Reservation":
        """Return an empty reservation; leaving its ``with`` block gives everything back."""
        return Reservation(self)

    def reserve(self, size_bytes: int, held_bytes: int) -> int:
        """
        Raise a reservation of *held_bytes* to *size_bytes*; return what is held now.

        Raises:
            RefusedError: that much is not free; nothing changed.
        """
        if size_bytes <= max(held_bytes, self._free_bytes):
            return held_bytes
        if self._used_bytes + size_bytes - held_bytes > self.max_bytes:
            raise RefusedError(
                Refusal.OVERLOADED,
                "Too many large requests are being read; send this one again.",
                retry_after_seconds=OVERLOADED_RETRY_SECONDS,
            )
        self._used_bytes += size_bytes - held_bytes
        return size_bytes

    def release(self, held_bytes: int) -> None:
        """Give back what `reserve` returned."""
        self._used_bytes -= held_bytes


class Reservation:
    """What one request holds of a `ByteBudget`."""

    __slots__ = ("_budget", "_held_bytes")

    def __init__(self, budget: ByteBudget) -> None:
        self._budget = budget
        self._held_bytes = 0

    def __enter__(self) -> Self:
        """Return the reservation."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give everything back."""
        if self._held_bytes:
            self._budget.release(self._held_bytes)
            self._held_bytes = 0

    def grow_to(self, size_bytes: int) -> None:
        """
        Hold at least *size_bytes*.

        Raises:
            RefusedError: that much is not free.
        """
        self._held_bytes = self._budget.reserve(size_bytes, self._held_bytes)
