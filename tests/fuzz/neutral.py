"""Changes of an event's text that change nothing of what it says."""

import json
from collections.abc import Callable
from random import Random

from exporter.catalog.spec import EventType, Field, FieldType
from tests.fuzz.values import raw, written
from tests.fuzz.wounds import Members, fields_of

Rewrite = Callable[[EventType, Members, Random], bytes]
_SPACE = (b"", b" ", b"\t", b"\r\n", b"  ")


def reordered(_: EventType, members: Members, chance: Random) -> bytes:
    """Return the fields in another order; the type need not come first."""
    names = list(members)
    chance.shuffle(names)
    return written({name: members[name] for name in names})


def spaced(_: EventType, members: Members, chance: Random) -> bytes:
    """Return the event with white space wherever JSON allows it."""
    signs = [(raw(name), b":", value, b",") for name, value in members.items()]
    flat = [b"{", *[sign for group in signs for sign in group][:-1], b"}"]
    return b"".join(sign + chance.choice(_SPACE) for sign in flat)


def escaped(_: EventType, members: Members, __: Random) -> bytes:
    """Return the event in plain ASCII."""
    values = {name: json.dumps(json.loads(value)).encode() for name, value in members.items()}
    pairs = [json.dumps(name).encode() + b":" + value for name, value in values.items()]
    return b"{" + b",".join(pairs) + b"}"


def spelled_out(_: EventType, members: Members, __: Random) -> bytes:
    r"""Return the event with every letter of a name as \uXXXX."""
    pairs = [_spelled(name) + b":" + value for name, value in members.items()]
    return b"{" + b",".join(pairs) + b"}"


def with_nulls(event: EventType, members: Members, __: Random) -> bytes:
    """Return the event with null for every field that is left out and has no default."""
    absent = {f.name: b"null" for f in fields_of(event) if _may_be_null(f)}
    return written({**absent, **members})


def repeated(_: EventType, members: Members, chance: Random) -> bytes:
    """Return the event with one field twice; the last one counts."""
    name = chance.choice(list(members))
    return b"{" + raw(name) + b":" + members[name] + b"," + written(members)[1:]


def with_fractions(event: EventType, members: Members, __: Random) -> bytes:
    """Return the event with `.0` behind the whole numbers of fields that take fractions."""
    numbers = {f.name for f in fields_of(event) if f.type is FieldType.NUMBER}
    return written(
        {
            name: value + b".0" if name in numbers and value.lstrip(b"-").isdigit() else value
            for name, value in members.items()
        }
    )


REWRITES: tuple[Rewrite, ...] = (
    reordered,
    spaced,
    escaped,
    spelled_out,
    with_nulls,
    repeated,
    with_fractions,
)


def _spelled(name: str) -> bytes:
    return b'"' + b"".join(b"\\u%04x" % ord(letter) for letter in name) + b'"'


def _may_be_null(field: Field) -> bool:
    return not field.required and field.default is None
