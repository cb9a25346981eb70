"""The structs built from the catalogue: strict for bots, lenient for what the log holds."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pytest
from msgspec import UNSET, ValidationError
from msgspec.json import Decoder, encode

from exporter.catalog.build import EventStructs, attribute, event_structs
from exporter.catalog.builtin import CATALOG
from exporter.catalog.examples import example
from exporter.catalog.spec import EventType

from . import small

Json: TypeAlias = Any

STRICT = event_structs(CATALOG, strict=True)
LOOSE = event_structs(CATALOG, strict=False)
OWN = small.catalog(events=(replace(small.SHIPPED, builtin=False),))
EVERY_TYPE = pytest.mark.parametrize("event", CATALOG.events, ids=lambda event: event.name)


def decoded(structs: EventStructs, event: Json) -> Json:
    """Return the event as the decoder of *structs* reads it."""
    return Decoder(structs.union).decode(encode(event))


def decoded_as_dict(event: object) -> Json:
    """Return the event as anybody reads it who parses what is stored."""
    return Decoder().decode(encode(event))


@EVERY_TYPE
def test_an_event_becomes_the_struct_of_its_type(event: EventType) -> None:
    """The field `type` alone decides which struct an event becomes."""
    assert STRICT.by_name[event.name] is type(decoded(STRICT, example(event, CATALOG)))


@EVERY_TYPE
def test_a_stored_event_reads_back_as_it_was(event: EventType) -> None:
    """The log holds what the strict struct writes, with numbers for times."""
    sent = example(event, CATALOG)
    times = {name: 1.5 for name in sent if name in ("ts", "updated_at")}
    accepted = decoded(STRICT, {**sent, **times})

    stored = decoded(LOOSE, {**decoded_as_dict(accepted), "received_at": 2.5})

    assert {**decoded_as_dict(accepted), "received_at": 2.5} == decoded_as_dict(stored)


def test_a_later_version_reads_what_an_earlier_one_stored() -> None:
    """Schemas grow: a field this version does not know, or bounds differently, stays readable."""
    stored = {"type": "queue", "bot": "shop", "queue": "q" * 99, "depth": -1, "colour": "red"}

    assert -1 == decoded(LOOSE, stored).depth
    with pytest.raises(ValidationError):
        decoded(STRICT, stored)


def test_a_missing_field_is_its_default_or_none() -> None:
    """Labels get a value from every event; numbers that nobody sent are no zeros."""
    event = decoded(STRICT, {"type": "message_sent", "bot": "shop"})

    assert ("unknown", "ok", None) == (event.platform, event.status, event.response_seconds)
    assert UNSET is event.received_at


def test_defaults_are_left_out_of_what_is_stored() -> None:
    """A log of a million events does not hold what nobody sent."""
    event = decoded(STRICT, {"type": "heartbeat", "bot": "shop"})

    assert b'{"type":"heartbeat","bot":"shop"}' == encode(event)


def test_a_time_is_a_number_or_has_a_zone() -> None:
    """A time without a zone means another moment on every machine."""
    at = {"type": "heartbeat", "bot": "shop"}

    assert 1.5 == decoded(STRICT, {**at, "ts": 1.5}).ts
    assert (
        datetime(2026, 3, 2, tzinfo=UTC) == decoded(STRICT, {**at, "ts": "2026-03-02T00:00:00Z"}).ts
    )
    with pytest.raises(ValidationError):
        decoded(STRICT, {**at, "ts": "2026-03-02T00:00:00"})


@pytest.mark.parametrize("body", [b"NaN", b"Infinity", b"1e400", b'"1"', b"true"])
def test_what_is_no_finite_number_is_refused(body: bytes) -> None:
    """One NaN would poison the sum of a histogram for ever."""
    line = b'{"type":"queue","bot":"shop","queue":"q","depth":1,"oldest_seconds":' + body + b"}"

    with pytest.raises(ValueError, match=r"malformed|Expected|out of range"):
        Decoder(STRICT.union).decode(line)


def test_the_last_of_two_equal_keys_counts() -> None:
    """As in every JSON reader that people compare with."""
    line = b'{"type":"queue","bot":"a","queue":"q","depth":1,"depth":2}'

    assert 2 == Decoder(STRICT.union).decode(line).depth


def test_fields_of_own_events_get_attributes_of_ours() -> None:
    """Generated code never contains a name that a user chose."""
    event = OWN.events[0]

    assert ["x0", "x1"] == [attribute(event, field) for field in event.fields]
    assert "bot" == attribute(event, OWN.envelope[0])


def test_fields_of_own_events_keep_their_names_outside() -> None:
    """What is stored and what bots send is what the user declared."""
    structs = event_structs(OWN, strict=True)
    sent = {"type": "shipped", "bot": "shop", "carrier": "dhl", "travel_seconds": 5.0}

    event = decoded(structs, sent)

    assert "dhl" == event.x0
    assert sent == decoded_as_dict(event)
