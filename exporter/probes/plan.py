"""When a check runs: spread over the interval by its name, the same way after every restart."""

from hashlib import blake2b

FIRST_SECONDS = 10.0  # All first runs happen within so long of the start.
_SHARES = 2**64


class Plan:
    """
    The planned starts of one check, in monotonic seconds.

    The first comes within `FIRST_SECONDS`; those after it lie on a grid of *interval* that only the
    name shifts. Jitter puts each of them off by its own part of *jitter_ratio* times the interval.
    """

    def __init__(self, name: str, *, interval: float, jitter_ratio: float, began: float) -> None:
        self._name = name
        self._interval = interval
        self._jitter = jitter_ratio * interval
        self._phase = _share(name) * interval
        self._began = began
        self._last: int | None = None

    def first(self, now: float) -> float:
        """Return the first start of a check that begins *now*."""
        return now + _share(self._name) * min(self._interval, FIRST_SECONDS)

    def next(self, now: float) -> tuple[float, int]:
        """Return the next start from *now* on, and how many were missed since the one before."""
        number = max(0, -int(-(now - self._began - self._phase) // self._interval))
        if self._last is not None:
            number = max(number, self._last + 1)
        while (planned := self._start(number)) < now:
            number += 1
        missed = 0 if self._last is None else number - self._last - 1
        self._last = number
        return planned, missed

    def _start(self, number: int) -> float:
        put_off = self._jitter * _share(f"{self._name} {number}") if self._jitter else 0.0
        return self._began + self._phase + number * self._interval + put_off


def _share(text: str) -> float:
    """Return a number in [0, 1) that only *text* decides."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") / _SHARES
