"""Catalogue -> msgspec structs: the decoder, the validator and the stored form of events."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Union

import msgspec
from msgspec import UNSET, Meta, UnsetType

from .spec import Catalog, EventType, Field, FieldType

TAG = "type"
RECEIVED_AT = "received_at"
MOST_PROPERTIES = 64
PROPERTY_LENGTH = 4096
PROPERTY_KEY_LENGTH = 64
# Whole numbers that every JSON reader keeps exactly (RFC 8259, section 6).
LARGEST_INTEGER = 2**53 - 1
END_OF_TIME = 253_402_300_799  # 9999-12-31T23:59:59Z

_PropertyValue = (
    Annotated[str, Meta(max_length=PROPERTY_LENGTH)]
    | Annotated[int, Meta(ge=-LARGEST_INTEGER, le=LARGEST_INTEGER)]
    | float
    | bool
    | None
)
_Properties = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=PROPERTY_KEY_LENGTH)], _PropertyValue],
    Meta(max_length=MOST_PROPERTIES),
]
_LooseProperties = dict[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class EventStructs:
    """The struct classes of a catalogue's event types, by name, and their tagged union."""

    by_name: dict[str, type[msgspec.Struct]]
    union: Any


def attribute(event: EventType, field: Field) -> str:
    """
    Return the attribute of the struct that holds the field.

    Fields of users' event types get names of ours, because generated code contains them.
    """
    if event.builtin or field not in event.fields:
        return field.name
    return f"x{event.fields.index(field)}"


def event_structs(catalog: Catalog, *, strict: bool) -> EventStructs:
    """
    Return one struct class per event type.

    Args:
        catalog: What to build from.
        strict: True checks ranges, lengths and unknown fields, for what bots send. False reads
            what the log holds: it was checked once, and a later version must still read it.
    """
    by_name = {event.name: _struct(catalog, event, strict=strict) for event in catalog.events}
    return EventStructs(by_name=by_name, union=Union[tuple(by_name.values())])  # noqa: UP007 - built from a list


def _struct(catalog: Catalog, event: EventType, *, strict: bool) -> type[msgspec.Struct]:
    fields = [*catalog.envelope, *event.fields]
    renamed = {attribute(event, f): f.name for f in fields if attribute(event, f) != f.name}
    return msgspec.defstruct(
        "".join(part.capitalize() for part in event.name.split("_")),
        [*_members(event, fields, strict=strict), (RECEIVED_AT, float | UnsetType, UNSET)],
        kw_only=True,
        tag_field=TAG,
        tag=event.name,
        rename=renamed or None,
        omit_defaults=True,
        forbid_unknown_fields=strict,
        gc=False,
    )


def _members(event: EventType, fields: Iterable[Field], *, strict: bool) -> list[Any]:
    members: list[Any] = []
    for field in fields:
        kind = _strict_type(field) if strict else _loose_type(field)
        if field.required:
            members.append((attribute(event, field), kind))
        elif field.default is not None:
            members.append((attribute(event, field), kind, field.default))
        else:
            members.append((attribute(event, field), kind | None, None))
    return members


def _strict_type(field: Field) -> Any:  # noqa: ANN401, PLR0911 - a type form; one return a case
    match field.type:
        case FieldType.STRING if field.choices:
            return Literal[field.choices]
        case FieldType.STRING:
            return Annotated[str, Meta(min_length=1, max_length=field.max_length)]
        case FieldType.INTEGER:
            return Annotated[int, Meta(ge=_whole(field.minimum), le=_whole(field.maximum))]
        case FieldType.NUMBER:
            return Annotated[float, Meta(ge=field.minimum, le=field.maximum)]
        case FieldType.BOOLEAN:
            return bool
        case FieldType.TIMESTAMP:
            return Annotated[float, Meta(ge=0, le=END_OF_TIME)] | Annotated[datetime, Meta(tz=True)]
        case FieldType.PROPERTIES:
            return _Properties


def _loose_type(field: Field) -> Any:  # noqa: ANN401 - a type form
    match field.type:
        case FieldType.STRING:
            return str
        case FieldType.INTEGER:
            return int
        case FieldType.NUMBER | FieldType.TIMESTAMP:
            return float
        case FieldType.BOOLEAN:
            return bool
        case FieldType.PROPERTIES:
            return _LooseProperties


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)
