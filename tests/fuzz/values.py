"""Values that a field does not take, as raw JSON; and the writing of raw JSON."""

import json
from collections.abc import Iterator, Mapping

from exporter.catalog.build import (
    END_OF_TIME,
    LARGEST_INTEGER,
    MOST_PROPERTIES,
    PROPERTY_KEY_LENGTH,
    PROPERTY_LENGTH,
)
from exporter.catalog.envelope import BOT, ID, ID_BYTES, TS
from exporter.catalog.spec import Field, FieldType
from exporter.model.verdicts import Reason

Wrong = tuple[bytes, Reason, str]  # The value, the reason, and what the path goes on with.

TYPE, RANGE, LONG = Reason.WRONG_TYPE, Reason.OUT_OF_RANGE, Reason.TOO_LONG
CHOICE, NAME = Reason.NOT_A_CHOICE, Reason.BAD_NAME
_MOMENTS = (
    *("yesterday", "", "2026-01-01T00:00:00", "2026-02-30T00:00:00Z", "0000-01-01T00:00:00Z"),
    *("2026-01-01T00:00:61Z", "2026-01-01T25:00:00Z", "26-01-01T00:00:00Z", "1770000000"),
    "1999-12-31T23:59:60Z",  # A leap second has no place in seconds since 1970.
)
_BOTS = ("-shop", "shop\n", "sh op", "\u202eshop", "магазин", "shop/1", ".", "shop\0")


def raw(value: object) -> bytes:
    """Return *value* as JSON."""
    return json.dumps(value, ensure_ascii=False).encode()


def written(members: Mapping[str, bytes]) -> bytes:
    """Return the object with these names and raw values."""
    return b"{" + b",".join(raw(name) + b":" + value for name, value in members.items()) + b"}"


def wrong_values(field: Field) -> Iterator[Wrong]:
    """Yield what *field* does not take, with the verdict on it."""
    match field.type:
        case FieldType.STRING if field.choices:
            yield from _of_choice()
        case FieldType.STRING:
            yield from _of_string(field)
        case FieldType.INTEGER | FieldType.NUMBER:
            yield from _of_number(field)
        case FieldType.BOOLEAN:
            yield from ((value, TYPE, "") for value in (b"0", b"1", b'"true"', b"[]", b"{}"))
        case FieldType.TIMESTAMP:
            yield from _of_timestamp(field)
        case FieldType.PROPERTIES:
            yield from _of_properties()
    if field.required or field.default is not None:
        yield b"null", TYPE, ""


def _of_choice() -> Iterator[Wrong]:
    for text in ("", "no such choice", "\u0000", "x" * 100_000):
        yield raw(text), CHOICE, ""
    yield from _no_strings()


def _of_string(field: Field) -> Iterator[Wrong]:
    longest = field.max_length or 0
    yield raw(""), RANGE, ""
    for letter in ("x", "é", "🤖", "\u0000"):
        yield raw(letter * (longest + 1)), LONG, ""
    yield from _no_strings()
    if field == ID:
        yield raw("é" * (ID_BYTES // 2 + 1)), LONG, ""
    if field == BOT:
        yield from ((raw(name), NAME, "") for name in _BOTS)


def _no_strings() -> Iterator[Wrong]:
    yield from ((value, TYPE, "") for value in (b"0", b"1.5", b"true", b"[]", b'["x"]', b"{}"))


def _of_number(field: Field) -> Iterator[Wrong]:
    low, high = field.minimum, field.maximum
    # A number with an exponent is no whole number, however large.
    huge = TYPE if field.type is FieldType.INTEGER else RANGE
    if low is not None:
        yield from ((raw(int(low) - 1), RANGE, ""), (b"-1e300", huge, ""), (b"-1e999", RANGE, ""))
    if high is not None:
        yield from ((raw(int(high) + 1), RANGE, ""), (b"1e300", huge, ""), (b"1e999", RANGE, ""))
        yield from ((digits, RANGE, "") for digits in (b"18446744073709551616", b"9" * 5000))
    yield from ((value, TYPE, "") for value in (b'"1"', b'""', b"true", b"false", b"[1]", b"{}"))
    if field.type is FieldType.INTEGER:
        yield from ((value, TYPE, "") for value in (b"0.5", b"1.0", b"1e0", b"1e-1"))


def _of_timestamp(field: Field) -> Iterator[Wrong]:
    yield from ((raw(text), TYPE, "") for text in _MOMENTS)
    yield from ((value, TYPE, "") for value in (b"true", b"[]", b"{}"))
    beyond = (b"-1", b"-0.001", raw(END_OF_TIME + 1), b"1770000000000", b"1e999", b"9" * 5000)
    yield from ((value, RANGE, "") for value in beyond)
    if field == TS:
        yield raw("2200-01-01T00:00:00Z"), Reason.FROM_THE_FUTURE, ""
        yield raw(END_OF_TIME), Reason.FROM_THE_FUTURE, ""
        yield b"0", Reason.TOO_OLD, ""


def _of_properties() -> Iterator[Wrong]:
    yield from ((value, TYPE, "") for value in (b"[]", b"1", b'"a"', b"true"))
    yield raw({f"k{n}": n for n in range(MOST_PROPERTIES + 1)}), LONG, ""
    yield raw({"": 1}), RANGE, ""
    yield raw({"k" * (PROPERTY_KEY_LENGTH + 1): 1}), LONG, ""
    yield raw({"a": "x" * (PROPERTY_LENGTH + 1)}), LONG, "[...]"
    yield from ((b'{"a":%b}' % value, TYPE, "[...]") for value in (b"{}", b"[]", b"[1]"))
    for number in (LARGEST_INTEGER + 1, -LARGEST_INTEGER - 1):
        yield raw({"a": number}), RANGE, "[...]"
    yield b'{"a":1e999}', RANGE, "[...]"
