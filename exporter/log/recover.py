"""
What a start finds: the newest snapshot, the frames behind it, and what is damaged.

Nothing unreadable stops a start. It is reported, its bytes are kept in
``aside/``, and reading goes on behind it. Only data of a newer version is
refused, before anything is touched.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .cursor import cursor_positions, is_cursor_file
from .frame import Frame, FrameKind, Position
from .reader import BEGINNING, Shelf, counted_length, open_shelf, present_length, walk, walk_segment
from .scan import Damage
from .segment import SegmentFile
from .snapshot import Moment, Snapshot, load_newest, snapshot_positions
from .snapshot import check_formats as check_snapshots
from .storage import ASIDE, TEMPORARY, Storage


@dataclass(frozen=True, slots=True)
class WriterStart:
    """
    Where a writer goes on: always in a new segment.

    ``end`` is the end of the log as found, None in a new directory. ``lengths``
    says how many bytes of each segment count that is not compressed yet.
    """

    next_segment: int = 1
    end: Moment | None = None
    lengths: Mapping[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Recovery:
    """
    The state to start from. Read ``frames`` to its end before new events are taken.

    ``damaged`` fills up while the frames are read. ``snapshots_damaged`` counts
    the snapshots that were put aside.
    """

    storage: Storage
    shelf: Shelf
    snapshot: Snapshot | None
    snapshots_damaged: int
    start: WriterStart
    damaged: list[Damage]

    def frames(self) -> Iterator[Frame]:
        """Yield the frames behind the snapshot in log order: events and controls."""
        after = BEGINNING if self.snapshot is None else self.snapshot.position
        for part in walk(self.storage, self.shelf, after=after, until=self._until()):
            if isinstance(part, Damage):
                self._record(part)
            elif isinstance(part, Frame) and part.kind is not FrameKind.SEGMENT:
                yield part

    def _until(self) -> Position:
        return BEGINNING if self.start.end is None else self.start.end.position

    def _record(self, damage: Damage) -> None:
        if damage not in self.damaged:
            self.damaged.append(damage)
            set_aside(self.storage, self.shelf.files[damage.segment], damage)


def refuse_newer(storage: Storage) -> None:
    """
    Check that this version can read what is there, before anything is touched.

    Raises:
        DataTooNewError: A newer version wrote a snapshot or a segment.
    """
    check_snapshots(storage)
    open_shelf(storage)


def recover(storage: Storage) -> Recovery:
    """
    Return what the directory holds, ready to be replayed.

    Raises:
        DataTooNewError: A newer version wrote a snapshot or a segment.
        OSError: The directory cannot be read or changed at all.
    """
    check_snapshots(storage)
    shelf = open_shelf(storage)
    _remove_unfinished(storage)
    snapshot, snapshots_damaged = load_newest(storage)
    damaged: list[Damage] = []
    end = _end_of_log(storage, shelf, damaged)
    start = WriterStart(
        next_segment=_next_segment(storage, shelf),
        end=_latest(end, snapshot),
        lengths=_open_lengths(storage, shelf, end),
    )
    return Recovery(
        storage=storage,
        shelf=shelf,
        snapshot=snapshot,
        snapshots_damaged=snapshots_damaged,
        start=start,
        damaged=damaged,
    )


def set_aside(storage: Storage, file: SegmentFile, damage: Damage) -> None:
    """Keep a copy of unreadable bytes; the start goes on even if there is no room for it."""
    name = f"{ASIDE}segment-{damage.segment:010}-{damage.start}.bytes"
    bounds = (damage.start, damage.end)
    if file.compressed:
        # Which compressed bytes a plain range came from is what cannot be read.
        name, bounds = ASIDE + file.name, (0, storage.size(file.name))
    with contextlib.suppress(OSError):
        if not storage.has(name):
            storage.replace(name, (storage.read(file.name, *bounds),))


def _remove_unfinished(storage: Storage) -> None:
    """Remove what a crash left half written; cursors belong to another process."""
    for name in storage.list():
        if name.endswith(TEMPORARY) and not is_cursor_file(name):
            storage.remove(name)


def _next_segment(storage: Storage, shelf: Shelf) -> int:
    """Return a number above everything that speaks of a segment, even of one that is gone."""
    positions = [*snapshot_positions(storage), *cursor_positions(storage).values()]
    numbers = [*shelf.files, *shelf.lengths, *(position.segment for position in positions)]
    return max(numbers, default=0) + 1


def _end_of_log(storage: Storage, shelf: Shelf, damaged: list[Damage]) -> Moment | None:
    """Return the moment behind the last frame, made durable; None in a new directory."""
    newest = max(shelf.files, default=None)
    if newest is None:
        return None
    _make_durable(storage, shelf.files[newest])
    end = Moment(Position(newest, 0))
    for number in sorted(shelf.files, reverse=True):
        file = shelf.files[number]
        last = _last_frame(storage, file, counted_length(storage, shelf, file))
        if last is not None:
            position = last.end if number == newest else end.position
            end = Moment(position, elapsed=last.elapsed, received_at=last.received_at)
            break
    _set_tail_aside(storage, shelf.files[newest], end.position.offset, damaged)
    return end


def _make_durable(storage: Storage, file: SegmentFile) -> None:
    """
    Sync the newest segment before anyone relies on it.

    A killed process leaves frames that only the page cache holds. They are
    about to be counted and their ids remembered, so they must not go away.
    """
    storage.sync(file.name)
    storage.sync_directory()


def _last_frame(storage: Storage, file: SegmentFile, length: int) -> Frame | None:
    last = None
    for part in walk_segment(storage, file, start=0, stop=length):
        if isinstance(part, Frame):
            last = part
    return last


def _set_tail_aside(storage: Storage, file: SegmentFile, end: int, damaged: list[Damage]) -> None:
    """Report what follows the last frame, unless a repair has blanked it."""
    size = present_length(storage, file)
    for part in walk_segment(storage, file, start=end, stop=size):
        if isinstance(part, Damage):
            damaged.append(part)
            set_aside(storage, file, part)


def _latest(end: Moment | None, snapshot: Snapshot | None) -> Moment | None:
    """Return the end of the log with the later log time of the two: it never goes back."""
    if end is None or snapshot is None or snapshot.moment.elapsed <= end.elapsed:
        return end if snapshot is None else (end or snapshot.moment)
    return Moment(
        end.position, elapsed=snapshot.moment.elapsed, received_at=snapshot.moment.received_at
    )


def _open_lengths(storage: Storage, shelf: Shelf, end: Moment | None) -> dict[int, int]:
    """Return how many bytes count of each segment that waits for its compression."""
    lengths = {
        number: counted_length(storage, shelf, file)
        for number, file in shelf.files.items()
        if not file.compressed
    }
    if end is not None and end.position.segment in lengths:
        lengths[end.position.segment] = end.position.offset
    return lengths
