"""What must hold of own events, their fields and own labels, beyond their shape."""

from collections.abc import Iterator

from .declarations import EventDeclaration, FieldDeclaration, LabelDeclaration
from .remedies import Finding
from .reserved import RESERVED_FIELDS, RESERVED_LABELS, reserved_prefix
from .spec import OVERFLOW, Catalog

NUMBERS = ("integer", "number")
PERSONAL = ("pseudonym", "content", "contact")
SPELT_UNITS = ("seconds", "bytes", "usd")  # A ratio is known by its bounds.
LONGEST_STRING = 4096  # Longer texts are written by people: privacy `content`.


def event_findings(event: EventDeclaration, base: Catalog) -> Iterator[Finding]:
    """Yield what is wrong with *event* in a catalogue that extends *base*."""
    yield from _name(event.name)
    if event.name in base.by_event:
        yield ("name",), f"the event type {event.name!r} is built in; choose another name"
    taken = {field.name for field in base.envelope} | set(RESERVED_FIELDS)
    for index, field in enumerate(event.fields):
        if field.name in taken:
            message = f"the field {field.name!r} is already there; choose another name"
            yield ("fields", index, "name"), message
        taken.add(field.name)
        for path, message in field_findings(field):
            yield ("fields", index, *path), message


def field_findings(field: FieldDeclaration) -> Iterator[Finding]:
    """Yield what is wrong with *field* on its own."""
    yield from _name(field.name)
    yield from _text(field)
    yield from _choices(field)
    yield from _numbers(field)
    yield from _default(field)
    yield from _unit(field)


def label_findings(label: LabelDeclaration, base: Catalog) -> Iterator[Finding]:
    """Yield what is wrong with *label* in a catalogue that extends *base*."""
    yield from _name(label.name)
    if label.name in RESERVED_LABELS:
        reason = RESERVED_LABELS[label.name]
        yield ("name",), f"the label {label.name!r} {reason}; choose another name"
    elif any(known.name == label.name and not known.choices for known in base.labels):
        remedy = f"leave it out here and set `limits.labels.{label.name}`"
        yield ("name",), f"the label {label.name!r} is built in; {remedy}"


def _name(name: str) -> Iterator[Finding]:
    if reason := reserved_prefix(name):
        yield ("name",), reason


def _text(field: FieldDeclaration) -> Iterator[Finding]:
    if field.type != "string":
        if field.privacy in PERSONAL:
            yield ("privacy",), f"{field.privacy} is for strings; write public or internal"
        if field.max_length is not None:
            yield ("max_length",), f"a {field.type} has no length; remove it"
        return
    if field.choices and field.max_length is not None:
        yield ("max_length",), "choices bound the length already; remove one of the two"
    if field.choices and field.privacy in PERSONAL:
        yield ("choices",), f"a field of privacy {field.privacy} has no choices; remove them"
    if (field.max_length or 0) > LONGEST_STRING and field.privacy != "content":
        remedy = f"write at most {LONGEST_STRING}, or `privacy: content`"
        yield ("max_length",), f"longer texts are written by people; {remedy}"


def _choices(field: FieldDeclaration) -> Iterator[Finding]:
    if field.choices and field.type != "string":
        yield ("choices",), f"a {field.type} has no choices; write `type: string` or remove them"
    seen: set[str] = set()
    for index, choice in enumerate(field.choices):
        if choice in seen:
            yield ("choices", index), f"{choice!r} is there twice; remove one"
        if choice == OVERFLOW:
            yield ("choices", index), f"{OVERFLOW} stands for values beyond a limit; rename it"
        seen.add(choice)


def _numbers(field: FieldDeclaration) -> Iterator[Finding]:
    bounds = (("minimum", field.minimum), ("maximum", field.maximum))
    for key, bound in bounds:
        if bound is not None and field.type not in NUMBERS:
            yield (key,), f"a {field.type} has no {key}; remove it"
        elif bound is not None and field.type == "integer" and not bound.is_integer():
            yield (key,), f"the {key} of an integer is whole; write {round(bound)}"
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        yield ("minimum",), "the minimum lies above the maximum; swap them"


def _unit(field: FieldDeclaration) -> Iterator[Finding]:
    unit = field.unit
    if field.type == "timestamp" and unit not in ("", "timestamp_seconds"):
        yield ("unit",), "the unit of a timestamp is timestamp_seconds; remove it"
    elif unit and field.type not in (*NUMBERS, "timestamp"):
        yield ("unit",), f"a {field.type} has no unit; remove it"
    elif unit == "timestamp_seconds" and field.type != "timestamp":
        yield ("unit",), "a moment has a type of its own; write `type: timestamp`"
    elif unit in SPELT_UNITS and not field.name.endswith(f"_{unit}"):
        message = f"the name does not end in its unit; write {field.name}_{unit}"
        yield ("name",), f"{message}, or remove the unit"
    elif unit == "ratio" and ((field.minimum or 0) < 0 or (field.maximum or 1) > 1):
        yield ("unit",), "a ratio lies between 0 and 1; correct minimum and maximum"


def _default(field: FieldDeclaration) -> Iterator[Finding]:
    default = field.default
    if default is None:
        return
    if field.privacy in PERSONAL:
        yield ("default",), f"a field of privacy {field.privacy} has no default; remove it"
    if field.required:
        yield ("default",), "a required field needs no default; remove one of the two"
    if field.type not in ("string", "boolean"):
        yield ("default",), f"a {field.type} has no default: absent is not a number; remove it"
    elif isinstance(default, bool) is not (field.type == "boolean"):
        yield ("default",), f"the default of a {field.type} is {_kind(field)}; correct it"
    elif field.choices and default not in field.choices:
        yield ("default",), f"{default!r} is none of the choices; add it to them or correct it"
    elif isinstance(default, str) and not 0 < len(default) <= (field.max_length or LONGEST_STRING):
        yield ("default",), "the default is empty or longer than max_length; correct it"


def _kind(field: FieldDeclaration) -> str:
    return "true or false" if field.type == "boolean" else "text; put it in quotes"
