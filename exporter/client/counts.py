"""What became of the events, in numbers."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

MOST_REASONS = 50  # They come from outside; a broken server must not fill the memory.
LONGEST_REASON = 64
OTHER = "_other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """
    A snapshot: every event sent with `Client.send` is in exactly one place.

    It is queued (waiting or on its way), answered (accepted, duplicates, rejected), or dropped.

    Attributes:
        queued: Without an answer so far.
        sent: With an answer: accepted + duplicates + rejected.
        accepted: Stored by the exporter.
        duplicates: Stored before; a retry whose first answer was lost.
        rejected: Refused by the exporter, by reason.
        dropped: Given up by the client, by reason.
        retries: Attempts that came to nothing and were repeated.
    """

    queued: int
    sent: int
    accepted: int
    duplicates: int
    rejected: Mapping[str, int]
    dropped: Mapping[str, int]
    retries: int


class Counts:
    """Counts from any thread."""

    def __init__(self) -> None:
        # Reentrant: a signal handler of the bot may send an event in the middle of a count.
        self._lock = threading.RLock()
        self._accepted = 0
        self._duplicates = 0
        self._retries = 0
        self._rejected: Counter[str] = Counter()
        self._dropped: Counter[str] = Counter()

    def answered(self, accepted: int, duplicates: int, rejected: Mapping[str, int]) -> None:
        """Count the verdicts on a batch."""
        with self._lock:
            self._accepted += accepted
            self._duplicates += duplicates
            for reason, count in rejected.items():
                self._rejected[_bounded(reason, self._rejected)] += count

    def drop(self, reason: str, events: int) -> None:
        """Count events that will never arrive."""
        with self._lock:
            self._dropped[_bounded(reason, self._dropped)] += events

    def retry(self) -> None:
        """Count an attempt that must be repeated."""
        with self._lock:
            self._retries += 1

    def snapshot(self, queued: int) -> Stats:
        """Return all numbers of this moment."""
        with self._lock:
            rejected, dropped = dict(self._rejected), dict(self._dropped)
            return Stats(
                queued=queued,
                sent=self._accepted + self._duplicates + sum(rejected.values()),
                accepted=self._accepted,
                duplicates=self._duplicates,
                rejected=MappingProxyType(rejected),
                dropped=MappingProxyType(dropped),
                retries=self._retries,
            )


def _bounded(reason: str, known: Mapping[str, int]) -> str:
    reason = reason[:LONGEST_REASON]
    return reason if reason in known or len(known) < MOST_REASONS else OTHER
