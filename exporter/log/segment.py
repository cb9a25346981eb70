"""The files of the log: their names, their header frame, and how much of each counts."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..model.errors import DataTooNewError
from .commit import Batch
from .frame import Frame, FrameKind, Position, encode_header, frame_at
from .pieces import PIECE_BYTES, Plain, deflate, inflate
from .storage import Storage

FORMAT = 1
# A header names its predecessor and the segments given up before it: small.
_HEADER_READ_BYTES = 64 * 1024
_NAME = re.compile(r"segment-(\d{10})\.log(\.zst)?")


@dataclass(frozen=True, slots=True)
class SegmentFile:
    """One segment as it lies on disk."""

    number: int
    name: str
    compressed: bool


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """
    The first frame of a segment.

    ``lengths`` says, for the segments closed before this one was opened, how
    many of their bytes count. Nothing beyond is ever read: its senders were
    told that it is not stored.
    """

    number: int
    lengths: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Opening:
    """
    Everything the header of a new segment says.

    ``previous`` is where the log ended before it, ``sealed`` the valid lengths
    of segments given up before that. ``opened_at`` is monotonic and not stored.
    """

    number: int
    previous: Position | None
    sealed: Mapping[int, int]
    received_at: float
    elapsed: float
    opened_at: float


def plain_name(number: int) -> str:
    """Return the file name of a segment that is, or was, being written."""
    return f"segment-{number:010}.log"


def compressed_name(number: int) -> str:
    """Return the file name of a closed and compressed segment."""
    return plain_name(number) + ".zst"


def list_segments(storage: Storage) -> dict[int, SegmentFile]:
    """Return the segments by ascending number; of two copies the original, which is plain."""
    found: dict[int, SegmentFile] = {}
    for name in storage.list():  # Sorted: .log comes before its .log.zst.
        match = _NAME.fullmatch(name)
        if match is not None:
            number = int(match[1])
            found.setdefault(number, SegmentFile(number, name, compressed=match[2] is not None))
    return found


def read_segment(
    storage: Storage, file: SegmentFile, start: int = 0, stop: int | None = None
) -> Plain:
    """Return plain bytes of a segment; what cannot be inflated comes back as zeros."""
    if file.compressed:
        return inflate(storage.read(file.name), start, stop)
    return storage.read(file.name, start, stop)


def read_header(storage: Storage, file: SegmentFile) -> SegmentHeader | None:
    """
    Return the header of a segment, None when it cannot be read.

    Raises:
        DataTooNewError: A newer version wrote the segment.
    """
    try:
        data = read_segment(storage, file, 0, _HEADER_READ_BYTES)
    except OSError:
        return None
    frame = frame_at(data, segment=file.number, offset=0)
    if frame is None or frame.kind is not FrameKind.SEGMENT:
        return None
    return parse_header(frame, file.name)


def parse_header(frame: Frame, name: str) -> SegmentHeader:
    """
    Return what a header frame says.

    Raises:
        DataTooNewError: Its format number is higher than ours.
    """
    fields = json.loads(frame.body)
    if fields["format"] > FORMAT:
        message = (
            f"{name}: written by a newer version (format {fields['format']}, "
            f"this one knows {FORMAT}); start that version again, nothing was changed"
        )
        raise DataTooNewError(message)
    lengths = {int(number): int(length) for number, length in fields["sealed"]}
    previous = fields["previous"]
    if previous is not None:
        lengths[int(previous["segment"])] = int(previous["valid_length"])
    return SegmentHeader(number=int(fields["segment"]), lengths=lengths)


def encode_segment_header(opening: Opening) -> bytes:
    """Return the first frame of a new segment."""
    previous = opening.previous
    fields = {
        "format": FORMAT,
        "segment": opening.number,
        "previous": previous and {"segment": previous.segment, "valid_length": previous.offset},
        "sealed": sorted(opening.sealed.items()),
        "created_at": opening.received_at,
    }
    body = json.dumps(fields).encode()
    batch = Batch(
        FrameKind.SEGMENT, body, 0, opening.received_at, version=FORMAT, elapsed=opening.elapsed
    )
    return encode_header(batch) + body


def valid_lengths(storage: Storage, files: Mapping[int, SegmentFile]) -> dict[int, int]:
    """
    Return how many bytes count of each segment that a later header speaks of.

    Raises:
        DataTooNewError: A newer version wrote one of the segments.
    """
    lengths: dict[int, int] = {}
    for file in files.values():
        header = read_header(storage, file)
        if header is not None:
            lengths.update(header.lengths)
    return lengths


def compress_segment(storage: Storage, number: int, valid_length: int) -> int:
    """
    Replace a closed segment by its compressed form and return the new size in bytes.

    The original goes last. After a crash anywhere in between both files hold
    the same bytes, and doing it all again is right.
    """
    name, packed = plain_name(number), compressed_name(number)
    storage.replace(packed, deflate(_parts(storage, name, valid_length)))
    storage.remove(name)
    storage.sync_directory()
    return storage.size(packed)


def _parts(storage: Storage, name: str, length: int) -> Iterator[bytes]:
    for start in range(0, length, PIECE_BYTES):
        part = storage.read(name, start, min(start + PIECE_BYTES, length))
        if not part:
            return
        yield part
