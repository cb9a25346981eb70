"""
Commit batches: durable first, then applied, then answered.

Whatever was submitted while a sync was running goes into the next one: the
slower the disk, the larger the groups, without any timer. Writes happen on
the event loop, syncs in a thread that does nothing else.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

from ..model.errors import LogFullError, LogUnavailableError, StorageError
from ..model.ports import Clock
from .active import ActiveSegment, Ledger, NotOpenedError, open_segment
from .applier import Applier
from .commit import Batch, Commit, Entry, LogSettings
from .frame import HEADER_BYTES, Position, encode_header
from .logtime import LogTime
from .recover import WriterStart
from .segment import Opening, compress_segment
from .storage import Storage, storage_error
from .worker import Runner, Worker

__all__ = ["Batch", "Commit", "LogSettings", "LogWriter", "WriterStart"]

REOPEN_SECONDS = 1.0
# One write on the loop copies this much in about 2 ms.
GROUP_BYTES = 4 * 1024 * 1024


def _nobody(_: object) -> None:
    """Stand in for a callback nobody gave."""


class LogWriter:
    """
    The one writer of a log.

    ``apply`` is called for each durable batch, in log order, never two at a
    time; what it returns is awaited, unless it is None. ``discard`` is called
    for each batch that failed, whether or not its sender still waits: its ids
    are to be forgotten. The integers are for metrics.
    """

    # Each of them is one thing the writer is told or tells.
    def __init__(  # noqa: PLR0913
        self,
        *,
        storage: Storage,
        clock: Clock,
        start: WriterStart,
        apply: Callable[[Batch], Awaitable[None] | None],
        settings: LogSettings | None = None,
        discard: Callable[[Batch], None] = _nobody,
        observe_sync: Callable[[float], None] = _nobody,
        runner: Callable[[str], Runner] = Worker,
    ) -> None:
        self.commits = 0
        self.synced_bytes = 0
        self.failed_commits = 0
        self.failed_compressions = 0
        self.queued_bytes = 0
        self.broken: BaseException | None = None
        self._storage = storage
        self._clock = clock
        self._settings = settings or LogSettings()
        self._discard = discard
        self._observe_sync = observe_sync
        self._time = LogTime(clock, start.end)
        end = None if start.end is None else start.end.position
        self._ledger = Ledger(storage, next_number=start.next_segment, end=end)
        now = clock.monotonic()
        self._uncompressed = {number: (length, now) for number, length in start.lengths.items()}
        self._applier = Applier(apply=apply, settled=self._settled, broken=self._break)
        self._sync_thread = runner("log-sync")
        self._compress_thread = runner("log-compress")
        self._active: ActiveSegment | None = None
        self._queue: deque[Entry] = deque()
        self._unsettled: deque[Entry] = deque()
        self._is_busy = False
        self._is_scheduled = False
        self._is_closing = False
        self._is_rotation_due = False
        self._refusal: StorageError | None = None
        self._reopen_at = 0.0
        self._changed = asyncio.Event()

    @property
    def unavailable(self) -> StorageError | None:
        """Return why nothing can be stored right now, None while all is well."""
        return self._refusal

    @property
    def segments(self) -> int:
        """Return how many segments are on disk."""
        return self._ledger.segments + (self._active is not None)

    @property
    def log_bytes(self) -> int:
        """Return what the log takes on disk, in bytes."""
        active = 0 if self._active is None else self._active.appender.tell
        return self._ledger.closed_bytes + active

    def synced_position(self) -> Position | None:
        """Return the durable end of the log, None before anything was ever stored."""
        return self._ledger.end if self._active is None else self._active.end

    def now_elapsed(self) -> float:
        """Return the log time in seconds."""
        return self._time.now()

    def settled_elapsed(self) -> float:
        """
        Return the log time up to which everything is applied, in seconds.

        Whatever ages by this time ages the same way when the log is replayed.
        """
        return self._unsettled[0].batch.elapsed if self._unsettled else self._time.now()

    def submit(self, batch: Batch) -> Commit:
        """
        Queue *batch* and return the commit to await.

        The commit raises LogUnavailableError or LogFullError if the batch did
        not become durable; then nothing of it counts.

        Raises:
            LogUnavailableError: Too much is waiting, or the log cannot be written now.
            LogFullError: The log has reached its size limit, or the disk is full.
            ValueError: The body is too long for a frame.
        """
        self._refuse_if_unable(HEADER_BYTES + len(batch.body))
        batch.elapsed = self._time.now()
        entry = Entry(batch, Commit(), encode_header(batch))
        self.queued_bytes += entry.size
        self._queue.append(entry)
        self._unsettled.append(entry)
        self._schedule()
        return entry.commit

    def rotate(self) -> None:
        """Begin a new segment with the next commit."""
        self._is_rotation_due = True

    def pruned(self, numbers: Iterable[int]) -> None:
        """Take note of segments that retention has removed: their room is free again."""
        for number in numbers:
            self._ledger.forget(number)
            self._uncompressed.pop(number, None)

    def compress_due(self) -> None:
        """Compress the segments that were closed long enough ago; called at every rotation."""
        ripe = self._clock.monotonic() - self._settings.compress_after_seconds
        due = [number for number, (_, since) in self._uncompressed.items() if since <= ripe]
        for number in due:
            length, _ = self._uncompressed.pop(number)
            self._compress_thread.run(
                partial(compress_segment, self._storage, number, length),
                partial(self._compressed, number),
            )

    async def close(self) -> None:
        """
        Take no more, store and apply what is queued, and give the files back.

        Raises whatever stopped the applying, if something did.
        """
        self._is_closing = True
        while (self._unsettled and self.broken is None) or self._is_busy:
            self._changed.clear()
            await self._changed.wait()
        await self._applier.stop()
        if self._active is not None:
            self._active.appender.close()
        self._sync_thread.stop()
        self._compress_thread.stop()
        if self.broken is not None:
            raise self.broken

    def _schedule(self) -> None:
        """Commit at the end of this turn of the loop, with all that is submitted in it."""
        if not (self._is_busy or self._is_scheduled):
            self._is_scheduled = True
            asyncio.get_running_loop().call_soon(self._advance)

    def _advance(self) -> None:
        self._is_scheduled = False
        if self._is_busy or not self._queue:
            return
        if self._needs_segment():
            self._open()
        else:
            self._commit(self._take_group())

    def _take_group(self) -> list[Entry]:
        group: list[Entry] = []
        size = 0
        while self._queue and (not group or size + self._queue[0].size <= GROUP_BYTES):
            entry = self._queue.popleft()
            group.append(entry)
            size += entry.size
        return group

    def _commit(self, group: list[Entry]) -> None:
        active = self._active
        if active is None:
            return
        try:
            _write(active, group)
        except OSError as error:
            self._give_up(group, storage_error(error, "writing the event log"))
            return
        self._is_busy = True
        self._sync_thread.run(partial(self._sync, active), partial(self._synced, group))

    def _sync(self, active: ActiveSegment) -> float:
        started = self._clock.monotonic()
        active.appender.sync()
        return self._clock.monotonic() - started

    def _synced(self, group: list[Entry], took: float | None, error: OSError | None) -> None:
        self._is_busy = False
        if self.broken is not None:
            self._changed.set()
            return
        active = self._active
        if error is not None or active is None or took is None:
            self._give_up(group, _refusal(error, "syncing the event log"))
            return
        size = sum(entry.size for entry in group)
        active.synced += size
        self.commits += 1
        self.synced_bytes += size
        self._applier.add(group)
        # The next group is under way before this one is applied.
        self._advance()
        self._observe_sync(took)
        self._changed.set()

    def _settled(self, entry: Entry) -> None:
        self._unsettled.popleft()
        self.queued_bytes -= entry.size
        position = entry.batch.position
        if position is not None:
            entry.commit.set_result(position)
        if self._is_closing:
            self._changed.set()

    def _refuse_if_unable(self, size: int) -> None:
        if self._is_closing or self.broken is not None:
            message = "the event log is closing; send the batch again later"
            raise LogUnavailableError(message)
        refusal = self._refusal
        if refusal is not None and not self._is_busy and self._clock.monotonic() < self._reopen_at:
            raise type(refusal)(str(refusal))
        if self.queued_bytes + size > self._settings.queue_bytes and self._unsettled:
            message = f"{self.queued_bytes} bytes wait for the disk; send the batch again later"
            raise LogUnavailableError(message)
        if self.log_bytes + self.queued_bytes + size > self._settings.max_bytes:
            message = (
                f"the event log has reached {self._settings.max_bytes} bytes: raise log.max_bytes"
            )
            raise LogFullError(message)

    def _give_up(self, group: list[Entry], refusal: StorageError) -> None:
        """Fail a group and all that is queued; what was synced before is all that counts."""
        self.failed_commits += 1
        active, self._active = self._active, None
        if active is not None:
            self._ledger.close(active)
            self._ledger.give_up(active.number, active.synced)
            self._uncompressed[active.number] = (active.synced, self._clock.monotonic())
            active.appender.close()
        self._fail(group, refusal)
        self._open()

    def _fail(self, group: list[Entry], refusal: StorageError) -> None:
        failed = [*group, *self._queue]
        self._queue.clear()
        for entry in failed:
            self._unsettled.pop()
            self.queued_bytes -= entry.size
            self._discard(entry.batch)
            entry.commit.fail(type(refusal)(str(refusal)))
        self._changed.set()

    def _break(self, error: BaseException) -> None:
        """Stop for good: a durable batch could not be applied, so no later one may be."""
        self.broken = error
        refusal = LogUnavailableError("stored, but not applied; it counts after a restart")
        while self._unsettled:
            entry = self._unsettled.popleft()
            self._discard(entry.batch)
            entry.commit.fail(refusal)
        self._queue.clear()
        self._changed.set()

    def _needs_segment(self) -> bool:
        active = self._active
        if active is None:
            return True
        now = self._clock.monotonic()
        is_large = active.synced >= self._settings.segment_bytes
        is_old = now - active.opened_at >= self._settings.segment_seconds
        self._is_rotation_due = self._is_rotation_due or is_large or is_old
        return self._is_rotation_due and now >= self._reopen_at

    def _open(self) -> None:
        active = self._active
        opening = Opening(
            number=self._ledger.next_number,
            previous=self._ledger.end if active is None else active.end,
            sealed=dict(self._ledger.sealed),
            received_at=self._clock.wall(),
            elapsed=self._time.now(),
            opened_at=self._clock.monotonic(),
        )
        self._is_busy = True
        self._sync_thread.run(partial(open_segment, self._storage, opening), self._opened)

    def _opened(self, fresh: ActiveSegment | None, error: OSError | None) -> None:
        self._is_busy = False
        if fresh is None:
            self._not_opened(error)
        else:
            self._switch_to(fresh)
        self._advance()
        self._changed.set()

    def _switch_to(self, fresh: ActiveSegment) -> None:
        previous, self._active = self._active, fresh
        if previous is not None:
            self._ledger.close(previous)
            self._uncompressed[previous.number] = (previous.synced, self._clock.monotonic())
            previous.appender.close()
        self._ledger.spend(fresh.number)
        self._is_rotation_due = False
        self._refusal = None
        self._reopen_at = 0.0
        self.compress_due()

    def _not_opened(self, error: OSError | None) -> None:
        self._reopen_at = self._clock.monotonic() + REOPEN_SECONDS
        refusal = _refusal(error, "opening a segment of the event log")
        if isinstance(error, NotOpenedError) and error.is_spent:
            self._ledger.give_up(self._ledger.next_number, 0)
            self._ledger.spend(self._ledger.next_number)
        # A rotation that fails is tried again; the open segment still works.
        if self._active is None:
            self._refusal = refusal
            self._fail([], refusal)

    def _compressed(self, number: int, size: int | None, error: OSError | None) -> None:
        if size is not None:
            self._ledger.resize(number, size)
        elif error is not None:
            # The original is still there; the next start tries again.
            self.failed_compressions += 1


def _write(active: ActiveSegment, group: list[Entry]) -> None:
    """Write a group in one go and note where each of its frames lies."""
    offset = active.appender.tell
    buffers: list[bytes] = []
    for entry in group:
        buffers += (entry.header, entry.batch.body)
        entry.batch.position = Position(active.number, offset)
        offset += entry.size
        entry.batch.end = Position(active.number, offset)
    active.appender.write(buffers)


def _refusal(error: OSError | None, doing: str) -> StorageError:
    if error is None:
        return LogUnavailableError(f"{doing}: a bug, see the traceback in the log of the process")
    return storage_error(error, doing)
