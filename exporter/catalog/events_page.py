"""The page of the reference about events: what a bot may send, with an example of each type."""

import json
from collections.abc import Iterable, Iterator

from .build import MOST_PROPERTIES
from .examples import example
from .markdown import code, link, page, table
from .spec import Catalog, EventType, Field, FieldType, Privacy
from .subjects import Subject, subject_of_event

_INTRODUCTION = """\
Every event a bot may send to `POST /v1/events`, one JSON object each.
It holds `type`, the fields of [the envelope](#envelope), and the fields of its type.
A field that is not listed is refused; put what is yours into `properties`.
`null` stands for a field that is left out, where the field has no default.
[events.schema.json](events.schema.json) says the same to a machine."""
_PRIVACY = """\
| Class | What happens to the field |
| --- | --- |
| public | stored as it is; may become a label |
| internal | stored as it is; never becomes a label |
| pseudonym | replaced by a keyed digest |
| content | text of people: dropped, or masked where the operator keeps it; `properties`: masked |
| contact | sealed for integrations, or dropped |"""
_HEAD = ("Field", "Type", "Unit", "Bounds", "Privacy", "Required", "Meaning")


def events_reference(catalog: Catalog) -> str:
    """Return the page of all event types with their fields and an example of each."""
    return page(
        "# Events",
        _INTRODUCTION,
        _index(catalog),
        "## Privacy classes",
        _PRIVACY,
        "## Envelope",
        "The fields every event may carry.",
        _fields(catalog.envelope),
        *(part for event in catalog.events for part in _event(event, catalog)),
    )


def _index(catalog: Catalog) -> str:
    rows = []
    for subject in Subject:
        events = [event for event in catalog.events if subject_of_event(event) is subject]
        rows += [(subject.value, link(code(e.name), e.name), e.doc) for e in events]
    return table(("Subject", "Event", "Meaning"), rows)


def _event(event: EventType, catalog: Catalog) -> Iterator[str]:
    yield f"## {event.name}"
    yield event.doc
    if event.fields:
        yield _fields(event.fields)
    else:
        yield "It has no fields of its own."
    yield f"```json\n{json.dumps(example(event, catalog), ensure_ascii=False)}\n```"


def _fields(fields: Iterable[Field]) -> str:
    return table(_HEAD, (_row(field) for field in fields))


def _row(field: Field) -> tuple[str, ...]:
    return (
        code(field.name),
        field.type.value,
        field.unit.value,
        _bounds(field),
        "" if field.privacy is Privacy.PUBLIC else field.privacy.value,
        "yes" if field.required else _default(field),
        field.doc,
    )


def _bounds(field: Field) -> str:
    if field.choices:
        return ", ".join(code(choice) for choice in field.choices)
    if field.type is FieldType.PROPERTIES:
        return f"≤ {MOST_PROPERTIES} keys"
    if field.max_length is not None:
        return f"1..{field.max_length:,} characters"
    if field.minimum is None or field.maximum is None:
        return ""
    return f"{field.minimum:,g}..{_large(field.maximum)}"


def _large(number: float) -> str:
    return f"{int(number):,}" if float(number).is_integer() else f"{number:g}"


def _default(field: Field) -> str:
    if field.default is None:
        return "no"
    return f"no: {code(json.dumps(field.default))}"
