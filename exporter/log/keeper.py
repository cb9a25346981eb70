"""Keep state, ids and log together: snapshots at the right moment, then what may go goes."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ..model.ports import Clock
from .commit import Batch
from .retention import prune
from .seen import Seen
from .snapshot import Moment, write_snapshot
from .storage import Storage
from .worker import Runner, Worker


@dataclass(frozen=True, slots=True)
class SnapshotSettings:
    """When a snapshot is due: after so many seconds or events, whichever is first."""

    seconds: float = 60.0
    events: int = 250_000


class Snapshotter:
    """
    Takes snapshots while batches are applied, one at a time.

    ``take_state`` returns the state as of the batch applied last, in one step.
    ``failed`` learns of an error; the next occasion tries again. ``pruned``
    learns which segments were removed, for ``LogWriter.pruned``.
    """

    # Everything a snapshot brings together is handed in.
    def __init__(  # noqa: PLR0913
        self,
        *,
        storage: Storage,
        clock: Clock,
        seen: Seen,
        take_state: Callable[[], Sequence[bytes]],
        failed: Callable[[OSError], None],
        pruned: Callable[[Sequence[int]], None],
        settings: SnapshotSettings | None = None,
        runner: Callable[[str], Runner] = Worker,
    ) -> None:
        self.snapshots = 0
        self.failures = 0
        self.last_snapshot_at: float | None = None
        self._storage = storage
        self._clock = clock
        self._seen = seen
        self._take_state = take_state
        self._failed = failed
        self._pruned = pruned
        self._settings = settings or SnapshotSettings()
        self._thread = runner("log-snapshot")
        self._moment: Moment | None = None
        self._taken: tuple[Moment, int] | None = None
        self._events = 0
        self._due_at = clock.monotonic() + self._settings.seconds
        self._is_busy = False
        self._idle = asyncio.Event()
        self._idle.set()

    def warm(self) -> None:
        """Check and index the run files in the background; once, after the start."""
        self._begin(self._warm)

    def replayed(self, moment: Moment, events: int) -> None:
        """Take note of what recovery has applied: the next snapshot covers it."""
        self._moment = moment
        self._events += events

    def applied(self, batch: Batch) -> None:
        """Take note that a batch is applied, and begin a snapshot if one is due."""
        if batch.end is not None:
            self._moment = Moment(batch.end, elapsed=batch.elapsed, received_at=batch.received_at)
        self._events += batch.count
        self.tick()

    def tick(self) -> None:
        """Begin a snapshot if one is due; for a timer, so that quiet times are covered."""
        is_due = self._events >= self._settings.events or self._clock.monotonic() >= self._due_at
        if is_due and self._moment is not None and not self._is_busy:
            self._snapshot()

    async def finish(self) -> None:
        """Take the last snapshot, at a stop; call it when nothing is applied any more."""
        self._seen.stop()
        await self._idle.wait()
        self._snapshot()
        await self._idle.wait()
        self._thread.stop()

    def _snapshot(self) -> None:
        moment = self._moment
        if moment is None:
            return
        # One step without an await: state, ids and position belong together.
        state = self._take_state()
        self._seen.rotate()
        self._taken, self._moment = (moment, self._events), None
        self._events = 0
        self._due_at = self._clock.monotonic() + self._settings.seconds
        self._begin(partial(self._store, moment, state))

    def _begin(self, job: Callable[[], Sequence[int]]) -> None:
        self._is_busy = True
        self._idle.clear()
        self._thread.run(job, self._done)

    def _store(self, moment: Moment, state: Sequence[bytes]) -> Sequence[int]:
        # Ids first: after a crash in between they are found twice. The other
        # way round the snapshot would stand for ids that nobody remembers.
        self._seen.write_run()
        write_snapshot(self._storage, moment, state)
        self.snapshots += 1
        self.last_snapshot_at = self._clock.wall()
        removed = prune(self._storage)
        self._seen.maintain()
        return removed

    def _warm(self) -> Sequence[int]:
        self._seen.warm()
        return ()

    def _done(self, removed: Sequence[int] | None, error: OSError | None) -> None:
        self._is_busy = False
        self._idle.set()
        taken, self._taken = self._taken, None
        if removed:
            self._pruned(removed)
        if removed is None:
            self.failures += 1
            self._owe_again(taken)
            self._failed(error or OSError("a bug, see the traceback in the log of the process"))

    def _owe_again(self, taken: tuple[Moment, int] | None) -> None:
        """Count what the failed snapshot stood for as not covered yet."""
        if taken is not None:
            moment, events = taken
            self._moment = self._moment or moment
            self._events += events
