"""
Deduplication: which ids were committed, which are on their way, which are new.

An id counts as seen together with its commit and not before. Answers are
exact: the filter in front of the run files only shortens "not there".
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from ..model.ports import Clock
from .archive import Archive
from .commit import Commit
from .filter import KEY_BYTES
from .runs import Arrival
from .storage import Storage
from .tiers import SeenSettings


@dataclass(frozen=True, slots=True)
class Admission:
    """
    What became of each key of a list, by index.

    Every index is in exactly one of: ``new``; ``durable``, committed before;
    ``in_flight``, with the commit whose fate it shares; ``repeated``, with the
    index of the new key in the same list that it repeats.
    """

    new: Sequence[int]
    durable: Sequence[int] = ()
    in_flight: Sequence[tuple[int, Commit]] = ()
    repeated: Sequence[tuple[int, int]] = ()

    @property
    def is_all_new(self) -> bool:
        """Return whether no key is a duplicate of any kind."""
        return not (self.durable or self.in_flight or self.repeated)


@dataclass(frozen=True, slots=True)
class _Generation:
    """The ids between two snapshots."""

    ids: set[bytes]
    arrival: Arrival


@cache
def _all_new(count: int) -> Admission:
    """Return the usual answer; a request holds few enough events to keep one of each length."""
    return Admission(new=range(count))


class Seen:
    """
    The ids of the last days. Keys are digests of 16 bytes.

    Make it after ``recover``, which refuses data of a newer version before
    anything is touched. A frame that is replayed is given to ``remember`` and
    never to ``admit``: its ids may be in a run already.

    Everything but ``write_run``, ``warm`` and ``maintain`` belongs to the event
    loop; those three are for a thread.
    """

    def __init__(
        self, storage: Storage, clock: Clock, settings: SeenSettings | None = None
    ) -> None:
        self._clock = clock
        self._started = clock.wall() - clock.monotonic()
        self._archive = Archive(storage, settings or SeenSettings())
        self._in_flight: dict[bytes, Commit] = {}
        self._recent: set[bytes] = set()
        self._arrival: Arrival | None = None
        self._flushing: tuple[_Generation, ...] = ()
        self._handover = threading.Lock()

    @property
    def ids(self) -> int:
        """Return how many ids are remembered."""
        return self._in_memory() + self._archive.ids

    @property
    def runs(self) -> int:
        """Return how many run files there are."""
        return self._archive.runs

    @property
    def runs_damaged(self) -> int:
        """Return how many run files were put aside."""
        return self._archive.damaged

    @property
    def is_warm(self) -> bool:
        """Return whether lookups are at full speed."""
        return self._archive.is_warm

    def window_seconds(self) -> float:
        """Return for how long back ids are remembered; 0 while there are none."""
        firsts = [generation.arrival.first for generation in self._flushing]
        if self._arrival is not None:
            firsts.append(self._arrival.first)
        on_disk = self._archive.oldest_arrival
        if on_disk is not None:
            firsts.append(on_disk)
        return max(0.0, self._clock.wall() - min(firsts)) if firsts else 0.0

    def admit(self, keys: Sequence[bytes]) -> Admission:
        """
        Return which keys are new and what the others are; changes nothing.

        Raises:
            ValueError: A key is not 16 bytes long.
        """
        plain = b"".join(keys)
        if len(plain) != KEY_BYTES * len(keys):
            message = f"a deduplication key is a digest of {KEY_BYTES} bytes"
            raise ValueError(message)
        distinct = set(keys)
        if (
            len(distinct) == len(keys)
            and self._in_flight.keys().isdisjoint(distinct)
            and self._recent.isdisjoint(distinct)
            and all(generation.ids.isdisjoint(distinct) for generation in self._flushing)
            and not self._archive.find(keys, plain)
        ):
            return _all_new(len(keys))
        return self._sort_out(keys, plain)

    def begin(self, keys: Sequence[bytes], commit: Commit) -> None:
        """Take note that new keys are on their way to the disk in *commit*."""
        self._in_flight.update(dict.fromkeys(keys, commit))

    def commit(self, keys: Sequence[bytes], received_at: float | None = None) -> None:
        """Take note that keys are durable; call it when their batch is applied."""
        self.abort(keys)
        self.remember(keys, self._clock.wall() if received_at is None else received_at)

    def abort(self, keys: Sequence[bytes]) -> None:
        """Forget keys whose commit failed: sent again, they are new."""
        land = self._in_flight.pop
        for key in keys:
            land(key, None)

    def remember(self, keys: Sequence[bytes], received_at: float) -> None:
        """Add keys that are in the log already: of a commit, or of a replayed frame."""
        if keys:
            self._recent.update(keys)
            self._arrival = Arrival(received_at, received_at).joined(self._arrival)

    def rotate(self) -> None:
        """
        Set the ids since the last call apart, to be written as a run.

        Cheap; call it in the same step that takes the snapshot. The ids stay
        known throughout, and if writing fails they are part of the next run.
        """
        if self._arrival is None:
            return
        generation = _Generation(self._recent, self._arrival)
        self._recent, self._arrival = set(), None
        with self._handover:
            self._flushing = (*self._flushing, generation)

    def write_run(self) -> None:
        """
        Write what was set apart to a durable run file; for a thread.

        Raises:
            OSError: The disk refused; the ids stay in memory.
        """
        generations = self._flushing
        if not generations:
            return
        arrival = generations[0].arrival
        for generation in generations[1:]:
            arrival = arrival.joined(generation.arrival)
        self._archive.write(
            [generation.ids for generation in generations],
            count=sum(len(generation.ids) for generation in generations),
            arrival=arrival,
        )
        # Only now: a lookup that misses them here finds them in the run.
        with self._handover:
            self._flushing = self._flushing[len(generations) :]
        for generation in generations:
            _empty(generation.ids)

    def warm(self) -> None:
        """Bring lookups to full speed after a start; for a thread, may take seconds."""
        self._archive.warm()

    def maintain(self) -> None:
        """Merge, expire and keep to the budget; for a thread, after ``write_run``."""
        # Not the wall clock: when that jumps ahead by years, no id has become any older.
        now = self._started + self._clock.monotonic()
        self._archive.maintain(now=now, in_memory=self._in_memory())

    def stop(self) -> None:
        """End ``warm`` and ``maintain`` at their next step, for a quick stop."""
        self._archive.stop()

    def _in_memory(self) -> int:
        return len(self._recent) + sum(len(generation.ids) for generation in self._flushing)

    def _sort_out(self, keys: Sequence[bytes], plain: bytes) -> Admission:
        # Memory before the runs: what leaves memory meanwhile is in a run by then.
        durable = {index for index, key in enumerate(keys) if self._is_in_memory(key)}
        durable.update(self._archive.find(keys, plain))
        first: dict[bytes, int] = {}
        in_flight, repeated = [], []
        for index, key in enumerate(keys):
            if index in durable:
                continue
            commit = self._live_commit(key)
            if commit is not None:
                in_flight.append((index, commit))
            elif first.setdefault(key, index) != index:
                repeated.append((index, first[key]))
        return Admission(
            new=list(first.values()),
            durable=sorted(durable),
            in_flight=in_flight,
            repeated=repeated,
        )

    def _is_in_memory(self, key: bytes) -> bool:
        return key in self._recent or any(key in generation.ids for generation in self._flushing)

    def _live_commit(self, key: bytes) -> Commit | None:
        """Return the commit that carries the key; one that failed carries nothing."""
        commit = self._in_flight.get(key)
        has_failed = commit is not None and commit.done() and commit.exception() is not None
        return None if has_failed else commit


def _empty(ids: set[bytes]) -> None:
    """Free a large set bit by bit: in one go it would stop the event loop for 20 ms."""
    while ids:
        ids.pop()
