"""Inflating request bodies within a budget."""

import gzip
import os
import sys
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from isal import isal_zlib

from exporter.ingest import body as subject
from exporter.ingest.body import ENCODINGS, MAX_MEMBERS, RATIO_FREE_BYTES, inflate
from exporter.model.verdicts import Refusal, RefusedError

from .door import MIB, gzip_bomb

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PLAIN = b'{"type":"message_received","bot":"shop"}\n' * 100
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstd.compress,
}


@pytest.fixture(params=[zlib, isal_zlib], ids=["zlib", "isal"])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run with the standard library alone, and with the optional wheel."""
    monkeypatch.setattr(subject, "zlib", request.param)


def inflated(data: bytes, encoding: str, *, max_bytes: int = MIB, max_ratio: int = 100) -> bytes:
    """Inflate within small limits."""
    return inflate(data, encoding, max_bytes=max_bytes, max_ratio=max_ratio)


def refusal(data: bytes, encoding: str, *, max_bytes: int = MIB) -> Refusal:
    """Return why *data* is refused."""
    with pytest.raises(RefusedError) as caught:
        inflated(data, encoding, max_bytes=max_bytes)
    return caught.value.refusal


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_each_encoding_gives_back_what_was_compressed(encoding: str) -> None:
    """Inflating undoes compressing, for every encoding the server names."""
    data = COMPRESS[encoding](PLAIN)

    assert PLAIN == inflated(data, encoding)


@given(st.binary(max_size=4096), st.sampled_from(ENCODINGS))
def test_any_bytes_survive_the_round_trip(plain: bytes, encoding: str) -> None:
    """No content is special to a codec."""
    assert plain == inflated(COMPRESS[encoding](plain), encoding)


@given(st.binary(max_size=512), st.sampled_from(ENCODINGS))
def test_arbitrary_bytes_are_inflated_or_refused_and_nothing_else(
    data: bytes, encoding: str
) -> None:
    """Whatever a client sends, the only exception is a refusal."""
    try:
        verdict: object = len(inflated(data, encoding)) <= MIB
    except RefusedError as error:
        verdict = error.refusal

    assert verdict in (True, Refusal.MALFORMED)


@pytest.mark.usefixtures("backend")
def test_raw_deflate_is_read_as_well_as_the_zlib_format() -> None:
    """Some clients send RFC 1951 where RFC 9110 means RFC 1950."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = deflate.compress(PLAIN) + deflate.flush()

    assert PLAIN == inflated(data, "deflate")


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_members_are_joined(encoding: str) -> None:
    """A gzip file may have several members, and a zstd stream several frames."""
    data = COMPRESS[encoding](b"one,") + COMPRESS[encoding](b"two")

    assert b"one,two" == inflated(data, encoding)


def test_more_members_than_anyone_needs_are_refused() -> None:
    """Each member copies the rest of the body: thousands of them would take minutes."""
    member = gzip.compress(b"")

    assert b"" == inflated(member * MAX_MEMBERS, "gzip")
    assert Refusal.MALFORMED is refusal(member * (MAX_MEMBERS + 1), "gzip")


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_a_truncated_body_is_malformed_wherever_it_ends(encoding: str) -> None:
    """Half a body is never taken for a whole one, not even without its last byte."""
    data = COMPRESS[encoding](PLAIN)

    assert {Refusal.MALFORMED} == {refusal(data[:end], encoding) for end in range(len(data))}


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_wrong_checksum_is_malformed(encoding: str) -> None:
    """Both formats end in a checksum, and it is checked."""
    data = bytearray(COMPRESS[encoding](PLAIN))
    data[-5 if encoding == "gzip" else -1] ^= 1

    assert Refusal.MALFORMED is refusal(bytes(data), encoding)


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
@pytest.mark.parametrize("garbage", [b"\0", b"garbage", b"\x78\x9c"])
def test_bytes_after_the_end_are_malformed(encoding: str, garbage: bytes) -> None:
    """What follows the stream was not meant, or is hidden."""
    assert Refusal.MALFORMED is refusal(COMPRESS[encoding](PLAIN) + garbage, encoding)


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_size_limit_is_exact(encoding: str) -> None:
    """A body of exactly the limit passes, one more byte does not."""
    size = 2 * RATIO_FREE_BYTES
    plain = os.urandom(size)

    assert plain == inflated(COMPRESS[encoding](plain), encoding, max_bytes=size)
    assert Refusal.TOO_LARGE is refusal(COMPRESS[encoding](plain), encoding, max_bytes=size - 1)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_the_ratio_limit_starts_above_64_kib(encoding: str) -> None:
    """A small batch of equal events compresses beyond any ratio and is still welcome."""
    small, large = bytes(RATIO_FREE_BYTES), bytes(RATIO_FREE_BYTES + 1)

    assert small == inflated(COMPRESS[encoding](small), encoding)
    assert Refusal.TOO_LARGE is refusal(COMPRESS[encoding](large), encoding)


@pytest.mark.usefixtures("backend")
def test_a_gibibyte_in_a_gzip_costs_no_more_than_the_limit() -> None:
    """A bomb costs the budget (twice, while its pieces are joined), never its own size."""
    bomb = gzip_bomb(1024)
    tracemalloc.start()

    assert Refusal.TOO_LARGE is refusal(bomb, "gzip", max_bytes=4 * MIB)

    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 2.5 * 4 * MIB


def test_a_bomb_in_a_second_member_is_seen() -> None:
    """The members share one budget."""
    data = gzip.compress(os.urandom(RATIO_FREE_BYTES)) + gzip.compress(bytes(MIB))

    assert Refusal.TOO_LARGE is refusal(data, "gzip")


def test_a_zstd_bomb_is_too_large() -> None:
    """The budget does not depend on the codec."""
    assert Refusal.TOO_LARGE is refusal(zstd.compress(bytes(256 * MIB)), "zstd")


def test_a_zstd_frame_may_not_demand_a_huge_window() -> None:
    """A few bytes could otherwise make the decoder reserve gigabytes."""
    options: dict[int, int] = {zstd.CompressionParameter.window_log: 27}
    compressor = zstd.ZstdCompressor(options=options)
    data = compressor.compress(PLAIN) + compressor.flush()

    assert Refusal.MALFORMED is refusal(data, "zstd")


@pytest.mark.parametrize("encoding", ["br", "compress", "gzip, gzip", "gzip,deflate", "utf-8"])
def test_an_unknown_or_double_encoding_is_refused_by_name(encoding: str) -> None:
    """The answer lists what would work."""
    with pytest.raises(RefusedError, match="identity, gzip, deflate, zstd") as caught:
        inflated(PLAIN, encoding)

    assert Refusal.UNSUPPORTED_ENCODING is caught.value.refusal


@pytest.mark.parametrize("encoding", ["GZIP", " gzip ", "x-gzip", "X-GZip"])
def test_encodings_are_compared_as_rfc_9110_says(encoding: str) -> None:
    """Content codings are case-insensitive, and x-gzip is gzip."""
    assert PLAIN == inflated(gzip.compress(PLAIN, mtime=0), encoding)
