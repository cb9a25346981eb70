"""Values that a JSON Schema allows, as far as the catalogue's schemas use the language."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Json = Any

_TEXT = st.characters(exclude_categories=["Cs"])  # JSON text holds no half of a surrogate pair.
_LONG = 200  # Longer strings are tried at the bound only.


def allowed(schema: Mapping[str, Json]) -> SearchStrategy[Json]:
    """Return a strategy for the values that *schema* allows."""
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([allowed(part) for part in schema["anyOf"]])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of([_of_type(kind, schema) for kind in kinds])


def objects(schema: Mapping[str, Json]) -> SearchStrategy[dict[str, Json]]:
    """Return a strategy for objects that *schema* allows: any of its properties, none beside."""
    members = {name: allowed(part) for name, part in schema["properties"].items()}
    required = {name: members[name] for name in schema["required"]}
    optional = {name: members[name] for name in members.keys() - required.keys()}
    return st.fixed_dictionaries(required, optional=dict(sorted(optional.items())))


def anything() -> SearchStrategy[Json]:
    """Return a strategy for JSON of every kind, near to and far from what events hold."""
    scalars = (
        st.none()
        | st.booleans()
        | st.integers(-(2**60), 2**60)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(_TEXT, max_size=_LONG)
        | _moments()
    )
    return scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.text(_TEXT), scalars)


def _of_type(kind: str, schema: Mapping[str, Json]) -> SearchStrategy[Json]:
    low, high = schema.get("minimum"), schema.get("maximum")
    match kind:
        case "null" | "boolean":
            return st.none() if kind == "null" else st.booleans()
        case "integer":
            return st.integers(low, high)
        case "number":
            return st.floats(low, high, allow_nan=False, allow_infinity=False)
        case "string" if schema.get("format") == "date-time":
            return _moments()
        case "string":
            return _strings(schema.get("minLength", 0), schema["maxLength"])
        case _:
            return _maps(schema)


def _strings(shortest: int, longest: int) -> SearchStrategy[str]:
    usual = st.text(_TEXT, min_size=shortest, max_size=min(longest, _LONG))
    return usual | st.sampled_from(["x" * longest, "ü" * longest])


def _moments() -> SearchStrategy[str]:
    moments = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1))  # noqa: DTZ001 - made aware
    return moments.map(lambda moment: moment.replace(tzinfo=UTC).isoformat())


def _maps(schema: Mapping[str, Json]) -> SearchStrategy[dict[str, Json]]:
    names = schema["propertyNames"]
    keys = st.text(_TEXT, min_size=names["minLength"], max_size=names["maxLength"])
    return st.dictionaries(keys, allowed(schema["additionalProperties"]), max_size=5)
