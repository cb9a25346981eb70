"""Streaming gzip: isal where it is installed (8 times faster), else zlib."""

import zlib as standard_zlib
from typing import Protocol

try:
    from isal import isal_zlib as zlib
except ImportError:  # The extra `speed` is optional.
    zlib = standard_zlib  # type: ignore[misc]  # the same interface

GZIP_WINDOW = 31  # 15 bits of window, plus 16 for the gzip header (zlib's manual).


class Compressor(Protocol):
    """What both libraries offer."""

    def compress(self, data: bytes, /) -> bytes:
        """Return what can already be sent of *data*."""
        ...

    def flush(self) -> bytes:
        """Return the rest."""
        ...


def compressor() -> Compressor:
    """Return a new gzip stream at the fastest level."""
    return zlib.compressobj(1, zlib.DEFLATED, GZIP_WINDOW)
