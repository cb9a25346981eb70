"""
One frame of the log: a fixed header and a body, checked together by a CRC.

Bodies are JSON, so the byte 0xFF cannot occur in one. The magic begins with
it, which lets a reader find the next frame behind a damaged one.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from .checksum import Bytes, crc32

MAGIC = b"\xffBX\xfd"
# Also impossible in JSON. A repair writes it over a damaged range, so that the
# offsets behind the range stay what they were.
FILLER = 0xFE
# Far above any request the door lets in; refuses a lying length early.
MAX_BODY_BYTES = 256 * 1024 * 1024

_UNSEALED = struct.Struct("<4sBBHIIdd")
_CRC = struct.Struct("<I")
HEADER_BYTES = _UNSEALED.size + _CRC.size


class FrameKind(IntEnum):
    """What a frame holds."""

    SEGMENT = 0
    EVENTS = 1
    CONTROL = 2


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the log: segment number and byte offset in its plain bytes."""

    segment: int
    offset: int

    def __str__(self) -> str:
        """Return ``segment:offset``, for messages."""
        return f"{self.segment}:{self.offset}"


@dataclass(frozen=True, slots=True)
class Frame:
    """
    A frame that was read back whole.

    ``received_at`` is in wall seconds, ``elapsed`` in seconds of log time;
    ``end`` is the position right behind the frame.
    """

    kind: FrameKind
    version: int
    position: Position
    end: Position
    received_at: float
    elapsed: float
    count: int
    body: bytes


class Unwritten(Protocol):
    """What a header is made of; a batch has it all."""

    kind: FrameKind
    version: int
    count: int
    body: bytes
    received_at: float
    elapsed: float


def encode_header(frame: Unwritten) -> bytes:
    """
    Return the header that goes in front of the body.

    Raises:
        ValueError: The body is longer than ``MAX_BODY_BYTES``.
    """
    body = frame.body
    if len(body) > MAX_BODY_BYTES:
        message = f"a frame of {len(body)} bytes; the limit is {MAX_BODY_BYTES}: send less at once"
        raise ValueError(message)
    head = _UNSEALED.pack(
        MAGIC,
        frame.kind,
        frame.version,
        0,
        frame.count,
        len(body),
        frame.received_at,
        frame.elapsed,
    )
    return head + _CRC.pack(crc32(body, crc32(head, 0)))


def frame_at(data: Bytes, *, segment: int, offset: int, base: int = 0) -> Frame | None:
    """
    Return the frame that starts at *offset* of *data*, None unless it is whole and unhurt.

    *base* is the position in the segment of the first byte of *data*. A length
    that points beyond the data is a lie, and nothing behind the header is read.
    """
    body_start, end = offset + HEADER_BYTES, len(data)
    if body_start > end:
        return None
    magic, kind, version, _, count, length, received_at, elapsed = _UNSEALED.unpack_from(
        data, offset
    )
    body_end = body_start + length
    if magic != MAGIC or body_end > end or length > MAX_BODY_BYTES or kind > FrameKind.CONTROL:
        return None
    with memoryview(data) as view:
        (expected,) = _CRC.unpack_from(view, body_start - _CRC.size)
        head_crc = crc32(view[offset : body_start - _CRC.size], 0)
        if crc32(view[body_start:body_end], head_crc) != expected:
            return None
    return Frame(
        kind=FrameKind(kind),
        version=version,
        position=Position(segment, base + offset),
        end=Position(segment, base + body_end),
        received_at=received_at,
        elapsed=elapsed,
        count=count,
        body=bytes(data[body_start:body_end]),
    )
