"""The laws of event types and their fields."""

import keyword
import re
from collections.abc import Iterator

from ..model.units import Unit
from .reserved import RESERVED_FIELDS
from .spec import NAME_PATTERN, OVERFLOW, EventType, Field, FieldType, Privacy

NUMBERS = (FieldType.INTEGER, FieldType.NUMBER)
MEASURED = (*NUMBERS, FieldType.TIMESTAMP)
# Everybody must see at the call which unit a number has; a ratio is known by its bounds.
SPELT_UNITS = (Unit.SECONDS, Unit.BYTES, Unit.USD)


def event_problems(event: EventType, envelope: tuple[Field, ...]) -> Iterator[str]:
    """Yield what is wrong with *event*, whose own fields come on top of *envelope*."""
    if not is_name(event.name):
        yield f"the name does not match {NAME_PATTERN}"
    if not is_sentence(event.doc):
        yield "the description is no sentence; begin with a capital, end with a period"
    taken = {field.name for field in envelope}.union(RESERVED_FIELDS)
    for field in event.fields:
        if field.name in taken:
            yield f"{field.name}: the name is taken; choose another"
        taken.add(field.name)
        yield from (f"{field.name}: {problem}" for problem in field_problems(field))


def field_problems(field: Field) -> Iterator[str]:
    """Yield what is wrong with *field* on its own."""
    if not is_name(field.name):
        yield f"the name does not match {NAME_PATTERN}"
    if keyword.iskeyword(field.name) or field.name in RESERVED_FIELDS:
        yield "the name is reserved; choose another"
    if not is_sentence(field.doc):
        yield "the description is no sentence; begin with a capital, end with a period"
    yield from _text(field)
    yield from _bounds(field)
    yield from _unit(field)
    yield from _default(field)


def is_name(name: str) -> bool:
    """Return whether *name* may be called so in a catalogue."""
    return re.fullmatch(NAME_PATTERN, name) is not None


def is_sentence(text: str) -> bool:
    """Return whether *text* is one line that begins with a capital and ends in a period."""
    return re.fullmatch(r"[A-Z0-9'`].*\.", text) is not None


def _text(field: Field) -> Iterator[str]:
    if field.type is FieldType.STRING:
        if not field.choices and not field.max_length:
            yield "a string without a bound; set max_length or choices"
        if len(set(field.choices)) < len(field.choices):
            yield "a choice is there twice"
        if OVERFLOW in field.choices:
            yield f"{OVERFLOW} stands for values beyond a limit; rename the choice"
        return
    if field.choices or field.max_length is not None:
        yield f"a {field.type.value} has neither choices nor max_length"
    personal = field.privacy not in (Privacy.PUBLIC, Privacy.INTERNAL)
    if personal and field.type is not FieldType.PROPERTIES:
        yield f"{field.privacy.value} is for strings"


def _bounds(field: Field) -> Iterator[str]:
    low, high = field.minimum, field.maximum
    if field.type not in NUMBERS:
        if low is not None or high is not None:
            yield f"a {field.type.value} has no bounds"
        return
    if low is None or high is None:
        yield "a number without a bound; set minimum and maximum"
    elif low > high:
        yield "the minimum lies above the maximum"
    elif field.unit is Unit.RATIO and (low < 0 or high > 1):
        yield "a ratio lies between 0 and 1"


def _unit(field: Field) -> Iterator[str]:
    if field.unit is not Unit.NONE and field.type not in MEASURED:
        yield f"a {field.type.value} has no unit"
    if (field.unit is Unit.TIMESTAMP) is not (field.type is FieldType.TIMESTAMP):
        yield "the unit timestamp_seconds and the type timestamp belong together"
    if field.unit in SPELT_UNITS and not field.name.endswith(f"_{field.unit.value}"):
        yield f"the name does not end in its unit; write {field.name}_{field.unit.value}"


def _default(field: Field) -> Iterator[str]:
    if field.default is None:
        return
    if field.required:
        yield "a required field needs no default"
    if field.type not in (FieldType.STRING, FieldType.BOOLEAN):
        yield f"a {field.type.value} has no default: absent is not a number"
    elif isinstance(field.default, bool) is not (field.type is FieldType.BOOLEAN):
        yield f"the default is no {field.type.value}"
    elif field.choices and field.default not in field.choices:
        yield f"the default {field.default!r} is none of its choices"
    if field.privacy not in (Privacy.PUBLIC, Privacy.INTERNAL):
        yield f"a field of privacy {field.privacy.value} has no default"
