"""Catalogue -> JSON Schema (2020-12) of the events bots may send."""

from typing import Any

from ..model.units import Unit
from .build import (
    END_OF_TIME,
    LARGEST_INTEGER,
    MOST_PROPERTIES,
    PROPERTY_KEY_LENGTH,
    PROPERTY_LENGTH,
    TAG,
)
from .spec import Catalog, EventType, Field, FieldType, Privacy

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_PRIVACY_NOTES = {
    Privacy.PUBLIC: "",
    Privacy.INTERNAL: "",
    Privacy.PSEUDONYM: " Kept only as a keyed digest.",
    Privacy.CONTENT: " Personal data in it is masked before it is stored.",
    Privacy.CONTACT: " Sealed before it is stored, or dropped.",
}


def event_schema(catalog: Catalog) -> dict[str, Any]:
    """Return the schema that accepts one event of any declared type and nothing else."""
    return {
        "$schema": DIALECT,
        "title": "Event",
        "description": "One event of a bot.",
        "oneOf": [{"$ref": f"#/$defs/{event.name}"} for event in catalog.events],
        "$defs": {event.name: type_schema(catalog, event) for event in catalog.events},
    }


def type_schema(catalog: Catalog, event: EventType) -> dict[str, Any]:
    """Return the schema of one event type."""
    fields = catalog.fields(event).values()
    return {
        "title": event.name,
        "description": event.doc,
        "type": "object",
        "properties": {
            TAG: {"const": event.name, "description": "Event type."},
            **{field.name: field_schema(field) for field in fields},
        },
        "required": [TAG, *(field.name for field in fields if field.required)],
        "additionalProperties": False,
    }


def field_schema(field: Field) -> dict[str, Any]:
    """Return the schema of one field."""
    schema = {"description": field.doc + _PRIVACY_NOTES[field.privacy], **_value(field)}
    if field.default is not None:
        schema["default"] = field.default
    elif not field.required:
        schema = _nullable(schema)
    if field.unit not in (Unit.NONE, Unit.TIMESTAMP):
        schema["x-unit"] = field.unit.value
    schema["x-privacy"] = field.privacy.value
    return schema


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """Let null stand for a missing field."""
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    if "enum" in schema:
        return {**schema, "enum": [*schema["enum"], None]}
    return {**schema, "type": [schema["type"], "null"]}


def _value(field: Field) -> dict[str, Any]:
    match field.type:
        case FieldType.STRING if field.choices:
            return {"enum": list(field.choices)}
        case FieldType.STRING:
            return {"type": "string", "minLength": 1, "maxLength": field.max_length}
        case FieldType.INTEGER | FieldType.NUMBER:
            bounds = {"minimum": field.minimum, "maximum": field.maximum}
            return {
                "type": field.type.value,
                **{name: bound for name, bound in bounds.items() if bound is not None},
            }
        case FieldType.BOOLEAN:
            return {"type": "boolean"}
        case FieldType.TIMESTAMP:
            number = {"type": "number", "minimum": 0, "maximum": END_OF_TIME}
            return {"anyOf": [number, {"type": "string", "format": "date-time"}]}
        case FieldType.PROPERTIES:
            return _properties()


def _properties() -> dict[str, Any]:
    return {
        "type": "object",
        "maxProperties": MOST_PROPERTIES,
        "propertyNames": {"minLength": 1, "maxLength": PROPERTY_KEY_LENGTH},
        "additionalProperties": {
            "anyOf": [
                {"type": "string", "maxLength": PROPERTY_LENGTH},
                {"type": "integer", "minimum": -LARGEST_INTEGER, "maximum": LARGEST_INTEGER},
                {"type": "number"},
                {"type": "boolean"},
                {"type": "null"},
            ]
        },
    }
