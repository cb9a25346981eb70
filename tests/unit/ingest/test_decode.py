"""Bytes of a request become events, each of the others gets a verdict: `exporter.ingest.decode`."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.ingest.decode import LONGEST_RESCUE, Decoded
from exporter.model.verdicts import Reason, Refusal, RefusedError
from tests.unit.ingest.parts import HEARTBEAT, new_decoder

DEEP = 200_000
DECODER = new_decoder()
FORMS = ("array", "ndjson")


def track(extra: str) -> bytes:
    """Return an event with more fields, written as they come."""
    return b'{"type":"track","bot":"shop","name":"n",' + extra.encode() + b"}"


# Events that are no events, each in a way of its own, and the reason of the verdict.
BAD = [
    (b"{}", Reason.MISSING_FIELD),
    (b"null", Reason.NOT_AN_OBJECT),
    (b"[]", Reason.NOT_AN_OBJECT),
    (b'"text"', Reason.NOT_AN_OBJECT),
    (track('"extra":1'), Reason.UNKNOWN_FIELD),
    (track('"amount":NaN'), Reason.MALFORMED),
    (track('"amount":-Infinity'), Reason.MALFORMED),
    (track('"amount":1e999'), Reason.OUT_OF_RANGE),
    (track(f'"amount":{"9" * 5000}'), Reason.OUT_OF_RANGE),
    (track('"id":"\\ud800"'), Reason.MALFORMED),
    (track('"id":"')[:-1] + b'\xff"}', Reason.MALFORMED),
    (track('"id":"')[:-1] + b'\xed\xa0\x80"}', Reason.MALFORMED),
    (track('"id":"')[:-1] + b'\x01"}', Reason.MALFORMED),
]


def decode(body: bytes, *, form: str = "array") -> Decoded:
    """Return what the decoder makes of *body*."""
    return DECODER.decode(body, ndjson=form == "ndjson")


def batch(*events: bytes, form: str) -> bytes:
    """Return a body that holds *events*."""
    return b"\n".join(events) if form == "ndjson" else b"[" + b",".join(events) + b"]"


def refusal_of(body: bytes, *, form: str = "array", max_events: int = 1000) -> Refusal | None:
    """Return why *body* is refused as a whole; None when it is not."""
    try:
        new_decoder(max_events).decode(body, ndjson=form == "ndjson")
    except RefusedError as error:
        return error.refusal
    return None


def bots(result: Decoded) -> list[str]:
    """Return the bots of the events."""
    return [event.bot for event in result.events]


def test_an_object_is_one_event() -> None:
    """A body need not be an array."""
    result = decode(HEARTBEAT)

    assert ["shop"] == bots(result)
    assert [0] == list(result.indexes)
    assert 1 == result.total


@pytest.mark.parametrize("form", FORMS)
def test_events_keep_the_order_of_the_request(form: str) -> None:
    """The index of a verdict is a place in the request."""
    body = batch(*(b'{"type":"heartbeat","bot":"b%d"}' % n for n in range(3)), form=form)

    result = decode(body, form=form)

    assert ["b0", "b1", "b2"] == bots(result)
    assert [0, 1, 2] == list(result.indexes)


@pytest.mark.parametrize("around", [b" ", b"\n", b"\r\n\t  \n"])
def test_white_space_around_a_body_means_nothing(around: bytes) -> None:
    """RFC 8259 allows it everywhere."""
    results = [decode(around + body + around) for body in (HEARTBEAT, b"[" + HEARTBEAT + b"]")]

    assert [["shop"], ["shop"]] == [bots(result) for result in results]


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + HEARTBEAT,
        b"\xef\xbb\xbf[" + HEARTBEAT + b"]",
        HEARTBEAT.decode().encode("utf-16"),
        HEARTBEAT.decode().encode("utf-32"),
        b"\x00" + HEARTBEAT,
    ],
)
def test_a_byte_order_mark_is_not_json(body: bytes) -> None:
    """RFC 8259 section 8.1 forbids senders to add one; the answer says where it stands."""
    (verdict,) = decode(body).rejected

    assert (0, Reason.MALFORMED, "$") == (verdict.index, verdict.reason, verdict.path)
    assert "byte 0" in verdict.message


@pytest.mark.parametrize("body", [b"", b" ", b"\n\t\r\n"])
def test_an_empty_body_is_refused(body: bytes) -> None:
    """A client that forgot its body should hear of it."""
    assert Refusal.MALFORMED is refusal_of(body)


@pytest.mark.parametrize(
    ("body", "form"), [(b"[]", "array"), (b" [ \n] ", "array"), (b"", "ndjson"), (b"\n", "ndjson")]
)
def test_no_events_at_all_is_fine(body: bytes, form: str) -> None:
    """A client that sends whatever it has may have nothing."""
    assert 0 == decode(body, form=form).total


@pytest.mark.parametrize("last", [HEARTBEAT, b"{}"])
def test_blank_lines_are_no_events(last: bytes) -> None:
    """They are not counted either, whether or not every line is an event."""
    result = decode(b"\n \n" + HEARTBEAT + b"\r\n\r\n\t\n" + last + b"\n\n", form="ndjson")

    assert 2 == result.total
    assert [0, 1] == sorted([*result.indexes, *(r.index for r in result.rejected)])


def test_of_duplicate_keys_the_last_one_counts() -> None:
    """As in most parsers; RFC 8259 leaves it open."""
    assert ["b"] == bots(decode(b'{"bot":"a","type":"heartbeat","bot":"b"}'))


def test_two_types_are_no_type() -> None:
    """A type decides how the rest is read, so there can be only one."""
    (verdict,) = decode(b'{"type":"heartbeat","type":"deploy","bot":"a"}').rejected

    assert Reason.UNKNOWN_TYPE is verdict.reason


@pytest.mark.parametrize("field", ['"amount":{}', '"ts":{}', '"properties":{{"a":{}}}'])
@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("NaN", Reason.MALFORMED),
        ("Infinity", Reason.MALFORMED),
        ("-Infinity", Reason.MALFORMED),
        ("+1", Reason.MALFORMED),
        ("01", Reason.MALFORMED),
        (".5", Reason.MALFORMED),
        ("0x10", Reason.MALFORMED),
        ("1e999", Reason.OUT_OF_RANGE),
        ("-1e999", Reason.OUT_OF_RANGE),
        ("9" * 5000, Reason.OUT_OF_RANGE),
        ("-" + "9" * 5000, Reason.OUT_OF_RANGE),
        (str(2**64), Reason.OUT_OF_RANGE),
        (str(2**53), Reason.OUT_OF_RANGE),
        (str(-(2**53)), Reason.OUT_OF_RANGE),
    ],
)
def test_numbers_that_no_counter_can_hold_are_rejected(
    field: str, number: str, reason: Reason
) -> None:
    """They would stay in a sum for ever."""
    (verdict,) = decode(track(field.format(number))).rejected

    assert reason is verdict.reason


@pytest.mark.parametrize("number", ["-0", "0.0", "1e-400", "5e-324", str(2**53 - 1)])
def test_the_smallest_and_the_largest_numbers_are_numbers(number: str) -> None:
    """Whole numbers up to 2**53 - 1 are the same in every JSON library."""
    assert 1 == len(decode(track(f'"properties":{{"a":{number}}}')).events)


@pytest.mark.parametrize("bad", ["[", '{"a":', '{"type":"heartbeat","bot":"b","properties":{"a":['])
@pytest.mark.parametrize("is_array", [True, False])
def test_nesting_without_end_is_refused(bad: str, *, is_array: bool) -> None:
    """A parser that recurses must not take the process with it."""
    body = b"[" * is_array + bad.encode() * DEEP

    outcome = refusal_of(body) or [verdict.index for verdict in decode(body).rejected]

    assert outcome in (Refusal.MALFORMED, [0])


def test_nesting_without_end_in_one_line_leaves_the_others() -> None:
    """Lines stand for themselves."""
    result = decode(batch(HEARTBEAT, b'{"a":' * DEEP, HEARTBEAT, form="ndjson"), form="ndjson")

    assert [0, 2] == list(result.indexes)
    assert [(1, Reason.MALFORMED)] == [(r.index, r.reason) for r in result.rejected]


@pytest.mark.parametrize(
    "body",
    [
        b"[" + HEARTBEAT + b"] x",
        b"[" + HEARTBEAT + b"],",
        b"[" + HEARTBEAT + b",]",
        b"[" + HEARTBEAT + b" " + HEARTBEAT + b"]",
        b"[" + HEARTBEAT + b"," + HEARTBEAT[:-3],
        b"[" + HEARTBEAT,
        b"[" + HEARTBEAT + b",NaN] x",
        b"[" + HEARTBEAT + b",NaN",
        b"[NaN,]",
        b"[",
        b"[,]",
        b"[][]",
        b"[ ] x",
    ],
)
def test_an_array_that_does_not_end_well_is_refused_as_a_whole(body: bytes) -> None:
    """What was cut off is unknown, so the client must send it again."""
    assert Refusal.MALFORMED is refusal_of(body)


def test_garbage_behind_an_object_makes_it_malformed() -> None:
    """Two objects in a row are NDJSON, which has its own media type."""
    verdicts = [decode(HEARTBEAT + tail).rejected[0] for tail in (b"x", HEARTBEAT, b"\0")]

    assert [Reason.MALFORMED] * 3 == [verdict.reason for verdict in verdicts]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("bad", "reason"), BAD)
def test_one_bad_event_leaves_the_others(form: str, bad: bytes, reason: Reason) -> None:
    """Its verdict has the place it was sent at."""
    result = decode(batch(HEARTBEAT, bad, HEARTBEAT, form=form), form=form)

    assert [0, 2] == list(result.indexes)
    assert [(1, reason)] == [(r.index, r.reason) for r in result.rejected]


@given(
    st.lists(st.sampled_from([(HEARTBEAT, None), *BAD]), max_size=12),
    st.sampled_from([b"", b" ", b"\t \r"]),
    st.sampled_from(FORMS),
)
def test_every_event_of_a_mixture_gets_its_own_verdict(
    events: list[tuple[bytes, Reason | None]], space: bytes, form: str
) -> None:
    """Good and bad events do not touch each other, in whatever order they come."""
    body = batch(*(space + event + space for event, _ in events), form=form)

    result = decode(body, form=form)

    assert [i for i, (_, reason) in enumerate(events) if reason is None] == list(result.indexes)
    assert [(i, reason) for i, (_, reason) in enumerate(events) if reason is not None] == [
        (verdict.index, verdict.reason) for verdict in result.rejected
    ]
    assert len(events) == result.total


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("last", [HEARTBEAT, b"{}", track('"amount":NaN')])
def test_one_event_too_many_refuses_the_request(form: str, last: bytes) -> None:
    """Good or bad, the number of events is what takes the time."""
    allowed = batch(*[HEARTBEAT] * 4, last, form=form)
    one_more = batch(*[HEARTBEAT] * 5, last, form=form)

    assert refusal_of(allowed, form=form, max_events=5) is None
    assert Refusal.TOO_MANY_EVENTS is refusal_of(one_more, form=form, max_events=5)


def test_a_long_broken_array_is_not_searched_for_good_events() -> None:
    """The search holds up everybody else."""
    space = b" " * LONGEST_RESCUE

    assert Refusal.MALFORMED is refusal_of(b"[" + HEARTBEAT + b",NaN" + space + b"]")


def test_a_refusal_never_quotes_the_request() -> None:
    """The first mistake may be a value, and values may be personal."""
    first = json.dumps({"type": "message_sent", "bot": "b", "kind": "canary"}).encode()

    with pytest.raises(RefusedError) as caught:
        decode(b"[" + first + b",NaN" + b" " * LONGEST_RESCUE + b"]")

    assert "canary" not in caught.value.message


@given(st.binary(max_size=200), st.sampled_from(FORMS))
def test_any_bytes_give_verdicts_or_a_refusal(body: bytes, form: str) -> None:
    """Nothing a client sends may surface as a defect of ours."""
    try:
        result = decode(body, form=form)
    except RefusedError:
        return
    assert result.total == len(list(result.indexes)) + len(result.rejected)


@given(st.data())
def test_any_damage_to_a_batch_gives_verdicts_or_a_refusal(data: st.DataObject) -> None:
    """Bytes close to JSON go further into the parser than random ones."""
    form = data.draw(st.sampled_from(FORMS))
    body = bytearray(batch(HEARTBEAT, track('"properties":{"a":1.5}'), HEARTBEAT, form=form))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        end = data.draw(st.integers(at, min(at + 4, len(body))))
        body[at:end] = data.draw(st.sampled_from([b"", b'"', b"\\", b"\xff", b"[", b"NaN", b"\n"]))

    try:
        result = decode(bytes(body), form=form)
    except RefusedError:
        return
    assert sorted([*result.indexes, *(r.index for r in result.rejected)]) == list(
        range(result.total)
    )
