"""
Run files: sorted 16-byte ids of one stretch of arrival, mapped for lookups.

Layout: the ids from offset 0, so that each starts at a multiple of 16; a
table with the first id of each bucket (ids by their leading bits, about 32 in
a bucket); a footer. Numbers are little endian.
"""

import re
import struct
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

from ..model.errors import DataTooNewError
from .checksum import crc32
from .filter import KEY_BYTES
from .storage import Mapped, Storage

FORMAT = 1
IDS_PER_BUCKET = 32
_PREFIX_BITS = 32
# What is read, checked or sorted between two chances for other threads.
STEP_IDS = 4096

# Ids, bits of the table, arrival range, CRC of ids and table, then of the footer.
_FOOTER = struct.Struct("<QBddI")
# The format number has its own checksum, as in a snapshot.
_PREFIX = struct.Struct("<8sH")
_CRC = struct.Struct("<I")
_MAGIC = b"\xffBXRUN1\n"
_FOOTER_BYTES = _FOOTER.size + _CRC.size + _PREFIX.size + _CRC.size
_ENTRY = struct.Struct("<I")
_BUCKET = struct.Struct("<2I")
_LEADING = struct.Struct(">I").unpack_from
_NAME = re.compile(r"run-(\d{10})\.ids")


@dataclass(frozen=True, slots=True)
class Arrival:
    """The first and the last arrival of a set of ids, in wall seconds."""

    first: float
    last: float

    def joined(self, other: "Arrival | None") -> "Arrival":
        """Return the range that covers both."""
        if other is None:
            return self
        return Arrival(min(self.first, other.first), max(self.last, other.last))


@dataclass(frozen=True, slots=True)
class Footer:
    """The end of a run file; ``bits`` is how many leading bits the table tells apart."""

    count: int
    bits: int
    arrival: Arrival
    crc: int


class Run:
    """One mapped run file."""

    def __init__(self, name: str, data: Mapped, footer: Footer) -> None:
        self.name = name
        self.count = footer.count
        self.arrival = footer.arrival
        self._data = data
        self._crc = footer.crc
        self._shift = _PREFIX_BITS - footer.bits
        self._table = footer.count * KEY_BYTES

    def __contains__(self, key: bytes) -> bool:
        """Return whether the id is in this run."""
        (leading,) = _LEADING(key)
        bucket = leading >> self._shift
        low, high = _BUCKET.unpack_from(self._data, self._table + bucket * _ENTRY.size)
        window = self._data[low * KEY_BYTES : high * KEY_BYTES]
        at = window.find(key)
        # The end of one id and the beginning of the next may look like a third.
        while at >= 0 and at % KEY_BYTES:
            at = window.find(key, at + 1)
        return at >= 0

    def steps(self) -> Iterator[bytes]:
        """Yield all ids in order, a few thousand at a time, one behind the other."""
        for start in range(0, self._table, STEP_IDS * KEY_BYTES):
            yield self._data[start : min(start + STEP_IDS * KEY_BYTES, self._table)]

    def between(self, low: int, high: int) -> bytes:
        """Return the ids, joined, whose leading 32 bits lie in ``low <= bits < high``."""
        first, last = self._lower_bound(low), self._lower_bound(high)
        return self._data[first * KEY_BYTES : last * KEY_BYTES]

    def is_intact(self) -> Iterator[bool]:
        """Yield True after each step of the check, False at the end if the file is damaged."""
        crc = 0
        for step in self.steps():
            crc = crc32(step, crc)
            yield True
        table = self._data[self._table : len(self._data) - _FOOTER_BYTES]
        yield crc32(table, crc) == self._crc

    def _lower_bound(self, prefix: int) -> int:
        if prefix >> _PREFIX_BITS:
            return self.count
        key = prefix.to_bytes(4, "big")
        bucket = prefix >> self._shift
        low, high = _BUCKET.unpack_from(self._data, self._table + bucket * _ENTRY.size)
        return bisect_left(_Ids(self._data), key, low, high)


class _Ids(Sequence[bytes]):
    """The ids of a file as a sequence, for bisect."""

    def __init__(self, data: Mapped) -> None:
        self._data = data

    def __getitem__(self, index: int) -> bytes:  # type: ignore[override]
        return self._data[index * KEY_BYTES : (index + 1) * KEY_BYTES]

    def __len__(self) -> int:
        return len(self._data) // KEY_BYTES


class RunPieces:
    """The content of a run file, built from sorted ids while it is written."""

    def __init__(
        self, sorted_steps: Iterator[list[bytes]], *, expected: int, arrival: Arrival
    ) -> None:
        self._steps = sorted_steps
        self._bits = max(0, (expected // IDS_PER_BUCKET).bit_length())
        self._arrival = arrival

    def __iter__(self) -> Iterator[bytes]:
        """Yield the file piece by piece."""
        table = array("I", [0])
        shift = _PREFIX_BITS - self._bits
        count, crc = 0, 0
        for ids in self._steps:
            step = b"".join(ids)
            crc = crc32(step, crc)
            yield step
            _extend(table, ids, count, shift)
            count += len(ids)
        table.extend(repeat(count, (1 << self._bits) + 1 - len(table)))
        if sys.byteorder == "big":
            table.byteswap()
        entries = table.tobytes()
        yield entries
        footer = Footer(count, self._bits, self._arrival, crc32(entries, crc))
        yield _encode_footer(footer)


def run_name(serial: int) -> str:
    """Return the file name of a run."""
    return f"run-{serial:010}.ids"


def run_names(storage: Storage) -> dict[int, str]:
    """Return the run files by serial number."""
    matches = [_NAME.fullmatch(name) for name in storage.list()]
    return {int(match[1]): match[0] for match in matches if match}


def open_run(storage: Storage, name: str) -> Run | None:
    """
    Return the run of a file, None when its ends do not fit together.

    Cheap: the ids themselves are checked by ``is_intact``.

    Raises:
        DataTooNewError: A newer version wrote it.
    """
    data = storage.map(name)
    footer = _decode_footer(data, name)
    return None if footer is None else Run(name, data, footer)


def _extend(table: "array[int]", ids: list[bytes], count: int, shift: int) -> None:
    """Enter where the buckets up to that of the last of *ids* begin; *count* ids came before."""
    last = int.from_bytes(ids[-1][:4], "big") >> shift
    low = 0
    for bucket in range(len(table), last + 1):
        low = bisect_left(ids, (bucket << shift).to_bytes(4, "big"), low)
        table.append(count + low)


def _encode_footer(footer: Footer) -> bytes:
    arrival = footer.arrival
    fields = _FOOTER.pack(footer.count, footer.bits, arrival.first, arrival.last, footer.crc)
    prefix = _PREFIX.pack(_MAGIC, FORMAT)
    return fields + _CRC.pack(crc32(fields, 0)) + prefix + _CRC.pack(crc32(prefix, 0))


def _decode_footer(data: Mapped, name: str) -> Footer | None:
    end = data[-_FOOTER_BYTES:]
    if len(end) < _FOOTER_BYTES or not _is_format_known(end[-_PREFIX.size - _CRC.size :], name):
        return None
    fields = end[: _FOOTER.size]
    (fields_crc,) = _CRC.unpack_from(end, _FOOTER.size)
    count, bits, first, last, crc = _FOOTER.unpack(fields)
    if crc32(fields, 0) != fields_crc or bits > _PREFIX_BITS:
        return None
    expected = count * KEY_BYTES + ((1 << bits) + 1) * _ENTRY.size + _FOOTER_BYTES
    return Footer(count, bits, Arrival(first, last), crc) if expected == len(data) else None


def _is_format_known(prefix: bytes, name: str) -> bool:
    """Return whether the file says that it is a run, of a version that can be read."""
    magic, number = _PREFIX.unpack_from(prefix)
    (prefix_crc,) = _CRC.unpack_from(prefix, _PREFIX.size)
    if magic != _MAGIC or crc32(prefix[: _PREFIX.size], 0) != prefix_crc:
        return False
    if number > FORMAT:
        message = f"{name}: written by a newer version; start that one again, nothing was changed"
        raise DataTooNewError(message)
    return True
