"""The OpenAPI document of the ingest listener, built from the tables the code works with."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus

from .. import __version__
from ..model.verdicts import Reason, Refusal
from .body import ENCODINGS
from .statuses import OF_DOCUMENTS, OF_EVENTS, RETRIED, STATUS

Json = dict[str, object]

EVENTS_PATH = "/v1/events"
SCHEMA_PATH = "/v1/schema"
OPENAPI_PATH = "/openapi.json"
# The last is what curl --data sends when nobody says better; it is never decoded as a form.
JSON_TYPES = ("application/json", "text/plain", "application/x-www-form-urlencoded")
LINES_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl")

_OF_A_WHOLE_SCHEMA = ("$schema", "$id", "$defs")
_SCHEMAS = "#/components/schemas/"
_ERRORS = (*Refusal, "internal")
_COUNT: Json = {"type": "integer", "minimum": 0}
_VERDICTS_OR_ERROR: Json = {
    "oneOf": [{"$ref": "#/components/schemas/Verdicts"}, {"$ref": "#/components/schemas/Error"}]
}
_MEANINGS = {
    HTTPStatus.OK: "The document.",
    HTTPStatus.NOT_MODIFIED: "The document has not changed since the one with this ETag.",
    HTTPStatus.ACCEPTED: "Every accepted event is on disk. Rejected ones are listed.",
    HTTPStatus.BAD_REQUEST: "The request is malformed, or every event was rejected.",
    HTTPStatus.FORBIDDEN: "The token lacks the scope, or may not send events of these bots.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A defect of the exporter; nothing was accepted.",
}


def openapi_document(event_schema: Mapping[str, object]) -> Json:
    """Return the OpenAPI 3.1 document; *event_schema* is the JSON Schema of one event."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "bot_exporter: event ingest",
            "version": __version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": {
            EVENTS_PATH: {"post": _post_events()},
            SCHEMA_PATH: _document_path("schema", "The JSON Schema of an event."),
            OPENAPI_PATH: _document_path("openapi", "This document."),
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "headers": _headers(),
            "schemas": {
                **_event_schemas(event_schema),
                "Verdicts": _verdicts(),
                "Error": _error(),
            },
        },
    }


def _post_events() -> Json:
    events: Json = {
        "oneOf": [
            {"$ref": "#/components/schemas/Event"},
            {"type": "array", "items": {"$ref": "#/components/schemas/Event"}},
        ]
    }
    lines: Json = {"type": "string", "description": "One event per line."}
    return {
        "operationId": "sendEvents",
        "summary": "Send one event or a batch.",
        "description": "Send a batch again, with the same ids, after a timeout or a status with "
        "Retry-After: repeated events count once.",
        "security": [{"token": []}],
        "parameters": [
            {
                "name": "Content-Encoding",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "enum": list(ENCODINGS), "default": ENCODINGS[0]},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                **{media_type: {"schema": events} for media_type in JSON_TYPES},
                **{media_type: {"schema": lines} for media_type in LINES_TYPES},
            },
        },
        "responses": _responses(OF_EVENTS),
    }


def _document_path(name: str, summary: str) -> Json:
    """Return the GET and HEAD operations of a static document."""
    return {
        method: {
            "operationId": f"{method}{name.capitalize()}",
            "summary": summary,
            "security": [],
            "responses": _responses(OF_DOCUMENTS, has_body=method == "get"),
        }
        for method in ("get", "head")
    }


def _responses(statuses: Iterable[HTTPStatus], *, has_body: bool = True) -> Json:
    return {str(int(status)): _response(status, has_body=has_body) for status in sorted(statuses)}


def _response(status: HTTPStatus, *, has_body: bool) -> Json:
    response: Json = {"description": _MEANINGS.get(status) or _refusals(status)}
    headers = _headers_of(status)
    if headers:
        response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in headers}
    if has_body and status is not HTTPStatus.NOT_MODIFIED:
        response["content"] = {"application/json": {"schema": _body(status)}}
    return response


def _refusals(status: HTTPStatus) -> str:
    names = ", ".join(refusal for refusal, row in STATUS.items() if row is status)
    return f"{status.phrase}: {names}."


def _headers_of(status: HTTPStatus) -> tuple[str, ...]:
    if status is HTTPStatus.UNAUTHORIZED:
        return ("WWW-Authenticate",)
    if status in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
        return ("ETag",)
    return ("Retry-After",) if status in RETRIED else ()


def _body(status: HTTPStatus) -> Json:
    if status is HTTPStatus.OK:
        return {"type": "object"}
    if status is HTTPStatus.ACCEPTED:
        return {"$ref": "#/components/schemas/Verdicts"}
    if status in (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN):
        return _VERDICTS_OR_ERROR
    return {"$ref": "#/components/schemas/Error"}


def _headers() -> Json:
    return {
        "WWW-Authenticate": {"schema": {"type": "string", "const": "Bearer"}},
        "ETag": {"schema": {"type": "string"}},
        "Retry-After": {
            "description": "Seconds to wait before sending the same request again.",
            "schema": {"type": "integer", "minimum": 1},
        },
    }


def _event_schemas(event_schema: Mapping[str, object]) -> Json:
    """Return the schema of an event and, next to it, the definitions it refers to."""
    definitions = event_schema.get("$defs", {})
    # Tools look up "#/$defs/..." in the whole document, even below an "$id" of its own.
    event = {key: value for key, value in event_schema.items() if key not in _OF_A_WHOLE_SCHEMA}
    schemas = {**definitions, "Event": event} if isinstance(definitions, Mapping) else {}
    return {name: _moved(schema) for name, schema in schemas.items()}


def _moved(schema: object) -> object:
    if isinstance(schema, Mapping):
        return {
            key: value.replace("#/$defs/", _SCHEMAS) if key == "$ref" else _moved(value)
            for key, value in schema.items()
        }
    if isinstance(schema, list | tuple):
        return [_moved(value) for value in schema]
    return schema


def _verdicts() -> Json:
    rejected: Json = {
        "index": {**_COUNT, "description": "Position in the request, from 0."},
        "reason": {"type": "string", "enum": list(Reason)},
        "path": {"type": "string", "examples": ["$.platform"]},
        "message": {"type": "string"},
    }
    return _object(
        {
            "accepted": _COUNT,
            "duplicates": _COUNT,
            "rejected": {"type": "array", "items": _object(rejected)},
        }
    )


def _error() -> Json:
    text: Json = {"type": "string"}
    return _object(
        {
            "error": {"type": "string", "enum": list(_ERRORS)},
            "message": text,
            "request_id": {**text, "description": "Name it when you report a problem."},
        }
    )


def _object(properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
