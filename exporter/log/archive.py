"""
The ids on disk: all run files, and the filter in front of them.

One thread at a time writes here; the event loop only asks. What it asks for
is replaced as a whole, so an answer is always exact.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence

from .filter import IdFilter, size_for
from .merging import merged_ids, sorted_ids
from .runs import Arrival, Run, RunPieces, open_run, run_name, run_names
from .storage import Storage
from .tiers import SeenSettings, choose_drops, choose_merge

# Rebuilding costs a second for 10 million ids; asking a filter that is this
# much too full costs a few lookups more.
_OVERFULL = 1.5


class StoppedError(Exception):
    """Background work was told to stop; nothing it had finished is lost."""


class Archive:
    """
    The runs of a directory.

    ``damaged`` counts the run files that were put aside.
    """

    def __init__(self, storage: Storage, settings: SeenSettings) -> None:
        self.damaged = 0
        self._storage = storage
        self._settings = settings
        self._writing = threading.Lock()
        self._stop = threading.Event()
        self._serial = max(run_names(storage), default=0)
        self._runs = self._open_all()
        self._filter = None if self._runs else IdFilter(size_for(0, settings.max_ids))

    @property
    def ids(self) -> int:
        """Return how many ids the runs hold; one that lies in two counts twice."""
        return sum(run.count for run in self._runs)

    @property
    def runs(self) -> int:
        """Return how many run files there are."""
        return len(self._runs)

    @property
    def is_warm(self) -> bool:
        """Return whether the filter is ready; until then each lookup reads the runs."""
        return self._filter is not None

    @property
    def oldest_arrival(self) -> float | None:
        """Return the first arrival remembered, in wall seconds; None without runs."""
        return min((run.arrival.first for run in self._runs), default=None)

    def find(self, keys: Sequence[bytes], plain: bytes) -> list[int]:
        """Return the indexes of the keys that are in a run; *plain* is the keys joined."""
        # The order matters: ids enter the filter before their run appears.
        runs, present = self._runs, self._filter
        if not runs:
            return []
        indexes: Iterable[int] = range(len(keys)) if present is None else present.candidates(plain)
        return [index for index in indexes if _is_in(runs, keys[index])]

    def write(
        self, generations: Sequence[Iterable[bytes]], *, count: int, arrival: Arrival
    ) -> None:
        """
        Store ids durably as a new run.

        Raises:
            OSError: The disk refused; the ids are in no run.
        """
        with self._writing:
            steps = sorted_ids(generations, self._breathe)
            run = self._write_run(steps, expected=count, arrival=arrival)
            if self._filter is not None:
                _add(self._filter, run, self._breathe)
            self._runs = (run, *self._runs)

    def warm(self) -> None:
        """Check the runs found at the start and build their filter; meant for a thread."""
        with self._writing:
            try:
                self._check_all()
                self._build_filter()
            except StoppedError:
                return

    def maintain(self, *, now: float, in_memory: int) -> None:
        """Drop what is too old or too much, merge what is small; meant for a thread."""
        with self._writing:
            try:
                self._drop(
                    choose_drops(self._runs, settings=self._settings, now=now, in_memory=in_memory)
                )
                while merge := choose_merge(self._runs, settings=self._settings, now=now):
                    self._merge(merge)
                if self._filter is None or self._is_overfull(self._filter):
                    self._build_filter()
            except StoppedError:
                return

    def stop(self) -> None:
        """End background work at its next step; a later one does not begin."""
        self._stop.set()

    def _open_all(self) -> tuple[Run, ...]:
        opened = {name: open_run(self._storage, name) for name in run_names(self._storage).values()}
        for name, run in opened.items():
            if run is None:
                self._put_aside(name)
        runs = [run for run in opened.values() if run is not None]
        return tuple(sorted(runs, key=lambda run: run.arrival.last, reverse=True))

    def _put_aside(self, name: str) -> None:
        self._storage.rename(name, name + ".corrupt")
        self.damaged += 1

    def _check_all(self) -> None:
        for run in self._runs:
            if not self._is_intact(run):
                self._runs = tuple(other for other in self._runs if other is not run)
                self._put_aside(run.name)

    def _is_intact(self, run: Run) -> bool:
        for is_intact in run.is_intact():
            if not is_intact:
                return False
            self._breathe_or_stop()
        return True

    def _write_run(self, steps: Iterator[list[bytes]], *, expected: int, arrival: Arrival) -> Run:
        self._serial += 1
        name = run_name(self._serial)
        self._storage.replace(name, RunPieces(steps, expected=expected, arrival=arrival))
        run = open_run(self._storage, name)
        if run is None:
            message = f"{name}: what was written could not be read back"
            raise OSError(message)
        return run

    def _merge(self, inputs: Sequence[Run]) -> None:
        arrival = inputs[0].arrival
        for run in inputs[1:]:
            arrival = arrival.joined(run.arrival)
        merged = self._write_run(
            merged_ids(inputs, self._breathe_or_stop),
            expected=sum(run.count for run in inputs),
            arrival=arrival,
        )
        # Durable before its inputs go. In between an id may lie in two runs,
        # which changes no answer.
        kept = [run for run in self._runs if run not in inputs]
        self._runs = tuple(sorted((merged, *kept), key=lambda run: run.arrival.last, reverse=True))
        self._remove(inputs)

    def _drop(self, runs: Sequence[Run]) -> None:
        self._runs = tuple(run for run in self._runs if run not in runs)
        self._remove(runs)

    def _remove(self, runs: Sequence[Run]) -> None:
        for run in runs:
            self._storage.remove(run.name)
        if runs:
            self._storage.sync_directory()

    def _is_overfull(self, present: IdFilter) -> bool:
        wanted = size_for(self.ids, self._settings.max_ids)
        can_grow = present.size < wanted and present.added * 2 > present.size
        is_stale = (
            present.added > self.ids * _OVERFULL and present.added * 2 > present.size * _OVERFULL
        )
        return can_grow or is_stale

    def _build_filter(self) -> None:
        fresh = IdFilter(size_for(self.ids, self._settings.max_ids))
        for run in self._runs:
            _add(fresh, run, self._breathe_or_stop)
        self._filter = fresh

    def _breathe(self) -> None:
        self._stop.wait(self._settings.pause_seconds)

    def _breathe_or_stop(self) -> None:
        if self._stop.wait(self._settings.pause_seconds):
            raise StoppedError


def _is_in(runs: Sequence[Run], key: bytes) -> bool:
    return any(key in run for run in runs)


def _add(target: IdFilter, run: Run, breathe: Callable[[], None]) -> None:
    for step in run.steps():
        target.add(step)
        breathe()
