"""
The shape a document must have: a JSON Schema made from a Struct, and its answers in plain words.

A document is first tidied (keys without a value are left out, ``64MiB`` becomes a number), then
checked. Every mistake is found, not only the first.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from jsonschema import Draft202012Validator
from msgspec import Struct, json

from ..model.errors import Problem
from .document import Document, Path, Plain, quoted
from .quantities import Quantity
from .remedies import Finding, explain

Schema: TypeAlias = "Mapping[str, Plain]"

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MARK = "x-quantity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A tidied value, and what is wrong with it."""

    value: Plain
    findings: tuple[Finding, ...]

    def problems(self, document: Document) -> list[Problem]:
        """Return the findings with their places in *document*."""
        return [document.problem(path, message) for path, message in self.findings]


@dataclass(frozen=True)
class Shape:
    """What a document must look like to become a *struct*."""

    struct: type[Struct]

    @cached_property
    def schema(self) -> dict[str, Plain]:
        """Return the schema of tidied values: sizes and durations are numbers."""
        return _each(json.schema(self.struct), _without_null)

    @cached_property
    def published(self) -> dict[str, Plain]:
        """Return the JSON Schema of what people write: sizes and durations may carry units."""
        return {"$schema": DIALECT, **_each(self.schema, _with_units)}

    def fit(self, value: Plain) -> Fitted:
        """Return *value* in tidied form with every mistake in it."""
        findings: list[Finding] = []
        tidied = self._tidy(value, self.schema, (), findings)
        unreadable = {path for path, _ in findings}
        for error in self._validator.iter_errors(tidied):
            if tuple(error.absolute_path) not in unreadable:
                findings.extend(explain(error))
        return Fitted(value=tidied, findings=tuple(findings))

    def resolve(self, schema: Schema) -> Schema:
        """Return the schema that *schema* refers to, or itself."""
        reference = schema.get("$ref")
        definitions = self.schema["$defs"]
        if not isinstance(reference, str) or not isinstance(definitions, dict):
            return schema
        return _mapping(definitions[reference.removeprefix("#/$defs/")])

    @cached_property
    def _validator(self) -> Draft202012Validator:
        return Draft202012Validator(self.schema)

    def _tidy(self, value: Plain, schema: Schema, path: Path, out: list[Finding]) -> Plain:
        schema = self.resolve(schema)
        if isinstance(value, dict):
            return self._tidy_mapping(value, schema, path, out)
        if isinstance(value, list) and isinstance(items := schema.get("items"), dict):
            return [self._tidy(item, items, (*path, i), out) for i, item in enumerate(value)]
        if isinstance(value, str) and (mark := schema.get(MARK)):
            return _number(value, Quantity(mark), path, out)
        if isinstance(value, float) and schema.get("type") == "integer" and value.is_integer():
            return int(value)
        return value

    def _tidy_mapping(
        self, value: dict[str, Plain], schema: Schema, path: Path, out: list[Finding]
    ) -> Plain:
        known = _mapping(schema.get("properties"))
        others = _mapping(schema.get("additionalProperties"))
        return {
            key: self._tidy(item, _mapping(known.get(key, others)), (*path, key), out)
            for key, item in value.items()
            if item is not None or key not in known
        }


def prune(value: Plain, paths: Iterable[Path]) -> Plain:
    """Return *value* without the innermost mapping key on the way to each of *paths*."""
    cuts = {_cut(path) for path in paths}
    return {} if () in cuts else _without(value, (), cuts)


def _cut(path: Path) -> Path:
    last = max((i for i, step in enumerate(path) if isinstance(step, str)), default=-1)
    return path[: last + 1]


def _without(value: Plain, here: Path, cuts: set[Path]) -> Plain:
    if isinstance(value, dict):
        below = {key: (*here, key) for key in value}
        return {k: _without(value[k], path, cuts) for k, path in below.items() if path not in cuts}
    if isinstance(value, list):
        return [_without(item, (*here, index), cuts) for index, item in enumerate(value)]
    return value


def _number(text: str, quantity: Quantity, path: Path, out: list[Finding]) -> Plain:
    try:
        return quantity.parse(text)
    except ValueError:
        out.append((path, f"{quoted(text)} is no {quantity.value}; write {quantity.examples}"))
        return text


def _each(
    schema: Plain, change: Callable[[dict[str, Plain]], dict[str, Plain]]
) -> dict[str, Plain]:
    """Return a copy of *schema* with every subschema changed, innermost first."""
    result = _copied(schema, change)
    assert isinstance(result, dict)  # noqa: S101  # A schema stays a schema.
    return result


def _copied(schema: object, change: Callable[[dict[str, Plain]], dict[str, Plain]]) -> Plain:
    if isinstance(schema, dict):
        return change({key: _copied(value, change) for key, value in schema.items()})
    if isinstance(schema, list | tuple):
        return [_copied(item, change) for item in schema]
    if isinstance(schema, str | int | float | bool | None):
        return schema
    return str(schema)


def _without_null(schema: dict[str, Plain]) -> dict[str, Plain]:
    """Drop ``or null``: keys without a value are left out before the check."""
    forms = schema.get("anyOf")
    if not isinstance(forms, list) or {"type": "null"} not in forms:
        return schema
    rest = [form for form in forms if form != {"type": "null"}]
    outer = {k: v for k, v in schema.items() if k != "anyOf" and (k, v) != ("default", None)}
    return {**outer, **_mapping(rest[0])} if len(rest) == 1 else {**outer, "anyOf": rest}


def _with_units(schema: dict[str, Plain]) -> dict[str, Plain]:
    if MARK not in schema:
        return schema
    outer = {key: value for key, value in schema.items() if key in ("description", "default")}
    number = {key: value for key, value in schema.items() if key not in (*outer, MARK)}
    text: dict[str, Plain] = {"type": "string", "pattern": Quantity(schema[MARK]).pattern}
    return {**outer, "anyOf": [number, text]}


def _mapping(value: object) -> dict[str, Plain]:
    return value if isinstance(value, dict) else {}
