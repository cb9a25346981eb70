"""Bytes of a log segment: walked without a hole, and whole frames found between broken ones."""

import math
import struct

from exporter.log.commit import Batch
from exporter.log.frame import HEADER_BYTES, Frame, FrameKind, encode_header
from exporter.log.scan import Damage, Gap, scan

_NEIGHBOUR = Batch(FrameKind.EVENTS, b'{"type":"heartbeat"}\n', 1, 1.0)
# Kind, version, count, received_at, elapsed, and where the wound is.
_FIELDS = struct.Struct("<BBIddI")
_NO_UTF8 = bytes(range(0xF8, 0x100))  # No JSON holds these bytes, and every magic does.


def frame(data: bytes) -> str:
    """Walk over *data* as a segment; then write a frame with it, and wound that."""
    parts = list(scan(data, segment=1))
    _check_whole(parts, data)
    if len(data) > _FIELDS.size:
        _write_and_wound(data)
    kinds = sorted({type(part).__name__ for part in parts})
    return "+".join(kinds).lower() or "empty"


def _check_whole(parts: list[Frame | Damage | Gap], data: bytes) -> None:
    """Check that the parts follow each other, and that a frame is what its bytes say."""
    at = 0
    for part in parts:
        start = part.position.offset if isinstance(part, Frame) else part.start
        end = part.end.offset if isinstance(part, Frame) else part.end
        assert at == start < end, (at, part)
        if isinstance(part, Frame) and not _is_nan(part):
            reserved = data[start + 6 : start + 8]  # Written as 0, and left for later versions.
            if reserved == b"\0\0":
                assert _written(part) == data[start:end], part
        at = end
    assert at == len(data), parts


def _written(part: Frame) -> bytes:
    version, elapsed = part.version, part.elapsed
    batch = Batch(
        part.kind, part.body, part.count, part.received_at, version=version, elapsed=elapsed
    )
    return encode_header(batch) + part.body


def _is_nan(part: Frame) -> bool:
    return math.isnan(part.received_at) or math.isnan(part.elapsed)


def _write_and_wound(data: bytes) -> None:
    """Check that a frame survives the log, and that a wound in it costs nobody else anything."""
    kind, version, count, received_at, elapsed, wound = _FIELDS.unpack_from(data)
    body = data[_FIELDS.size :].translate(None, _NO_UTF8)
    batch = Batch(FrameKind(kind % 3), body, count, received_at, version=version, elapsed=elapsed)
    whole = encode_header(batch) + body
    side = encode_header(_NEIGHBOUR) + _NEIGHBOUR.body
    found = list(scan(side + whole + side, segment=1))
    assert [Frame, Frame, Frame] == [type(part) for part in found], found
    assert body == getattr(found[1], "body", None)
    assert HEADER_BYTES + len(body) == len(whole)
    broken = bytearray(whole)
    broken[wound % len(whole)] ^= 1 + wound % 255
    first, *middle, last = scan(side + bytes(broken) + side, segment=1)
    assert isinstance(first, Frame), first
    assert isinstance(last, Frame), last
    assert [Damage(1, len(side), len(side + whole))] == middle, middle
