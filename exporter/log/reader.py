"""Read the log in order, from a position to another, in windows of a few megabytes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .frame import Frame, Position
from .pieces import plain_length
from .scan import Damage, Gap, scan
from .segment import SegmentFile, list_segments, read_segment, valid_lengths
from .storage import Storage

WINDOW_BYTES = 4 * 1024 * 1024

BEGINNING = Position(0, 0)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The segments of a log and, where a later one says so, how many bytes of each count."""

    files: Mapping[int, SegmentFile]
    lengths: Mapping[int, int] = field(default_factory=dict)


def open_shelf(storage: Storage) -> Shelf:
    """
    Return the segments as they are now.

    Raises:
        DataTooNewError: A newer version wrote one of them.
    """
    files = list_segments(storage)
    return Shelf(files, valid_lengths(storage, files))


def walk(
    storage: Storage, shelf: Shelf, *, after: Position = BEGINNING, until: Position | None = None
) -> Iterator[Frame | Damage | Gap]:
    """Yield what the log holds between two positions, in order; ``until=None`` reads to its end."""
    for number, file in shelf.files.items():
        if number < after.segment or (until is not None and number > until.segment):
            continue
        start = after.offset if number == after.segment else 0
        length = counted_length(storage, shelf, file)
        if until is not None and number == until.segment:
            length = min(length, until.offset)
        yield from walk_segment(storage, file, start=start, stop=length)


def counted_length(storage: Storage, shelf: Shelf, file: SegmentFile) -> int:
    """Return how many bytes of a segment count: what a later header says, else all there are."""
    known = shelf.lengths.get(file.number)
    return present_length(storage, file) if known is None else known


def present_length(storage: Storage, file: SegmentFile) -> int:
    """Return how many plain bytes of a segment are there; 0 if the disk cannot tell."""
    try:
        return plain_length(storage.read(file.name)) if file.compressed else storage.size(file.name)
    except OSError:
        return 0


def walk_segment(
    storage: Storage, file: SegmentFile, *, start: int, stop: int
) -> Iterator[Frame | Damage | Gap]:
    """Yield what a segment holds between two offsets; missing bytes are damage too."""
    window = stop - start if file.compressed else WINDOW_BYTES
    size = window
    while start < stop:
        end = min(start + size, stop)
        parts = _parts(storage, file, start=start, end=end)
        cut = None
        for part in parts:
            # The frame at the edge of the window may go on behind it.
            if not isinstance(part, Frame) and part.end == end < stop:
                cut = part.start
                break
            yield part
        size = window if cut is None else size * 2
        start = end if cut is None else cut


def _parts(
    storage: Storage, file: SegmentFile, *, start: int, end: int
) -> Iterator[Frame | Damage | Gap]:
    try:
        data = read_segment(storage, file, start, end)
    except OSError:
        # A bad sector is damage like any other: the log goes on behind it.
        yield Damage(file.number, start, end)
        return
    yield from scan(data, segment=file.number, base=start)
    if start + len(data) < end:
        yield Damage(file.number, start + len(data), end)
