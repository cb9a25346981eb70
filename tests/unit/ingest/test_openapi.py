"""The OpenAPI document says exactly what the door does."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from exporter.catalog.builtin import CATALOG
from exporter.catalog.schema import event_schema
from exporter.ingest.body import ENCODINGS
from exporter.ingest.http_body import MEDIA_TYPES
from exporter.ingest.openapi import openapi_document
from exporter.ingest.statuses import OF_DOCUMENTS, OF_EVENTS, RETRIED, STATUS
from exporter.model.verdicts import Reason, Refusal

from .door import open_door

EVENT_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"type": {"$ref": "#/$defs/name"}},
    "$defs": {"name": {"type": "string"}},
}


@pytest.fixture
def document() -> dict[str, Any]:
    """Return the document for the built-in events."""
    return openapi_document(event_schema(CATALOG))


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and description of every operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    """Generators of clients read it."""
    OpenAPIV31SpecValidator(document).validate()


def test_references_of_the_event_schema_lead_into_the_document() -> None:
    """Definitions stand where tools look for them, under their own names."""
    document = openapi_document(EVENT_SCHEMA)

    schemas = document["components"]["schemas"]  # type: ignore[index]
    assert {"type": "string"} == schemas["name"]
    assert {"$ref": "#/components/schemas/name"} == schemas["Event"]["properties"]["type"]


async def test_every_route_is_in_the_document_and_the_other_way_round(
    document: dict[str, Any],
) -> None:
    """A route that is missing on either side fails here."""
    async with open_door() as door:
        app = door.api.make_app()
    routes = {(route.method, route.resource.canonical) for route in app.router.routes()}  # type: ignore[union-attr]

    assert routes == {(method, path) for method, path, _ in operations(document)}


def test_every_status_is_in_the_document_and_the_other_way_round(document: dict[str, Any]) -> None:
    """The status table has one source."""
    described = {
        (method, path): {int(status) for status in operation["responses"]}
        for method, path, operation in operations(document)
    }

    assert set(STATUS) == set(Refusal)
    assert OF_EVENTS == described["POST", "/v1/events"]
    assert all(
        OF_DOCUMENTS == statuses
        for (_, path), statuses in described.items()
        if path != "/v1/events"
    )


def test_every_status_that_says_when_to_come_back_documents_it(document: dict[str, Any]) -> None:
    """Retry-After exactly where the code sends it, and the challenge with 401."""
    responses = document["paths"]["/v1/events"]["post"]["responses"]
    with_retry = {
        HTTPStatus(int(status))
        for status, response in responses.items()
        if "Retry-After" in response.get("headers", {})
    }

    assert RETRIED == with_retry
    assert ["WWW-Authenticate"] == list(responses["401"]["headers"])


def test_the_request_body_lists_what_the_door_reads(document: dict[str, Any]) -> None:
    """Media types and encodings come from the tables of the code."""
    operation = document["paths"]["/v1/events"]["post"]

    assert set(MEDIA_TYPES) - {""} == set(operation["requestBody"]["content"])
    assert list(ENCODINGS) == operation["parameters"][0]["schema"]["enum"]


def test_only_sending_needs_a_token(document: dict[str, Any]) -> None:
    """The documents are public."""
    secured = {path for _, path, operation in operations(document) if operation["security"]}

    assert {"/v1/events"} == secured


def test_the_schemas_are_valid_and_know_every_reason(document: dict[str, Any]) -> None:
    """A client can switch over all of them."""
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)

    rejected = schemas["Verdicts"]["properties"]["rejected"]["items"]["properties"]
    assert list(Reason) == rejected["reason"]["enum"]
    assert set(Refusal) < set(schemas["Error"]["properties"]["error"]["enum"])
