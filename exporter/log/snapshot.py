"""State files: everything the log says up to a position, in one checked container."""

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from ..model.errors import DataTooNewError
from .checksum import crc32
from .frame import Position
from .storage import Storage

FORMAT = 1
# The older one is there for the day the newer one cannot be read.
KEPT = 2

# The format number has its own checksum: a flipped bit must look like damage
# (the older snapshot is used), not like a newer version (the start is refused).
_MAGIC = b"\xffBXSNAP\n"
_PREFIX = struct.Struct("<8sH")
_FIELDS = struct.Struct("<QQddQI")
_CRC = struct.Struct("<I")
_HEADER_BYTES = _PREFIX.size + _CRC.size + _FIELDS.size + _CRC.size
_NAME = re.compile(r"snapshot-(\d{10})-(\d{10,})\.snap")


@dataclass(frozen=True, slots=True)
class Moment:
    """
    A point in the log: the position behind its last frame, and its times.

    ``elapsed`` is in seconds of log time, ``received_at`` in wall seconds.
    """

    position: Position
    elapsed: float = 0.0
    received_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot that was read back whole: the state at a moment of the log."""

    moment: Moment
    state: bytes

    @property
    def position(self) -> Position:
        """Return where replay goes on."""
        return self.moment.position


def snapshot_name(position: Position) -> str:
    """Return the file name of the snapshot at *position*."""
    return f"snapshot-{position.segment:010}-{position.offset:010}.snap"


def snapshot_positions(storage: Storage) -> list[Position]:
    """Return the positions of all snapshots, newest first; reads only names."""
    matches = (_NAME.fullmatch(name) for name in storage.list())
    return sorted((Position(int(m[1]), int(m[2])) for m in matches if m), reverse=True)


def write_snapshot(storage: Storage, moment: Moment, state: Sequence[bytes]) -> None:
    """
    Store *state* durably as the state at *moment*, then remove all but the newest two.

    Raises:
        OSError: The disk refused; the snapshots of before are all still there.
    """
    storage.replace(snapshot_name(moment.position), (_header(moment, state), *state))
    for position in snapshot_positions(storage)[KEPT:]:
        storage.remove(snapshot_name(position))


def load_newest(storage: Storage) -> tuple[Snapshot | None, int]:
    """
    Return the newest snapshot that is whole, and how many damaged ones were put aside.

    Raises:
        DataTooNewError: A newer version wrote it; nothing was changed.
    """
    check_formats(storage)
    damaged = 0
    for position in snapshot_positions(storage):
        name = snapshot_name(position)
        snapshot = read_snapshot(storage, name)
        if snapshot is not None:
            return snapshot, damaged
        storage.rename(name, name + ".corrupt")
        damaged += 1
    return None, damaged


def check_formats(storage: Storage) -> None:
    """Raise DataTooNewError if a newer version wrote a snapshot."""
    for position in snapshot_positions(storage):
        name = snapshot_name(position)
        prefix = _prefix(storage.read(name, 0, _HEADER_BYTES))
        if prefix is not None and prefix > FORMAT:
            message = (
                f"{name}: written by a newer version (format {prefix}, this one knows "
                f"{FORMAT}); start that version again, nothing was changed"
            )
            raise DataTooNewError(message)


def read_snapshot(storage: Storage, name: str) -> Snapshot | None:
    """Return the snapshot of a file, None when it is damaged or cannot be read."""
    try:
        data = storage.read(name)
    except OSError:
        return None
    if len(data) < _HEADER_BYTES or _prefix(data) is None:
        return None
    (expected,) = _CRC.unpack_from(data, _HEADER_BYTES - _CRC.size)
    if crc32(data[: _HEADER_BYTES - _CRC.size], 0) != expected:
        return None
    fields = _FIELDS.unpack_from(data, _PREFIX.size + _CRC.size)
    segment, offset, elapsed, received_at, length, state_crc = fields
    state = data[_HEADER_BYTES:]
    if len(state) != length or crc32(state, 0) != state_crc:
        return None
    moment = Moment(Position(segment, offset), elapsed=elapsed, received_at=received_at)
    return Snapshot(moment, state)


def _prefix(data: bytes) -> int | None:
    """Return the format number, None if this is not the beginning of a snapshot."""
    if len(data) < _PREFIX.size + _CRC.size:
        return None
    magic, number = _PREFIX.unpack_from(data)
    (expected,) = _CRC.unpack_from(data, _PREFIX.size)
    is_ours = magic == _MAGIC and crc32(data[: _PREFIX.size], 0) == expected
    return int(number) if is_ours else None


def _header(moment: Moment, state: Sequence[bytes]) -> bytes:
    state_crc = 0
    for part in state:
        state_crc = crc32(part, state_crc)
    prefix = _PREFIX.pack(_MAGIC, FORMAT)
    fields = _FIELDS.pack(
        moment.position.segment,
        moment.position.offset,
        moment.elapsed,
        moment.received_at,
        sum(map(len, state)),
        state_crc,
    )
    head = prefix + _CRC.pack(crc32(prefix, 0)) + fields
    return head + _CRC.pack(crc32(head, 0))
