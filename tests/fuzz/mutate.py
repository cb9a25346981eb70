"""Seeded wounds of bytes: cut, doubled, flipped, inserted, swapped, spliced."""

from collections.abc import Callable, Sequence
from random import Random

MOST_WOUNDS = 4
LONGEST_PIECE = 64
# What parsers stumble over more often than over chance.
TOKENS: tuple[bytes, ...] = (
    *(
        b"\0",
        b"\r",
        b"\n",
        b"\r\n",
        b"\r\n\r\n",
        b"\t",
        b" ",
        b"\xff",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
    ),
    *(b"{", b"}", b"[", b"]", b":", b",", b'"', b"\\", b"\\u0000", b"\\ud800", b"//", b"'"),
    *(b"NaN", b"Infinity", b"1e999", b"-1", b"0", b"-0", b"9" * 30, b"9" * 5000, b"1.5", b"true"),
    *(b"null", b"\xef\xbb\xbf", b"\xff\xfe", b"\x80", b"\x7f", b"%00", b"..", b";", b"=", b"/"),
    *(b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Host: y\r\n", b"0\r\n\r\n"),
    *(b"Connection: keep-alive\r\n", b"Expect: 100-continue\r\n", b"HTTP/1.1", b"HTTP/1.0"),
)

Wound = Callable[[bytes, Random], bytes]


def mutated(data: bytes, chance: Random, others: Sequence[bytes] = ()) -> bytes:
    """Return *data* with one to four wounds; *others* lend their parts."""
    for _ in range(chance.randrange(1, MOST_WOUNDS + 1)):
        if others and chance.random() < 0.1:
            data = _splice(data, chance.choice(others), chance)
        else:
            data = chance.choice(_WOUNDS)(data, chance)
    return data


def _truncate(data: bytes, chance: Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _double(data: bytes, chance: Random) -> bytes:
    start, end = _piece(data, chance)
    return data[:end] + data[start:end] * chance.choice((1, 1, 1, 2, 50)) + data[end:]


def _flip(data: bytes, chance: Random) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def _insert(data: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    is_known = chance.random() < 0.7
    new = chance.choice(TOKENS) if is_known else chance.randbytes(chance.randrange(5))
    return data[:at] + new + data[at:]


def _replace(data: bytes, chance: Random) -> bytes:
    start, end = _piece(data, chance)
    return data[:start] + chance.choice(TOKENS) + data[end:]


def _delete(data: bytes, chance: Random) -> bytes:
    start, end = _piece(data, chance)
    return data[:start] + data[end:]


def _swap(data: bytes, chance: Random) -> bytes:
    a, b = sorted(_piece(data, chance))
    middle = chance.randint(a, b)
    return data[:a] + data[middle:b] + data[a:middle] + data[b:]


def _splice(data: bytes, other: bytes, chance: Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def _piece(data: bytes, chance: Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.randrange(1, LONGEST_PIECE))


_WOUNDS: tuple[Wound, ...] = (_truncate, _double, _flip, _flip, _insert, _replace, _delete, _swap)
