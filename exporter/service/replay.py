"""From what a start finds on disk to the state it goes on with."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import msgspec

from ..catalog.build import EventStructs
from ..ingest.pipeline import STRIDE
from ..log.filter import KEY_BYTES
from ..log.frame import Frame, FrameKind
from ..log.keeper import Snapshotter
from ..log.recover import Recovery
from ..log.seen import Seen
from ..log.snapshot import Moment
from ..metrics.engine import LiveMetrics
from ..metrics.state import thaw
from .counting import MISTAKES, count_all
from .journal import Told

# What reading a line may raise; ValueError covers bad UTF-8 and ids that are no digests.
_UNREADABLE = (msgspec.DecodeError, ValueError, RecursionError)
SLICE_SECONDS = 0.005  # Health probes are answered while the log is read.


class _Bare(msgspec.Struct, tag=False):
    """What every stored event has, whatever became of its type."""

    type: str
    id: str
    bot: str


@dataclass(slots=True)
class Replayed:
    """What recovery did: frames and events applied, events skipped, families without a home."""

    frames: int = 0
    events: int = 0
    skipped: int = 0
    retired: tuple[str, ...] = ()


class Replay:
    """
    Applies the log to the live metrics and the memory of ids, without validating again.

    *told* hears of the events again: it may not have written the last ones down.
    """

    def __init__(
        self, *, live: LiveMetrics, seen: Seen, structs: EventStructs, told: Told = None
    ) -> None:
        self._live = live
        self._seen = seen
        decoder = msgspec.json.Decoder(structs.union)
        self._decode_all = decoder.decode_lines
        self._decode_one = decoder.decode
        self._decode_bare = msgspec.json.Decoder(_Bare).decode
        self._decode_operation = msgspec.json.Decoder(dict[str, Any]).decode
        self._told = told
        self.done = Replayed()

    async def run(self, recovery: Recovery, snapshotter: Snapshotter) -> Replayed:
        """
        Restore the snapshot and apply every frame behind it.

        Raises:
            CatalogError: a family has other labels or bounds than the stored one.
            DataTooNewError: a newer version wrote the snapshot.
        """
        if recovery.snapshot is not None:
            self.done.retired = tuple(thaw(self._live, recovery.snapshot.state))
        began = time.perf_counter()
        for frame in recovery.frames():
            self._apply(frame)
            moment = Moment(frame.end, elapsed=frame.elapsed, received_at=frame.received_at)
            snapshotter.replayed(moment, frame.count)
            if time.perf_counter() - began > SLICE_SECONDS:
                await asyncio.sleep(0)
                began = time.perf_counter()
        return self.done

    def _apply(self, frame: Frame) -> None:
        self._live.expire_turns(frame.elapsed)
        self.done.frames += 1
        body = bytes(frame.body)
        if frame.kind is FrameKind.CONTROL:
            self._control(body, frame)
            return
        try:
            events = self._decode_all(body)
            keys = [_key(event.id) for event in events]
        except _UNREADABLE:
            events, keys = self._decode_singly(body, frame)
        for start in range(0, len(events), STRIDE):
            run = events[start : start + STRIDE]
            raised = count_all(self._live, run, frame.elapsed, frame.received_at)
            self.done.skipped += len(raised)
        self._seen.remember(keys, frame.received_at)
        if self._told is not None:
            self._told(events, frame.received_at)
        self.done.events += len(events)

    def _control(self, body: bytes, frame: Frame) -> None:
        try:
            self._live.control(self._decode_operation(body), frame.elapsed)
        except (*_UNREADABLE, *MISTAKES):
            self.done.skipped += 1

    def _decode_singly(self, body: bytes, frame: Frame) -> tuple[list[Any], list[bytes]]:
        """Return the events this version knows; count the others by what they all have."""
        events, keys = [], []
        for line in body.split(b"\n"):
            if not line:
                continue
            try:
                event = self._decode_one(line)
                keys.append(_key(event.id))
                events.append(event)
            except _UNREADABLE:
                self._count_bare(line, frame)
        return events, keys

    def _count_bare(self, line: bytes, frame: Frame) -> None:
        try:
            bare = self._decode_bare(line)
            key = _key(bare.id)
        except _UNREADABLE:
            self.done.skipped += 1
            return
        self._live.count_unknown(bare.bot, bare.type, frame.elapsed)
        self._seen.remember([key], frame.received_at)
        self.done.skipped += 1


def _key(digest: str | None) -> bytes:
    """Return the deduplication key that a stored id shows."""
    key = bytes.fromhex(digest or "")
    if len(key) != KEY_BYTES:
        raise ValueError("a stored id is a digest of 16 bytes")
    return key
