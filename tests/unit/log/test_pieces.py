"""Compressed segments: ordinary zstd, readable in pieces, damage stays small."""

import random
import sys

from exporter.log.pieces import deflate, inflate, is_whole, plain_length

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PARTS = [random.Random(1).randbytes(100) * 3, b"b" * 300, b"c" * 50]
PLAIN = b"".join(PARTS)


def test_any_range_can_be_read_back() -> None:
    """A range is inflated exactly, also across pieces and beyond the end."""
    packed = b"".join(deflate(PARTS))

    for start in range(0, len(PLAIN), 37):
        for stop in range(start, len(PLAIN) + 40, 41):
            assert PLAIN[start:stop] == inflate(packed, start, stop)


def test_the_file_is_ordinary_zstd() -> None:
    """``zstd -d`` reads it: the labels are frames every decoder skips."""
    packed = b"".join(deflate(PARTS))

    assert PLAIN == zstd.decompress(packed)


def test_a_flipped_byte_costs_one_piece() -> None:
    """Whichever byte is hit, the other pieces come back and the file is known to be hurt."""
    packed = b"".join(deflate(PARTS))
    blanked = {b"".join([*PARTS[:i], bytes(len(PARTS[i])), *PARTS[i + 1 :]]) for i in range(3)}
    without_last = PLAIN[: -len(PARTS[2])]

    for at in range(len(packed)):
        hurt = bytearray(packed)
        hurt[at] ^= 0x55

        assert not is_whole(bytes(hurt))
        assert bytes(inflate(bytes(hurt))) in {PLAIN, without_last, *blanked}


def test_a_cut_file_is_not_whole() -> None:
    """The end mark tells a finished file from the beginning of one."""
    packed = b"".join(deflate(PARTS))

    assert is_whole(packed)
    assert not any(is_whole(packed[:length]) for length in range(len(packed)))
    assert len(PLAIN) == plain_length(packed)
