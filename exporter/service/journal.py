"""The event log, the memory of ids and the live metrics, moving together."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from ..catalog.own import EVENTS_ACCEPTED, EVENTS_RECEIVED, LOG_SKIPPED
from ..ingest.pipeline import STRIDE, Accepted
from ..log.commit import Batch
from ..log.frame import FrameKind
from ..log.keeper import Snapshotter
from ..log.seen import Admission, Seen
from ..log.writer import LogWriter
from ..metrics.engine import LiveMetrics
from ..metrics.own import OwnMetrics
from .counting import MISTAKES, count_all

Told: TypeAlias = "Callable[[Sequence[Any], float], None] | None"


class EventJournal:
    """
    Implements `ingest.pipeline.Journal`: commits batches and applies them once they are on disk.

    Built in two steps, because the writer takes `apply` and `discard` and is then attached.
    ``mistake`` is what was raised last on an event that could not be counted; whoever tells
    people takes it away. ``told``, if set, is told of durable events with their arrival.
    """

    def __init__(self, *, live: LiveMetrics, own: OwnMetrics, seen: Seen) -> None:
        self._live = live
        self._own = own
        self._received = own.row(EVENTS_RECEIVED)
        self._taken = own.row(EVENTS_ACCEPTED)
        self._seen = seen
        self._writer: LogWriter | None = None
        self._snapshotter: Snapshotter | None = None
        self.is_applying = False
        self.mistake: Exception | None = None
        self.told: Told = None

    def attach(self, writer: LogWriter, snapshotter: Snapshotter) -> None:
        """Take the writer that calls `apply`, and the keeper of snapshots."""
        self._writer = writer
        self._snapshotter = snapshotter

    @property
    def writer(self) -> LogWriter:
        """Return the attached writer."""
        if self._writer is None:
            raise RuntimeError("the log is not open yet")
        return self._writer

    def admit(self, keys: Sequence[bytes]) -> Admission:
        """Return which keys are new; changes nothing."""
        return self._seen.admit(keys)

    def submit(self, accepted: Accepted, body: bytes, received_at: float) -> Awaitable[Any]:
        """Put the events on their way to the disk, and their keys among those in flight."""
        batch = Batch(
            kind=FrameKind.EVENTS,
            body=body,
            count=len(accepted.events),
            received_at=received_at,
            payload=accepted,
        )
        commit = self.writer.submit(batch)
        self._seen.begin(accepted.keys, commit)
        return commit

    def control(self, operation: Mapping[str, Any], received_at: float) -> Awaitable[Any]:
        """Put an operation on the live metrics into the log; it takes effect in its order."""
        return self.writer.submit(
            Batch(
                kind=FrameKind.CONTROL,
                body=msgspec.json.encode(operation),
                count=0,
                received_at=received_at,
                payload=operation,
            )
        )

    async def apply(self, batch: Batch) -> None:
        """Count a durable batch; the log calls this in its order."""
        rest = self.settle(batch)
        if rest is not None:
            await rest

    def settle(self, batch: Batch) -> Awaitable[None] | None:
        """Count a durable batch, or return what is left to await of a long one."""
        self.is_applying = True
        self._live.expire_turns(batch.elapsed)
        payload = batch.payload
        if isinstance(payload, Accepted):
            if len(payload.events) > STRIDE:
                return self._settle_long(payload, batch)
            self._count(payload.events, batch)
            self._accepted(payload, batch)
        elif isinstance(payload, Mapping):
            self._control(payload, batch)
        self._settled(batch)
        return None

    async def _settle_long(self, accepted: Accepted, batch: Batch) -> None:
        events = accepted.events
        for start in range(0, len(events), STRIDE):
            if start:
                await asyncio.sleep(0)
            self._count(events[start : start + STRIDE], batch)
        self._accepted(accepted, batch)
        self._settled(batch)

    def _count(self, run: Sequence[Any], batch: Batch) -> None:
        raised = count_all(self._live, run, batch.elapsed, batch.received_at)
        if raised:
            self._skipped(raised)

    def _accepted(self, accepted: Accepted, batch: Batch) -> None:
        self._seen.commit(accepted.keys, batch.received_at)
        # One step: the sums of the exporter's own counters agree in every scrape.
        count = len(accepted.events)
        self._received[1] += count
        self._taken[1] += count
        if self.told is not None:
            self.told(accepted.events, batch.received_at)

    def _settled(self, batch: Batch) -> None:
        self.is_applying = False
        if self._snapshotter is not None:
            self._snapshotter.applied(batch)

    def _control(self, operation: Mapping[str, Any], batch: Batch) -> None:
        try:
            self._live.control(operation, batch.elapsed)
        except MISTAKES as error:
            self._skipped([error])

    def _skipped(self, raised: Sequence[Exception]) -> None:
        self._own.add(LOG_SKIPPED, by=len(raised))
        self.mistake = raised[-1]

    def discard(self, batch: Batch) -> None:
        """Forget the ids of a batch that did not become durable."""
        if isinstance(batch.payload, Accepted):
            self._seen.abort(batch.payload.keys)

    def tick(self) -> None:
        """Let time pass for what ages, as far as everything before it is applied."""
        self._live.advance(self.writer.settled_elapsed())
        self.writer.compress_due()
        # A snapshot stands between two batches, never within one.
        if self._snapshotter is not None and not self.is_applying:
            self._snapshotter.tick()
