"""A file of events or standard input, compressed with gzip or not."""

import gzip
import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

from ...model.errors import ExporterError

STANDARD_INPUT = "-"
GZIP_MAGIC = b"\x1f\x8b"
LARGEST_PEEK = 2


@dataclass(frozen=True, slots=True)
class Source:
    """
    Where lines come from.

    ``size_bytes`` is that of the file as it lies there; None when nobody knows.
    """

    name: str
    stream: BinaryIO
    size_bytes: int | None
    _raw: io.BufferedReader

    def position_bytes(self) -> int:
        """Return how much of the file was read, in the bytes of ``size_bytes``."""
        return self._raw.tell() if self.size_bytes is not None else 0


@contextmanager
def open_source(name: str) -> Iterator[Source]:
    """
    Yield the file *name*; ``-`` is standard input.

    Raises:
        ExporterError: it cannot be opened.
    """
    if name == STANDARD_INPUT:
        yield _source("stdin", cast("io.BufferedReader", sys.stdin.buffer))
        return
    try:
        opened = open(name, "rb")  # noqa: PTH123, SIM115 - closed below, whatever happens
    except OSError as error:
        raise ExporterError(f"{name}: {error.strerror}; check its name") from error
    with opened:
        yield _source(name, opened)


def _source(name: str, raw: io.BufferedReader) -> Source:
    # The content decides, not the name: standard input has none.
    is_gzip = raw.peek(LARGEST_PEEK)[:LARGEST_PEEK] == GZIP_MAGIC
    stream = cast("BinaryIO", gzip.GzipFile(fileobj=raw) if is_gzip else raw)
    return Source(name, stream, _size(raw), raw)


def _size(raw: io.BufferedReader) -> int | None:
    status = os.fstat(raw.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None
