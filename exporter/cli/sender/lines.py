"""Lines of a file as events with an id, and those that are none."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import msgspec

LONGEST_LINE = 1024 * 1024  # Far above the largest event that the default limits let through.
BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n"
_DAMAGED = (EOFError, OSError, zlib.error, gzip.BadGzipFile)


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it goes over the wire, and the line it came from."""

    line: int
    body: bytes


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be sent."""

    line: int
    reason: str
    message: str


class _Probe(msgspec.Struct):
    id: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_probe = msgspec.json.Decoder(_Probe)


def read_events(stream: BinaryIO, new_id: Callable[[], str]) -> Iterator[Event | BadLine]:
    """
    Yield what every line of *stream* holds; blank lines hold nothing.

    An event without an id gets one from *new_id*, so that sending it again cannot count twice.
    """
    number = 0
    while True:
        number += 1
        try:
            raw = stream.readline(LONGEST_LINE + 1)
            is_too_long = len(raw) > LONGEST_LINE
            if is_too_long:
                _skip_line(stream, raw)
        except _DAMAGED as error:
            yield BadLine(number, "damaged_file", f"cannot be read from here on: {error}")
            return
        if not raw:
            return
        body = raw.removeprefix(BOM).strip(_BLANK) if number == 1 else raw.strip(_BLANK)
        if is_too_long:
            yield BadLine(number, "too_long", f"is longer than {LONGEST_LINE} bytes; shorten it")
        elif body:
            yield _event(number, body, new_id)


def _event(number: int, body: bytes, new_id: Callable[[], str]) -> Event | BadLine:
    try:
        found = _probe.decode(body)
    except msgspec.ValidationError:
        return BadLine(number, "not_an_object", "write one JSON object per line")
    except (msgspec.DecodeError, RecursionError) as error:
        return BadLine(number, "malformed_json", f"{error}; write one JSON object per line")
    if found.id is msgspec.UNSET:
        return Event(number, _with_id(body, new_id()))
    if bytes(found.id) == b"null":
        return Event(number, _with_id(_without_id(body), new_id()))
    return Event(number, body)


def _with_id(body: bytes, new: str) -> bytes:
    """Insert the id behind the first brace: all other bytes stay as they are."""
    rest = body[1:].lstrip(_BLANK)
    comma = b"" if rest == b"}" else b","
    return b'{"id":"%b"%b%b' % (new.encode("ascii"), comma, rest)


def _without_id(body: bytes) -> bytes:
    fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    del fields["id"]
    return msgspec.json.encode(fields)


def _skip_line(stream: BinaryIO, read: bytes) -> None:
    while read and not read.endswith(b"\n"):
        read = stream.readline(LONGEST_LINE)
