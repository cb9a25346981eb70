"""Walk over the bytes of a segment: frames, damaged ranges, repaired gaps."""

from collections.abc import Iterator
from dataclasses import dataclass

from .frame import FILLER, MAGIC, Frame, frame_at
from .pieces import Plain


@dataclass(frozen=True, slots=True)
class Damage:
    """A range ``start <= offset < end`` of a segment that holds no readable frame."""

    segment: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A range that an earlier repair has blanked: known, and no longer damage."""

    segment: int
    start: int
    end: int


def scan(data: Plain, *, segment: int, base: int = 0) -> Iterator[Frame | Damage | Gap]:
    """
    Yield what *data* holds, in order and without a hole between the ranges.

    *base* is the position in the segment of the first byte of *data*. Behind
    damage the walk goes on at the next frame that is whole.
    """
    offset, end = 0, len(data)
    while offset < end:
        frame = frame_at(data, segment=segment, offset=offset, base=base)
        if frame is not None:
            yield frame
            offset = frame.end.offset - base
            continue
        following = _next_frame(data, segment=segment, offset=offset + 1)
        yield _hole(data, segment=segment, base=base, bounds=(offset, following))
        offset = following


def frames_in(data: Plain, *, segment: int, base: int = 0) -> Iterator[Frame]:
    """Yield only the frames of *data*."""
    return (part for part in scan(data, segment=segment, base=base) if isinstance(part, Frame))


def _next_frame(data: Plain, *, segment: int, offset: int) -> int:
    """Return where the next whole frame begins, the end of the data if nowhere."""
    end = len(data)
    at = data.find(MAGIC, offset)
    while at >= 0:
        if frame_at(data, segment=segment, offset=at) is not None:
            return at
        at = data.find(MAGIC, at + 1)
    return end


def _hole(data: Plain, *, segment: int, base: int, bounds: tuple[int, int]) -> Damage | Gap:
    start, end = bounds
    is_blank = data.count(FILLER, start, end) == end - start
    kind = Gap if is_blank else Damage
    return kind(segment, base + start, base + end)
