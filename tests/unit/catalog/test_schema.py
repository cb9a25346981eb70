"""
The published JSON Schema and the decoder accept the same events.

Where they cannot agree the differences are listed here, each with its test: the decoder reads
``1.0`` as no whole number and refuses whole numbers that JSON readers round, takes a blank for
the ``T`` of a time, and leaves the check of `received_at` to the door.
"""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec import ValidationError
from msgspec.json import Decoder

from exporter.catalog.build import event_structs
from exporter.catalog.builtin import CATALOG
from exporter.catalog.examples import example
from exporter.catalog.schema import event_schema, type_schema
from exporter.catalog.spec import EventType

from .json_values import anything, objects

Event = dict[str, Any]

CHECKER = Draft202012Validator.FORMAT_CHECKER
DECODER = Decoder(event_structs(CATALOG, strict=True).union)
SCHEMAS = {event.name: type_schema(CATALOG, event) for event in CATALOG.events}
EVENTS = {name: objects(schema) for name, schema in SCHEMAS.items()}
VALIDATORS = {
    name: Draft202012Validator(schema, format_checker=CHECKER) for name, schema in SCHEMAS.items()
}
QUEUE: Event = {"type": "queue", "bot": "shop", "queue": "outgoing", "depth": 1}
EVERY_TYPE = pytest.mark.parametrize("event", CATALOG.events, ids=lambda event: event.name)


def decodes(event: Event) -> bool:
    """Tell whether the decoder takes the event."""
    try:
        DECODER.decode(json.dumps(event).encode())
    except ValidationError:
        return False
    return True


def is_valid(event: Event) -> bool:
    """Tell whether the published schema of its type allows the event."""
    return VALIDATORS[event["type"]].is_valid(event)


def is_known_difference(value: object) -> bool:
    """Tell whether the two are known to see *value*, or something in it, differently."""
    if isinstance(value, dict):
        return any(is_known_difference(inner) for inner in value.values())
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and abs(value) >= 2**53


def test_the_schema_of_all_events_is_a_json_schema() -> None:
    """Every validator of draft 2020-12 can read it."""
    Draft202012Validator.check_schema(event_schema(CATALOG))


def test_the_schema_of_all_events_knows_each_type() -> None:
    """An event of one type is valid as exactly this type."""
    validator = Draft202012Validator(event_schema(CATALOG), format_checker=CHECKER)

    assert all(validator.is_valid(example(event, CATALOG)) for event in CATALOG.events)
    assert not validator.is_valid({**QUEUE, "type": "sprocket"})


@EVERY_TYPE
def test_the_example_of_a_type_is_valid(event: EventType) -> None:
    """What the reference shows can be copied and sent."""
    shown = example(event, CATALOG)

    assert is_valid(shown)
    assert decodes(shown)


@EVERY_TYPE
@settings(max_examples=8)
@given(data=st.data())
def test_what_the_schema_allows_the_decoder_takes(event: EventType, data: st.DataObject) -> None:
    """A bot that checks its events against the schema is never refused for their form."""
    generated = data.draw(EVENTS[event.name])

    assert is_valid(generated)
    assert decodes(generated)


@EVERY_TYPE
@settings(max_examples=20)
@given(data=st.data())
def test_both_judge_a_changed_field_alike(event: EventType, data: st.DataObject) -> None:
    """Whatever stands in a field, the schema and the decoder agree on it."""
    changed = deepcopy(data.draw(EVENTS[event.name]))
    names = [name for name in SCHEMAS[event.name]["properties"] if name != "type"]
    name = data.draw(st.sampled_from(names))
    changed[name] = data.draw(anything().filter(lambda value: not is_known_difference(value)))

    assert is_valid(changed) == decodes(changed)


@EVERY_TYPE
def test_both_refuse_an_event_without_a_required_field(event: EventType) -> None:
    """Nothing that a metric needs may be missing."""
    for name in SCHEMAS[event.name]["required"]:
        if name != "type":
            lacking = {k: v for k, v in example(event, CATALOG).items() if k != name}

            assert not is_valid(lacking)
            assert not decodes(lacking)


@EVERY_TYPE
def test_both_refuse_an_unknown_field(event: EventType) -> None:
    """A misspelt field is an error of the bot, not data to be dropped."""
    odd = {**example(event, CATALOG), "amonut": 1}

    assert not is_valid(odd)
    assert not decodes(odd)


@pytest.mark.parametrize(
    "change",
    [
        {"depth": -1},
        {"depth": 10**9 + 1},
        {"depth": True},
        {"depth": "1"},
        {"depth": None},
        {"oldest_seconds": -0.5},
        {"queue": ""},
        {"queue": "q" * 65},
        {"queue": "\N{GRINNING FACE}" * 65},
        {"platform": None},
        {"ts": "2026-03-02T09:30:00"},
        {"ts": "yesterday"},
        {"ts": -1},
        {"ts": True},
        {"properties": {"a": [1]}},
        {"properties": {"": 1}},
        {"properties": {str(n): n for n in range(65)}},
        {"properties": []},
    ],
    ids=str,
)
def test_both_refuse_what_lies_outside(change: Event) -> None:
    """Ranges, lengths in characters, choices and zones are part of the promise."""
    assert not is_valid({**QUEUE, **change})
    assert not decodes({**QUEUE, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"depth": 10**9},
        {"oldest_seconds": 0},
        {"oldest_seconds": None},
        {"queue": "\N{GRINNING FACE}" * 64},
        {"ts": "2026-03-02T09:30:00+01:00"},
        {"ts": 1772443800.25},
        {"properties": {"a": None, "b": 1.5, "c": True, "d": "x"}},
        {"properties": None},
    ],
    ids=str,
)
def test_both_take_what_lies_just_inside(change: Event) -> None:
    """The bounds belong to what is allowed; null stands for absent."""
    assert is_valid({**QUEUE, **change})
    assert decodes({**QUEUE, **change})


@pytest.mark.parametrize(
    ("change", "by_schema", "by_decoder"),
    [
        ({"depth": 1.0}, True, False),
        ({"properties": {"a": 2**53}}, True, False),
        ({"ts": "2026-03-02 09:30:00Z"}, False, True),
        ({"received_at": 1}, False, True),
    ],
    ids=str,
)
def test_the_known_differences_stay_as_they_are(
    change: Event, *, by_schema: bool, by_decoder: bool
) -> None:
    """A difference that goes, or a new one that comes, is noticed."""
    assert by_schema == is_valid({**QUEUE, **change})
    assert by_decoder == decodes({**QUEUE, **change})
