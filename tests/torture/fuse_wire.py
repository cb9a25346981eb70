"""The part of the kernel's FUSE protocol (7.31) that a small file system needs, as structs."""

import struct
from enum import IntEnum
from typing import NamedTuple


class Op(IntEnum):
    """What the kernel asks; the others are answered with ENOSYS."""

    LOOKUP = 1
    FORGET = 2
    GETATTR = 3
    SETATTR = 4
    MKNOD = 8
    MKDIR = 9
    UNLINK = 10
    RMDIR = 11
    RENAME = 12
    OPEN = 14
    READ = 15
    WRITE = 16
    STATFS = 17
    RELEASE = 18
    FSYNC = 20
    FLUSH = 25
    INIT = 26
    OPENDIR = 27
    READDIR = 28
    RELEASEDIR = 29
    FSYNCDIR = 30
    CREATE = 35
    BATCH_FORGET = 42
    RENAME2 = 45


SILENT = frozenset({Op.FORGET, Op.BATCH_FORGET})  # The kernel expects no answer to these.
MAJOR, MINOR = 7, 31
MAX_WRITE = 1 << 20
BIG_WRITES = 1 << 5
MAX_PAGES = 1 << 22
SIZE_GIVEN, MODE_GIVEN = 8, 1  # Of the bits of SETATTR.
FOREVER = 3600  # Seconds the kernel may keep what it was told: nobody else changes anything.
BLOCK = 4096

REQUEST = struct.Struct("<IIQQIIIHH")
ANSWER = struct.Struct("<IiQ")
ATTRIBUTES = struct.Struct("<QQQQQQIIIIIIIIII")
ENTRY = struct.Struct("<QQQQII")
ATTR_HEAD = struct.Struct("<QII")
OPENED = struct.Struct("<QII")
INIT_ANSWER = struct.Struct("<IIIIHHIIHHII6I")
SETATTR = struct.Struct("<IIQQ")
SETATTR_MODE_AT = 68
READ = struct.Struct("<QQI")
WRITE = struct.Struct("<QQIIQII")
RENAME = struct.Struct("<Q")
RENAME2 = struct.Struct("<QII")
MKNOD = struct.Struct("<IIII")
MKDIR = struct.Struct("<II")
CREATE = struct.Struct("<IIII")
WRITTEN = struct.Struct("<II")
DIRENT = struct.Struct("<QQII")
STATFS = struct.Struct("<QQQQQIIII6I")


class Request(NamedTuple):
    """One question of the kernel."""

    op: int
    unique: int
    node: int
    body: bytes


def read_request(data: bytes) -> Request:
    """Return the question in *data*."""
    _, op, unique, node, *_ = REQUEST.unpack_from(data)
    return Request(op, unique, node, data[REQUEST.size :])


def answer(unique: int, body: bytes = b"", error: int = 0) -> bytes:
    """Return the answer to question *unique*."""
    return ANSWER.pack(ANSWER.size + len(body), -error, unique) + body


def init_answer(body: bytes) -> bytes:
    """Return what this side can do."""
    flags = struct.unpack_from("<IIII", body)[3] & (BIG_WRITES | MAX_PAGES)
    return INIT_ANSWER.pack(
        *(MAJOR, MINOR, 1 << 17, flags, 16, 12, MAX_WRITE, 1, MAX_WRITE // BLOCK, 0, 0, 0),
        *[0] * 6,
    )


def attributes(node: int, *, size: int, mode: int, now: int) -> bytes:
    """Return the attributes of a node."""
    blocks = (size + 511) // 512
    return ATTRIBUTES.pack(
        *(node, size, blocks, now, now, now, 0, 0, 0, mode, 1, 0, 0, 0, BLOCK, 0)
    )


def names(body: bytes) -> list[str]:
    """Return the names at the end of a question."""
    return [name.decode() for name in body.split(b"\0") if name]


def dirent(node: int, place: int, name: str, mode: int) -> bytes:
    """Return one line of a directory, padded as the kernel wants it."""
    raw = name.encode()
    entry = DIRENT.pack(node, place, len(raw), mode >> 12) + raw
    return entry + bytes(-len(entry) % 8)
