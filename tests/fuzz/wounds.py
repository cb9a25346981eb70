"""
Every single mistake an event can hold, derived from its declaration.

A wound turns a valid event into one with exactly one mistake, and says which verdict it must get.
A new event type or field gets its wounds without a line of code here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from exporter.catalog.builtin import CATALOG
from exporter.catalog.spec import EventType, Field, FieldType
from exporter.model.verdicts import Reason
from tests.fuzz.values import raw, written, wrong_values

Members = dict[str, bytes]  # Field -> its value as it stands in the text.
Inflict = Callable[[Members, Random], bytes]

MALFORMED = Reason.MALFORMED
_NO_JSON = (b"NaN", b"Infinity", b"-Infinity", b"01", b"+1", b".5", b"1.", b"undefined")
_BROKEN_TEXTS = (b'"\\ud800"', b'"\\udc00x"', b'"\xff"', b'"\xed\xa0\x80"', b'"\x00"', b'"\\x41"')
_TAILS = (b"}", b"]", b",", b"x", b"\0", b"{}", b"//", b"null")


@dataclass(frozen=True, slots=True)
class Wound:
    """One mistake: how it is made, why the event is rejected then, and where the verdict points."""

    name: str
    reason: Reason
    path: str
    inflict: Inflict


def wounds_of(event: EventType) -> list[Wound]:
    """Return every wound of events of one type."""
    return [wound for field in fields_of(event) for wound in _of_field(field)] + list(_of_text())


def fields_of(event: EventType) -> list[Field]:
    """Return every field events of one type may carry."""
    return list(CATALOG.fields(event).values())


def _of_field(field: Field) -> Iterator[Wound]:
    path = f"$.{field.name}"
    for value, reason, below in wrong_values(field):
        yield Wound(f"{field.name}={value[:20]!r}", reason, path + below, _set(field.name, value))
    for value in _NO_JSON:
        yield Wound(f"{field.name}={value!r}", MALFORMED, "$", _set(field.name, value))
    if field.type is FieldType.STRING and not field.choices:
        for value in _BROKEN_TEXTS:
            yield Wound(f"{field.name}={value!r}", MALFORMED, "$", _set(field.name, value))
    if field.required:
        yield Wound(f"no {field.name}", Reason.MISSING_FIELD, path, _without(field.name))


def _of_text() -> Iterator[Wound]:
    """Yield what can be wrong with any event."""
    yield Wound("no type", Reason.MISSING_FIELD, "$.type", _without("type"))
    yield Wound("unknown type", Reason.UNKNOWN_TYPE, "$.type", _set("type", b'"teleported"'))
    yield Wound("type=1", Reason.WRONG_TYPE, "$.type", _set("type", b"1"))
    yield Wound("received_at", Reason.UNKNOWN_FIELD, "$.received_at", _set("received_at", b"1"))
    for name in ("Bot", "bot ", "extra", "\u202e", "a.b", "__class__"):
        path = f"$.{name}"
        yield Wound(f"also {name!r}", Reason.UNKNOWN_FIELD, path, _set(name, b'"x"'))
    yield Wound("cut", MALFORMED, "$", _cut)
    for tail in _TAILS:
        yield Wound(f"{tail!r} behind it", MALFORMED, "$", _ends_with(tail))
    for sign in (b":", b","):
        yield Wound(f"no {sign!r}", MALFORMED, "$", _lacks(sign))
    yield Wound("one comma more", MALFORMED, "$", lambda m, _: written(m)[:-1] + b",}")
    yield Wound("single quotes", MALFORMED, "$", lambda m, _: written(m).replace(b'"', b"'"))
    yield Wound("a comment", MALFORMED, "$", lambda m, _: written(m).replace(b"{", b"{/**/", 1))


def _set(name: str, value: bytes) -> Inflict:
    def inflict(members: Members, chance: Random) -> bytes:
        names = [*members]
        if name not in members:
            names.insert(chance.randrange(len(names) + 1), name)
        return written({each: value if each == name else members[each] for each in names})

    return inflict


def _without(name: str) -> Inflict:
    return lambda members, _: written({n: value for n, value in members.items() if n != name})


def _ends_with(tail: bytes) -> Inflict:
    return lambda members, _: written(members) + tail


def _cut(members: Members, chance: Random) -> bytes:
    """Return a beginning of the event; it never ends in a number, which would be another one."""
    at = chance.randrange(len(members))
    names = list(members)
    name, value = raw(names[at]) + b":", members[names[at]]
    last = name + value if value[:1] == b'"' else name
    before = written({each: members[each] for each in names[:at]})[:-1]
    return before + b"," * bool(at) + last[: chance.randrange(len(last) + 1)]


def _lacks(sign: bytes) -> Inflict:
    """Return what leaves out one sign of the structure: never one inside of a text."""

    def inflict(members: Members, chance: Random) -> bytes:
        pairs = [raw(name) + b":" + value for name, value in members.items()]
        at = chance.randrange(1, len(pairs))
        if sign == b":":
            name = list(members)[at]
            pairs[at] = raw(name) + members[name]
            return b"{" + b",".join(pairs) + b"}"
        return b"{" + b",".join(pairs[:at]) + b" " + b",".join(pairs[at:]) + b"}"

    return inflict
