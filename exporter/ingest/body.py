"""
Inflate request bodies within a budget that is known before the first byte comes out.

The budget is the smaller of the size limit and the ratio limit, and the decompressors are asked
for one byte more than that: a bomb costs the budget, never its own size.
"""

import sys
import zlib as standard_zlib
from collections.abc import Callable
from typing import Protocol, cast

from ..model.verdicts import Refusal, RefusedError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

try:
    # The wheel is optional: less CPU time, the same bytes.
    from isal import isal_zlib as zlib
except ImportError:
    zlib = standard_zlib  # type: ignore[misc]  # the same interface

ENCODINGS = ("identity", "gzip", "deflate", "zstd")
RATIO_FREE_BYTES = 64 * 1024  # Tiny repetitive batches compress beyond any ratio worth a limit.
MAX_MEMBERS = 16  # Honest clients concatenate a few; each member copies the rest of the body.
MIN_WINDOW_LOG = 23  # RFC 8878 3.1.1.1.2 recommends that decoders support windows of 8 MiB.
GZIP_WBITS = 31
ZLIB_WBITS = 15
RAW_WBITS = -15
ZLIB_METHOD = 8  # RFC 1950 2.2: the low four bits of the first byte mean deflate.


def inflate(data: bytes, encoding: str, *, max_bytes: int, max_ratio: float) -> bytes:
    """
    Return the plain bytes of a request body.

    Args:
        data: The body as it came over the wire.
        encoding: The value of ``Content-Encoding``; empty means identity.
        max_bytes: The most the result may hold.
        max_ratio: The most the result may exceed *data* by, above 64 KiB.

    Raises:
        RefusedError: unknown encoding, damaged or truncated data, or more than a limit allows.
    """
    codec = _CODECS.get(encoding) or _CODECS.get(encoding.strip().lower())
    if codec is None:
        raise RefusedError(Refusal.UNSUPPORTED_ENCODING, _UNKNOWN)
    allowed = min(max_bytes, max(RATIO_FREE_BYTES, int(len(data) * max_ratio)))
    try:
        return codec(data, allowed)
    except _CODEC_ERRORS:
        # The library's text may quote the body; the client learns enough from the name.
        message = f"The body is not valid {encoding.strip().lower()}; send it again, complete."
        raise RefusedError(Refusal.MALFORMED, message) from None


def is_known_encoding(encoding: str) -> bool:
    """Return whether *inflate* can read the value of a ``Content-Encoding`` header."""
    return encoding in _CODECS or encoding.strip().lower() in _CODECS


def require_encoding(encoding: str) -> None:
    """
    Check a ``Content-Encoding`` header before the body is read.

    Raises:
        RefusedError: the encoding is not in the allow-list, or there are several.
    """
    if not is_known_encoding(encoding):
        raise RefusedError(Refusal.UNSUPPORTED_ENCODING, _UNKNOWN)


class _Decompressor(Protocol):
    """What zlib, isal and zstd decompressors have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def _identity(data: bytes, allowed: int) -> bytes:
    if len(data) > allowed:
        raise _too_large(allowed)
    return data


def _gzip(data: bytes, allowed: int) -> bytes:
    return _join(data, lambda: zlib.decompressobj(wbits=GZIP_WBITS), allowed=allowed)


def _deflate(data: bytes, allowed: int) -> bytes:
    # RFC 9110 8.4.1.2 means the zlib format; some clients send the raw stream.
    wbits = ZLIB_WBITS if _has_zlib_header(data) else RAW_WBITS
    stream = zlib.decompressobj(wbits=wbits)
    plain = _take(stream, data, allowed=allowed, room=allowed)
    if stream.unused_data:
        raise _damaged("bytes follow the end of the deflate stream")
    return plain


def _zstd(data: bytes, allowed: int) -> bytes:
    # A frame may demand a window far larger than what it holds; cap it near the limit.
    window = min(max(MIN_WINDOW_LOG, allowed.bit_length()), _MAX_WINDOW_LOG)
    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: window}
    return _join(data, lambda: zstd.ZstdDecompressor(options=options), allowed=allowed)


def _join(data: bytes, start: Callable[[], _Decompressor], *, allowed: int) -> bytes:
    """Inflate the members of *data* one after another into one result."""
    plain: list[bytes] = []
    room = allowed
    for _ in range(MAX_MEMBERS):
        stream = start()
        part = _take(stream, data, allowed=allowed, room=room)
        plain.append(part)
        room -= len(part)
        data = stream.unused_data
        if not data:
            return b"".join(plain) if len(plain) > 1 else part
    raise _damaged(f"it has more than {MAX_MEMBERS} compressed members")


def _take(stream: _Decompressor, data: bytes, *, allowed: int, room: int) -> bytes:
    part = stream.decompress(data, room + 1)
    if len(part) > room:
        raise _too_large(allowed)
    if not stream.eof:
        raise _damaged("it is truncated")
    return part


def _has_zlib_header(data: bytes) -> bool:
    """Return whether RFC 1950's two header bytes check out."""
    return data[:1] != b"" and data[0] & 0x0F == ZLIB_METHOD and int.from_bytes(data[:2]) % 31 == 0


def _too_large(allowed: int) -> RefusedError:
    return RefusedError(
        Refusal.TOO_LARGE,
        f"The body inflates to more than {allowed} bytes, the limit for its size; "
        "send smaller batches.",
    )


def _damaged(what: str) -> RefusedError:
    return RefusedError(Refusal.MALFORMED, f"The compressed body is damaged: {what}.")


_MAX_WINDOW_LOG = zstd.DecompressionParameter.window_log_max.bounds()[1]
_UNKNOWN = f"Content-Encoding must be one of: {', '.join(ENCODINGS)}; and only one of them."
_CODEC_ERRORS = (
    standard_zlib.error,
    cast("type[Exception]", zlib.error),
    zstd.ZstdError,
)
_CODECS: dict[str, Callable[[bytes, int], bytes]] = {
    "": _identity,
    "identity": _identity,
    "gzip": _gzip,
    "x-gzip": _gzip,  # RFC 9110 8.4.1.3: the same as gzip.
    "deflate": _deflate,
    "zstd": _zstd,
}
