"""Why an event is rejected, where, and what to do about it: `exporter.ingest.explain`."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.catalog.builtin import CATALOG
from exporter.catalog.spec import EventType, FieldType
from exporter.ingest.explain import LONGEST_DETAILED, MOST_DETAILED
from exporter.model.verdicts import Reason, Rejected
from tests.unit.ingest.parts import new_decoder, sample

DECODER = new_decoder()
CANARY = "canary-7421"

CASES = [
    (b"{", Reason.MALFORMED, "$", "not valid JSON"),
    (b'{"type":"deploy","bot":"\xff"}', Reason.MALFORMED, "$", "UTF-8"),
    (b"1", Reason.NOT_AN_OBJECT, "$", "one JSON object per event"),
    (b"{}", Reason.MISSING_FIELD, "$.type", "add it"),
    (b'{"type":1}', Reason.WRONG_TYPE, "$.type", "send that type"),
    (b'{"type":"nope"}', Reason.UNKNOWN_TYPE, "$.type", "GET /v1/schema"),
    (b'{"type":"unknown field"}', Reason.UNKNOWN_TYPE, "$.type", "GET /v1/schema"),
]
FIELDS: list[tuple[dict[str, object], Reason, str, str]] = [
    ({"extra": 1}, Reason.UNKNOWN_FIELD, "$.extra", "into `properties`"),
    ({"a`b": 1}, Reason.UNKNOWN_FIELD, "$.a`b", "into `properties`"),
    ({"bot": None}, Reason.WRONG_TYPE, "$.bot", "send that type"),
    ({"bot": ""}, Reason.OUT_OF_RANGE, "$.bot", "leave it out"),
    ({"bot": "x" * 65}, Reason.TOO_LONG, "$.bot", "shorten it"),
    ({"response_seconds": "1"}, Reason.WRONG_TYPE, "$.response_seconds", "send that type"),
    ({"response_seconds": True}, Reason.WRONG_TYPE, "$.response_seconds", "send that type"),
    ({"response_seconds": -1}, Reason.OUT_OF_RANGE, "$.response_seconds", "check the unit"),
    ({"response_seconds": 86_401}, Reason.OUT_OF_RANGE, "$.response_seconds", "check the unit"),
    ({"kind": "nope"}, Reason.NOT_A_CHOICE, "$.kind", "lists the choices"),
    ({"kind": 'it\'s "x"'}, Reason.NOT_A_CHOICE, "$.kind", "lists the choices"),
    ({"kind": "missing required field"}, Reason.NOT_A_CHOICE, "$.kind", "lists the choices"),
    ({"kind": "out of range"}, Reason.NOT_A_CHOICE, "$.kind", "lists the choices"),
    ({"ts": "yesterday"}, Reason.WRONG_TYPE, "$.ts", "2026-01-31T12:00:00Z"),
    ({"ts": "2026-01-31T12:00:00"}, Reason.WRONG_TYPE, "$.ts", "timezone"),
    ({"ts": True}, Reason.WRONG_TYPE, "$.ts", "2026-01-31T12:00:00Z"),
    ({"ts": -1}, Reason.OUT_OF_RANGE, "$.ts", "check the unit"),
    ({"ts": 1_770_000_000_000}, Reason.OUT_OF_RANGE, "$.ts", "check the unit"),
    ({"text": "x" * 65_537}, Reason.TOO_LONG, "$.text", "shorten it"),
    ({"properties": []}, Reason.WRONG_TYPE, "$.properties", "send that type"),
    ({"properties": {"a": {}}}, Reason.WRONG_TYPE, "$.properties[...]", "send that type"),
    ({"properties": {"a": "x" * 4097}}, Reason.TOO_LONG, "$.properties[...]", "shorten it"),
    ({"properties": {"": 1}}, Reason.OUT_OF_RANGE, "$.properties", "leave it out"),
    ({"properties": {"x" * 65: 1}}, Reason.TOO_LONG, "$.properties", "shorten it"),
    (
        {"properties": {f"k{n}": 1 for n in range(65)}},
        Reason.TOO_LONG,
        "$.properties",
        "shorten it",
    ),
]
# The others are found behind the decoder, by `exporter.ingest.admit`.
OF_THE_DECODER = {
    Reason.MALFORMED,
    Reason.NOT_AN_OBJECT,
    Reason.UNKNOWN_TYPE,
    Reason.UNKNOWN_FIELD,
    Reason.MISSING_FIELD,
    Reason.WRONG_TYPE,
    Reason.OUT_OF_RANGE,
    Reason.NOT_A_CHOICE,
    Reason.TOO_LONG,
}


def verdict_on(raw: bytes) -> Rejected:
    """Return the verdict on the only event of a request."""
    (verdict,) = DECODER.decode(raw, ndjson=False).rejected
    return verdict


def message_on(**fields: object) -> str:
    """Return the message about a bad `feedback`."""
    return verdict_on(json.dumps(sample("feedback", **fields)).encode()).message


@pytest.mark.parametrize(
    ("raw", "reason", "path", "remedy"),
    [*CASES, *((json.dumps(sample("message_sent") | f).encode(), *rest) for f, *rest in FIELDS)],
)
def test_a_verdict_names_the_reason_the_place_and_the_remedy(
    raw: bytes, reason: Reason, path: str, remedy: str
) -> None:
    """A developer must be able to repair the event with nothing but the answer."""
    verdict = verdict_on(raw)

    assert (0, reason, path) == (verdict.index, verdict.reason, verdict.path)
    assert remedy in verdict.message


def test_every_reason_of_the_decoder_is_reached() -> None:
    """A reason that nothing leads to is a label that is always 0."""
    assert {case[1] for case in (*CASES, *FIELDS)} == OF_THE_DECODER


@pytest.mark.parametrize("event", CATALOG.events, ids=lambda event: event.name)
def test_a_message_never_holds_the_value(event: EventType) -> None:
    """A value may be personal, and answers end up in the log files of bots."""
    fields = CATALOG.fields(event)
    wrong = [CANARY, CANARY * 10_000, [CANARY], {CANARY: CANARY}, {"a": [CANARY]}]
    raws = [
        json.dumps(sample(event.name, **{name: value})).encode()
        for name in ("type", *fields)
        for value in wrong
    ]

    verdicts = [v for raw in raws for v in DECODER.decode(raw, ndjson=False).rejected]

    assert len(fields) <= len(verdicts)
    assert [] == [v for v in verdicts if CANARY in v.message or CANARY in v.path]


@given(st.text(max_size=40), st.sampled_from(["kind", "status", "source"]))
def test_whatever_a_choice_is_replaced_by_the_reason_is_the_same(value: str, field: str) -> None:
    """The value is no part of what is looked at."""
    choices = next(f.choices for f in CATALOG.by_event["message_sent"].fields if f.name == field)
    event = sample("message_sent", **{field: f"{value}!"})
    assert f"{value}!" not in choices

    verdict = verdict_on(json.dumps(event).encode())

    assert (Reason.NOT_A_CHOICE, f"$.{field}") == (verdict.reason, verdict.path)
    assert message_on_choice() == verdict.message


def message_on_choice() -> str:
    """Return what is said of every value that is no choice."""
    return "Invalid enum value; GET /v1/schema lists the choices"


def test_all_mistakes_of_an_event_are_listed() -> None:
    """So that one round is enough to repair it."""
    message = message_on(csat=0, nps=99, extra=1, thumbs="sideways", requested=None)

    for path in ("$: unknown field", "$.csat", "$.nps", "$.thumbs", "$.requested"):
        assert path in message


def test_a_choice_that_may_be_missing_lists_only_its_values() -> None:
    """None is a word of Python, not of JSON."""
    assert "must be one of up, down)" in message_on(csat=0, thumbs="sideways")


def test_a_broken_text_behind_the_first_mistake_is_no_defect() -> None:
    """The search for more mistakes meets bytes that the first one hid."""
    raw = b'{"type":"feedback","bot":"b","extra":1,"comment":"\xff"}'

    assert verdict_on(raw).reason in {Reason.UNKNOWN_FIELD, Reason.MALFORMED}


def test_only_the_first_events_of_a_request_are_listed_in_full() -> None:
    """Jsonschema takes 130 us an event."""
    bad = json.dumps(sample("feedback", csat=0, nps=99)).encode()

    rejected = DECODER.decode(b"\n".join([bad] * 15), ndjson=True).rejected

    detailed = ["$.nps" in verdict.message for verdict in rejected]
    assert [True] * MOST_DETAILED + [False] * 5 == detailed


def test_a_huge_event_is_not_searched_for_more_mistakes() -> None:
    """It costs time in proportion to its size."""
    message = message_on(csat=0, nps=99, comment="x" * LONGEST_DETAILED)

    assert "$.nps" not in message


@pytest.mark.parametrize("length", [200, 50_000, 500_000])
def test_long_names_of_fields_are_cut(length: int) -> None:
    """An answer must not grow with what was sent."""
    name = "n" * length

    verdicts = [
        verdict_on(json.dumps(sample("feedback") | fields).encode())
        for fields in (
            {name: 1},
            {name: 1, name + "2": 2, "csat": 0},
            {"properties": {name: [], name + "2": []}, "csat": 0},
        )
    ]

    assert all(len(v.message) < 1500 and len(v.path) < 200 for v in verdicts)


def test_every_field_type_of_the_catalogue_is_covered_here() -> None:
    """A new one needs words of its own."""
    assert {"STRING", "INTEGER", "NUMBER", "BOOLEAN", "TIMESTAMP", "PROPERTIES"} == {
        kind.name for kind in FieldType
    }
