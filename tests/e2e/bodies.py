"""Bodies that a door must survive, with the answer each deserves."""

import json
import sys
import zlib
from typing import NamedTuple

from tests.e2e.door import GOOD

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MIB = 2**20
BODY_LIMIT = 10 * MIB
GIB_IN_MIB = 1024


class Case(NamedTuple):
    """A body and what becomes of it; no reason means that its events are taken."""

    name: str
    body: bytes
    status: int
    reason: str | None = None


def one(kind: str = "track", /, **fields: object) -> bytes:
    """Return an event with these fields."""
    event: dict[str, object] = {"type": kind, "bot": "shop"}
    if kind == "track":
        event["name"] = "n"
    return json.dumps(event | fields, ensure_ascii=False).encode()


def spliced(field: str, raw: bytes) -> bytes:
    """Return an event in which *field* has a value that no encoder would write."""
    return b'{"type":"track","bot":"shop","name":"n","' + field.encode() + b'":' + raw + b"}"


def many(count: int) -> bytes:
    """Return an array of so many events."""
    return b"[" + b",".join([GOOD] * count) + b"]"


def padded(size: int) -> bytes:
    """Return an event in a body of *size* bytes."""
    return GOOD + b" " * (size - len(GOOD))


MALFORMED, RANGE, LONG, TYPE = "malformed_json", "out_of_range", "too_long", "wrong_type"

SHAPES = [
    Case("nothing", b"", 400, "malformed"),
    Case("white space", b" \r\n\t ", 400, "malformed"),
    Case("null", b"null", 400, "not_an_object"),
    Case("a number", b"12", 400, "not_an_object"),
    Case("a string", b'"event"', 400, "not_an_object"),
    Case("true", b"true", 400, "not_an_object"),
    Case("an empty array", b"[]", 202),
    Case("an empty object", b"{}", 400, "missing_field"),
    Case("an array in an array", b"[[" + GOOD + b"]]", 400, "not_an_object"),
    Case("half an object", GOOD[:-5], 400, MALFORMED),
    Case("half an array", many(3)[:-20], 400, "malformed"),
    Case("garbage behind it", GOOD + b"}", 400, MALFORMED),
    Case("two objects", GOOD + GOOD, 400, MALFORMED),
    Case("a trailing comma", b"[" + GOOD + b",]", 400, "malformed"),
    Case("a comment", GOOD + b"// hello", 400, MALFORMED),
    Case("Python's quotes", str(json.loads(GOOD)).encode(), 400, MALFORMED),
    Case("a form", b"type=heartbeat&bot=b", 400, MALFORMED),
    Case("XML", b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", 400, MALFORMED),
    Case("pickle", b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00", 400, MALFORMED),
    Case("nested objects", b'{"a":' * 100_000, 400, MALFORMED),
    Case("nested arrays", b"[" * 1_000_000, 400, "malformed"),
    Case("nested properties", spliced("properties", b'{"a":' * 100_000), 400, TYPE),
    Case(
        "a nested element", b"[" + b"[" * 5000 + b"]" * 5000 + b"," + GOOD + b"]", 400, "malformed"
    ),
    Case("duplicate keys", b'{"type":"heartbeat","bot":"x y","bot":"shop"}', 202),
    Case(
        "900,000 keys",
        b"{" + b",".join(b'"%d":1' % n for n in range(900_000)) + b"}",
        400,
        "missing_field",
    ),
    Case("1,000 events", many(1000), 202),
    Case("1,001 events", many(1001), 413, "too_many_events"),
    Case("a body below the limit", padded(BODY_LIMIT - 1), 202),
    Case("a body at the limit", padded(BODY_LIMIT), 202),
    Case("a body beyond the limit", padded(BODY_LIMIT + 1), 413, "too_large"),
]

# In the middle of an array nobody can tell where they end.
MARKS = [
    Case("UTF-16", GOOD.decode().encode("utf-16"), 400, MALFORMED),
    Case("a mark of UTF-8", b"\xef\xbb\xbf" + GOOD, 400, MALFORMED),
]

TEXTS = [
    Case("a lone surrogate", spliced("id", b'"\\ud800"'), 400, MALFORMED),
    Case("a low surrogate", spliced("id", b'"\\udc00x"'), 400, MALFORMED),
    Case("a surrogate in a key", spliced("\\ud800", b"1"), 400, MALFORMED),
    Case("a surrogate in UTF-8", spliced("id", b'"\xed\xa0\x80"'), 400, MALFORMED),
    Case("overlong UTF-8", spliced("id", b'"\xc0\xaf"'), 400, MALFORMED),
    Case("cut UTF-8", spliced("name", b'"\xd0"'), 400, MALFORMED),
    Case("cp1251", one(text="Привет").decode().encode("cp1251"), 400, MALFORMED),
    Case("mac_roman", one(text="café").decode().encode("mac_roman"), 400, MALFORMED),
    Case("a raw NUL", spliced("id", b'"\x00"'), 400, MALFORMED),
    Case("a raw control", spliced("id", b'"\x1b[31m"'), 400, MALFORMED),
    Case("an escaped NUL", spliced("id", b'"\\u0000"'), 202),
    Case("controls in a label", one(name="a\nb\r\0\x1b\x7f\x85\u2028"), 202),
    Case("quotes in a label", one(name='a"b\\c\\n} 1\n# HELP x'), 202),
    Case("direction marks in a label", one(name="\u202eevil\u2066"), 202),
    Case("a direction mark in a bot", one(bot="\u202eshop"), 400, "bad_name"),
    Case("a line break in a bot", one(bot="shop\n"), 400, "bad_name"),
    Case("a bot without a name", one(bot=""), 400, RANGE),
    Case("accents in both forms", one(name="é") + b" ", 202),
    Case("a flag and a family", one(name="🇩🇪👨‍👩‍👧‍👦"), 202),
    Case("the overflow name", one(name="_other", platform="_other"), 202),
]

NUMBERS = [
    *(
        Case(f"{raw.decode()[:12]} in {field}", spliced(field, raw), 400, reason)
        for field in ("amount", "ts")
        for raw, reason in (
            (b"NaN", MALFORMED),
            (b"Infinity", MALFORMED),
            (b"-Infinity", MALFORMED),
            (b"1e999", RANGE),
            (b"-1e999", RANGE),
            (b"9" * 5000, RANGE),
            (b"-1", RANGE),
            (b"18446744073709551616", RANGE),
            (b'"1"', TYPE),
            (b"true", TYPE),
            (b"[]", TYPE),
        )
    ),
    Case("1e999 in a property", spliced("properties", b'{"a":1e999}'), 400, RANGE),
    Case("2**53 in a property", spliced("properties", b'{"a":9007199254740992}'), 400, RANGE),
    Case("a float for a count", spliced("amount", b"1.5"), 400, TYPE),
    Case("milliseconds", one(ts=1_770_000_000_000), 400, RANGE),
    Case("the year 9999", one(ts="9999-12-31T23:59:59Z"), 400, "from_the_future"),
    Case("the year 0", one(ts="0000-01-01T00:00:00Z"), 400, TYPE),
    Case("a second 61", one(ts="2026-01-01T00:00:61Z"), 400, TYPE),
    Case("no zone", one(ts="2026-01-01T00:00:00"), 400, TYPE),
    Case("long ago", one(ts=0), 400, "too_old"),
    Case("minus zero", spliced("amount", b"-0"), 202),
    Case("the smallest", one("llm_call", model="m", cost_usd=5e-324), 202),
    Case("the largest", one("purchase", amount=10**12, currency="EUR"), 202),
    Case("beyond the largest", one("purchase", amount=10**12 + 1, currency="EUR"), 400, RANGE),
    Case(
        "a date for a gauge",
        one("knowledge_base", source="s", updated_at="2026-01-01T00:00:00Z"),
        202,
    ),
]

LENGTHS = [
    Case("a property of 4 KiB", one(properties={"a": "x" * 4096}), 202),
    Case("a property beyond 4 KiB", one(properties={"a": "x" * 4097}), 400, LONG),
    Case("a text of 64 KiB", one(text="x" * 65_536), 202),
    Case("a text beyond 64 KiB", one(text="x" * 65_537), 400, LONG),
    Case("64 properties", one(properties={f"k{n}": n for n in range(64)}), 202),
    Case("65 properties", one(properties={f"k{n}": n for n in range(65)}), 400, LONG),
    Case("a key of 64", one(properties={"k" * 64: 1}), 202),
    Case("a key of 65", one(properties={"k" * 65: 1}), 400, LONG),
    Case("nested properties", one(properties={"a": {"b": 1}}), 400, TYPE),
    Case("an id of 128 bytes", one(id="x" * 128), 202),
    Case("an id of 129 bytes", one(id="x" * 129), 400, LONG),
    Case("an id of 64 letters of 2 bytes", one(id="é" * 64), 202),
    Case("an id of 65 letters of 2 bytes", one(id="é" * 65), 400, LONG),
    Case("a label of 64", one(name="x" * 64), 202),
    Case("a label of 65", one(name="x" * 65), 400, LONG),
    Case("an unknown field", one(extra=1), 400, "unknown_field"),
    Case("a name of a megabyte", spliced("x" * MIB, b"1"), 400, "unknown_field"),
    Case("an unknown type", one("teleported"), 400, "unknown_type"),
    Case("no choice", one("message_sent", kind="smell"), 400, "not_a_choice"),
    Case("our own field", one(received_at=1), 400, "unknown_field"),
]


def zstd_of(data: bytes) -> bytes:
    """Return *data* in zstd."""
    return zstd.compress(data)


def gzip_bomb() -> bytes:
    """Return a gigabyte of zeros as a megabyte of gzip."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush every block starts anew, so one of them can stand for all.
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff" + block * GIB_IN_MIB


def zstd_bomb() -> bytes:
    """Return a gigabyte of zeros as a few kilobytes of zstd."""
    packer = zstd.ZstdCompressor()
    parts = [packer.compress(bytes(MIB)) for _ in range(GIB_IN_MIB)]
    return b"".join([*parts, packer.flush()])
