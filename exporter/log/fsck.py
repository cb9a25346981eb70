"""Look at a storage directory nobody is serving from: report, dump, repair."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from .frame import FILLER, Frame, FrameKind
from .pieces import PIECE_BYTES, deflate
from .reader import Shelf, counted_length, open_shelf, present_length, walk, walk_segment
from .runs import open_run, run_names
from .scan import Damage, Gap
from .segment import SegmentFile, read_segment
from .snapshot import read_snapshot, snapshot_name, snapshot_positions
from .storage import ASIDE, Storage


@dataclass(frozen=True, slots=True)
class SegmentReport:
    """
    What one segment holds.

    ``valid_bytes`` lie in whole frames, ``blanked_bytes`` in ranges that a
    repair has blanked, ``ignored_bytes`` behind the end that counts.
    """

    number: int
    name: str
    frames: int
    events: int
    valid_bytes: int
    blanked_bytes: int
    ignored_bytes: int
    damaged: tuple[Damage, ...]


@dataclass(frozen=True, slots=True)
class FsckReport:
    """What a directory holds; for snapshots and runs whether each file is whole."""

    segments: tuple[SegmentReport, ...]
    snapshots: dict[str, bool]
    runs: dict[str, bool]

    @property
    def frames(self) -> int:
        """Return the number of whole frames."""
        return sum(segment.frames for segment in self.segments)

    @property
    def events(self) -> int:
        """Return the number of events in whole frames."""
        return sum(segment.events for segment in self.segments)

    @property
    def damaged(self) -> tuple[Damage, ...]:
        """Return all damaged ranges of the log."""
        return tuple(damage for segment in self.segments for damage in segment.damaged)

    @property
    def is_clean(self) -> bool:
        """Return whether nothing at all is damaged."""
        return not self.damaged and all(self.snapshots.values()) and all(self.runs.values())


def report(storage: Storage) -> FsckReport:
    """
    Return what the directory holds; changes nothing.

    Raises:
        DataTooNewError: A newer version wrote it.
    """
    shelf = open_shelf(storage)
    snapshots = [snapshot_name(position) for position in reversed(snapshot_positions(storage))]
    return FsckReport(
        segments=tuple(_examine(storage, shelf, file) for file in shelf.files.values()),
        snapshots={name: read_snapshot(storage, name) is not None for name in snapshots},
        runs={name: _is_whole_run(storage, name) for name in run_names(storage).values()},
    )


def dump(storage: Storage, out: BinaryIO) -> int:
    """Write every stored event to *out* as NDJSON, in log order, and return how many."""
    events = 0
    for part in walk(storage, open_shelf(storage)):
        if isinstance(part, Frame) and part.kind is FrameKind.EVENTS:
            out.write(part.body)
            if not part.body.endswith(b"\n"):
                out.write(b"\n")
            events += part.count
    return events


def repair(storage: Storage) -> list[Damage]:
    """
    Replace each damaged segment by a clean copy and return what was blanked.

    Damaged ranges are overwritten by a filler, so every frame keeps its
    position. The original goes to ``aside/`` first; nothing is deleted. Stopped
    half-way it can be run again.
    """
    shelf = open_shelf(storage)
    repaired: list[Damage] = []
    for file in shelf.files.values():
        examined = _examine(storage, shelf, file)
        if examined.damaged:
            _keep_original(storage, file)
            _rewrite(storage, file, examined)
            repaired += examined.damaged
    return repaired


def _examine(storage: Storage, shelf: Shelf, file: SegmentFile) -> SegmentReport:
    length = counted_length(storage, shelf, file)
    frames, events, valid, blanked = 0, 0, 0, 0
    damaged: list[Damage] = []
    for part in walk_segment(storage, file, start=0, stop=length):
        if isinstance(part, Damage):
            damaged.append(part)
        elif isinstance(part, Gap):
            blanked += part.end - part.start
        else:
            frames += 1
            events += part.count if part.kind is FrameKind.EVENTS else 0
            valid += part.end.offset - part.position.offset
    return SegmentReport(
        number=file.number,
        name=file.name,
        frames=frames,
        events=events,
        valid_bytes=valid,
        blanked_bytes=blanked,
        ignored_bytes=max(0, present_length(storage, file) - length),
        damaged=tuple(damaged),
    )


def _is_whole_run(storage: Storage, name: str) -> bool:
    run = open_run(storage, name)
    return run is not None and all(run.is_intact())


def _keep_original(storage: Storage, file: SegmentFile) -> None:
    """Copy rather than move: at no moment is the segment missing."""
    kept = _unused_name(ASIDE + file.name, storage.has)
    size = storage.size(file.name)
    steps = range(0, size, PIECE_BYTES)
    storage.replace(
        kept, (_readable(storage, file.name, at, min(at + PIECE_BYTES, size)) for at in steps)
    )


def _rewrite(storage: Storage, file: SegmentFile, examined: SegmentReport) -> None:
    parts = _clean_parts(storage, file, examined)
    storage.replace(file.name, deflate(parts) if file.compressed else parts)


def _clean_parts(storage: Storage, file: SegmentFile, examined: SegmentReport) -> Iterator[bytes]:
    holes = sorted((damage.start, damage.end) for damage in examined.damaged)
    length = (
        examined.valid_bytes + examined.blanked_bytes + sum(end - start for start, end in holes)
    )
    for start in range(0, length, PIECE_BYTES):
        end = min(start + PIECE_BYTES, length)
        part = bytearray([FILLER]) * (end - start)
        found = _plain(storage, file, start, end)
        part[: len(found)] = found
        for first, last in holes:
            low, high = max(first, start) - start, min(last, end) - start
            if low < high:
                part[low:high] = bytes([FILLER]) * (high - low)
        yield bytes(part)


def _plain(storage: Storage, file: SegmentFile, start: int, end: int) -> bytes:
    try:
        return bytes(read_segment(storage, file, start, end))
    except OSError:
        # The walk has reported this range as damage; it will be blanked.
        return b""


def _readable(storage: Storage, name: str, start: int, end: int) -> bytes:
    try:
        return storage.read(name, start, end)
    except OSError:
        return bytes(end - start)


def _unused_name(name: str, is_used: Callable[[str], bool]) -> str:
    number, candidate = 1, name
    while is_used(candidate):
        number += 1
        candidate = f"{name}.{number}"
    return candidate
