"""The frame: what goes in comes out, and damage is seen."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.log.commit import Batch
from exporter.log.frame import (
    FILLER,
    HEADER_BYTES,
    Frame,
    FrameKind,
    Position,
    encode_header,
    frame_at,
)
from exporter.log.scan import Damage, Gap, frames_in, scan

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def frame_bytes(text: str) -> bytes:
    """Return a whole frame with one event."""
    batch = Batch(FrameKind.EVENTS, json.dumps({"id": text}).encode(), 1, 5.0)
    return encode_header(batch) + batch.body


@given(
    kind=st.sampled_from(FrameKind),
    version=st.integers(0, 255),
    count=st.integers(0, 2**32 - 1),
    body=st.binary(max_size=300),
    received_at=FINITE,
    elapsed=FINITE,
)
def test_a_frame_comes_back_as_it_was_written(
    *, kind: FrameKind, version: int, count: int, body: bytes, received_at: float, elapsed: float
) -> None:
    """Each field of the header and the body survive the round trip exactly."""
    batch = Batch(kind, body, count, received_at, version=version, elapsed=elapsed)

    frame = frame_at(b"xyz" + encode_header(batch) + body, segment=7, offset=3, base=100)

    end = Position(7, 103 + HEADER_BYTES + len(body))
    assert Frame(kind, version, Position(7, 103), end, received_at, elapsed, count, body) == frame


def test_a_length_beyond_the_data_is_not_believed() -> None:
    """A frame that claims more bytes than there are is no frame."""
    whole = frame_bytes("a")

    cut = frame_at(whole[:-1], segment=1, offset=0)

    assert cut is None


def test_a_body_above_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no reader would believe is not written."""
    monkeypatch.setattr("exporter.log.frame.MAX_BODY_BYTES", 10)

    with pytest.raises(ValueError, match="send less"):
        frame_bytes("longer than ten bytes")


def test_frames_around_a_flipped_bit_survive() -> None:
    """Whichever bit of the middle frame flips, only that frame is lost, and its range is told."""
    frames = [frame_bytes(text) for text in ("a", "b", "c")]
    start, end = len(frames[0]), len(frames[0]) + len(frames[1])

    for bit in range(start * 8, end * 8):
        data = bytearray(b"".join(frames))
        data[bit // 8] ^= 1 << bit % 8
        first, hole, last = scan(data, segment=1)

        assert isinstance(first, Frame)
        assert Damage(1, start, end) == hole
        assert isinstance(last, Frame)


def test_a_tail_cut_anywhere_loses_only_the_last_frame() -> None:
    """A torn write is damage to the end, never an error and never a shorter event."""
    frames = [frame_bytes(text) for text in ("a", "b")]
    whole = b"".join(frames)

    for length in range(len(frames[0]) + 1, len(whole)):
        first, hole = scan(whole[:length], segment=1)

        assert isinstance(first, Frame)
        assert Damage(1, len(frames[0]), length) == hole


def test_noise_never_becomes_a_frame() -> None:
    """Random bytes, even with magics in them, are one damaged range."""
    generator = random.Random(3)
    magic = frame_bytes("")[:4]

    for _ in range(200):
        noise = b"".join(magic + generator.randbytes(generator.randrange(60)) for _ in range(9))

        assert [Damage(1, 0, len(noise))] == list(scan(noise, segment=1))


def test_a_blanked_range_is_a_gap_and_not_damage() -> None:
    """What a repair has blanked is known, whatever its length."""
    data = frame_bytes("a") + bytes([FILLER]) * 5 + frame_bytes("b")
    at = len(frame_bytes("a"))

    parts = list(scan(data, segment=1))

    assert Gap(1, at, at + 5) == parts[1]
    assert 2 == len(list(frames_in(data, segment=1)))
