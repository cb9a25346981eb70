"""From a decoded event to the one that is stored: `exporter.ingest.admit`."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.catalog.build import event_structs
from exporter.catalog.builtin import CATALOG
from exporter.catalog.spec import EventType, Field, FieldType, Privacy
from exporter.ingest.admit import Admission, AdmissionRules, Identities, Masked
from exporter.ingest.privacy import Pseudonyms
from exporter.ingest.sealing import CAN_SEAL, Seal
from exporter.model.access import Grant, Scope
from exporter.model.verdicts import Reason
from tests.unit.ingest.parts import (
    ANYBODY,
    ARRIVAL,
    KEY,
    admitted,
    decoded,
    new_admission,
    new_decoder,
    reason_of,
    sample,
)

OF_ONE_BOT = Grant(name="one", scopes=frozenset({Scope.INGEST}), bots=frozenset({"shop"}))
BACKFILL = Grant(name="old", scopes=frozenset({Scope.INGEST, Scope.BACKFILL}))
WEEK, HOUR = 7 * 86_400.0, 3600.0
LOOSE = event_structs(CATALOG, strict=False)


def admit(grant: Grant = ANYBODY, /, kind: str = "heartbeat", **fields: object) -> Reason | None:
    """Return why an event is rejected; None when it is not."""
    return reason_of(admitted(sample(kind) | fields, new_admission(), grant)[1])


def key_of(**fields: object) -> bytes:
    """Return the deduplication key of an event."""
    _, verdict = admitted(sample() | fields, new_admission())
    assert isinstance(verdict, bytes)
    return verdict


def stored(event: dict[str, object], **parts: object) -> bytes:
    """Return *event* as the log holds it."""
    struct, verdict = admitted(event, new_admission(**parts))  # type: ignore[arg-type]
    assert isinstance(verdict, bytes)
    return msgspec.json.encode(struct)


@pytest.mark.parametrize("bot", ["a", "0", "Shop-Bot_1.eu:2", "x" * 64])
def test_good_names_of_bots(bot: str) -> None:
    """Letters, digits and four signs, as configuration files have them."""
    assert admit(bot=bot) is None


@pytest.mark.parametrize(
    "bot", ["-a", ".a", "a b", "a/b", "a\n", "\na", "ä", "бот", "a@b.example", "a\0", "_other"]
)
def test_bad_names_of_bots(bot: str) -> None:
    """A name becomes a label, a part of digests and a word in messages."""
    assert Reason.BAD_NAME is admit(bot=bot)


def test_a_token_for_some_bots_sends_for_no_other() -> None:
    """Not even for one whose name is no name: the answer must not tell which bots exist."""
    assert [None, Reason.BOT_NOT_ALLOWED, Reason.BOT_NOT_ALLOWED] == [
        admit(OF_ONE_BOT, bot=bot) for bot in ("shop", "bank", "a b")
    ]


def test_a_bot_admitted_once_is_still_checked_against_the_token() -> None:
    """What is kept ready of a bot says nothing of who may use it."""
    admission = new_admission()
    admitted(sample(bot="bank"), admission)

    _, verdict = admitted(sample(bot="bank"), admission, OF_ONE_BOT)

    assert Reason.BOT_NOT_ALLOWED is reason_of(verdict)


def test_each_event_of_a_batch_is_judged_by_its_own_bot() -> None:
    """Runs of one bot are looked up once; the next bot starts another."""
    names = ["shop", "shop", "bank", "a b", "shop"]
    events = [decoded(sample(bot=name)) for name in names]

    verdicts = new_admission().admit(events, ANYBODY, ARRIVAL, Masked())

    assert [None, None, None, Reason.BAD_NAME, None] == [reason_of(v) for v in verdicts]


@pytest.mark.parametrize(
    ("ts", "reason"),
    [
        (ARRIVAL, None),
        (ARRIVAL + HOUR, None),
        (math.nextafter(ARRIVAL + HOUR, math.inf), Reason.FROM_THE_FUTURE),
        (ARRIVAL - WEEK, None),
        (math.nextafter(ARRIVAL - WEEK, 0), Reason.TOO_OLD),
        (0, Reason.TOO_OLD),
        (253_402_300_799, Reason.FROM_THE_FUTURE),
        (datetime.fromtimestamp(ARRIVAL + HOUR, UTC).isoformat(), None),
        (datetime.fromtimestamp(ARRIVAL + HOUR + 1, UTC).isoformat(), Reason.FROM_THE_FUTURE),
        (datetime.fromtimestamp(ARRIVAL - WEEK, UTC).isoformat(), None),
        (datetime.fromtimestamp(ARRIVAL - WEEK - 1, UTC).isoformat(), Reason.TOO_OLD),
        ("0001-01-01T00:00:00+14:00", Reason.TOO_OLD),
        ("9999-12-31T23:59:59-12:00", Reason.FROM_THE_FUTURE),
    ],
)
def test_the_time_of_an_event_lies_in_a_window(ts: float | str, reason: Reason | None) -> None:
    """From 7 days before to 1 hour after arrival, both ends included."""
    assert reason is admit(ts=ts)


@pytest.mark.parametrize("hours", [-12, 0, 5.5, 14])
def test_a_date_is_the_same_instant_in_every_zone(hours: float) -> None:
    """It is stored in seconds since 1970."""
    instant = datetime.fromtimestamp(ARRIVAL, UTC)
    zone = (instant + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S")
    sign = f"{'-' if hours < 0 else '+'}{int(abs(hours)):02}:{int(abs(hours) % 1 * 60):02}"

    event, _ = admitted(sample(ts=zone + sign), new_admission())

    assert ARRIVAL == event.ts


def test_milliseconds_are_never_taken_for_seconds() -> None:
    """They would lie in the year 58,000: the decoder knows the end of time."""
    body = json.dumps(sample(ts=ARRIVAL * 1000)).encode()

    (verdict,) = new_decoder().decode(body, ndjson=False).rejected

    assert (Reason.OUT_OF_RANGE, "$.ts") == (verdict.reason, verdict.path)


def test_an_event_without_a_time_happened_on_arrival() -> None:
    """And every event says when it arrived."""
    event, _ = admitted(sample(), new_admission())

    assert (ARRIVAL, ARRIVAL) == (event.ts, event.received_at)


def test_old_events_need_a_scope_and_a_store() -> None:
    """Without the scope the answer names it, with it the answer names the store."""
    assert Reason.TOO_OLD is admit(ts=ARRIVAL - WEEK - 1)
    assert Reason.NO_EVENT_STORE is admit(BACKFILL, ts=ARRIVAL - WEEK - 1)
    assert admit(BACKFILL, ts=ARRIVAL - WEEK) is None


def test_the_window_follows_the_rules() -> None:
    """An operator may change it while the exporter runs."""
    rules = AdmissionRules(clock_skew_seconds=1, max_age_seconds=2)
    admission = new_admission(rules=rules)

    reasons = [
        reason_of(admitted(sample(ts=ARRIVAL + by), admission)[1]) for by in (-3, -2, 1, 1.5)
    ]

    assert [Reason.TOO_OLD, None, None, Reason.FROM_THE_FUTURE] == reasons


def test_only_the_exporter_says_when_an_event_arrived() -> None:
    """Analytics and late events rest on it."""
    assert Reason.UNKNOWN_FIELD is admit(received_at=ARRIVAL)


@pytest.mark.parametrize(
    ("id_", "reason"),
    [
        ("x" * 128, None),
        ("é" * 64, None),
        ("é" * 65, Reason.TOO_LONG),
        ("\U0001f600" * 32, None),
        ("\U0001f600" * 33, Reason.TOO_LONG),
        ("\0", None),
        ("\u202e\u200b", None),
    ],
)
def test_an_id_has_at_most_128_bytes(id_: str, reason: Reason | None) -> None:
    """Bytes of UTF-8, not characters; what they are does not matter."""
    assert reason is admit(id=id_)


def test_the_same_id_is_the_same_event_only_for_the_same_bot_and_type() -> None:
    """Bots number their events as they like."""
    key = key_of(id="1")

    assert key == key_of(id="1", ts=ARRIVAL - 1, user="ann")
    assert 4 == len(
        {key, key_of(id="2"), key_of(id="1", bot="bank"), key_of(id="1", type="deploy")}
    )


@given(st.text(max_size=20), st.text(max_size=20))
def test_distinct_ids_have_distinct_keys(one: str, other: str) -> None:
    """A distinct id is never swallowed, whatever bytes it is made of."""
    assert (one == other) == (key_of(id=f"i{one}") == key_of(id=f"i{other}"))


def test_events_without_an_id_are_never_duplicates() -> None:
    """The exporter makes one; a retry counts twice, as documented."""
    keys = {key_of() for _ in range(50)}

    assert 50 == len(keys)
    assert {16} == {len(key) for key in keys}


def test_the_stored_id_is_the_key() -> None:
    """So that a restart knows again what was seen."""
    event, key = admitted(sample(id="order-1"), new_admission())

    assert isinstance(key, bytes)
    assert key.hex() == event.id


def test_pseudonyms_depend_on_the_key_of_the_installation() -> None:
    """Nobody can compute them from a list of users."""
    fields = {"id": "1", "user": "ann", "session": "s", "conversation": "c"}

    one, _ = admitted(sample(**fields), new_admission())
    other, _ = admitted(sample(**fields), new_admission(key=bytes(32)))

    for name in fields:
        assert getattr(one, name) != getattr(other, name)


def test_a_user_is_somebody_else_for_another_bot() -> None:
    """And another kind of name is another name."""
    shop, _ = admitted(sample(user="x", session="x", conversation="x", id="x"), new_admission())
    bank, _ = admitted(sample(user="x", bot="bank"), new_admission())

    assert 5 == len({shop.user, shop.session, shop.conversation, shop.id, bank.user})
    assert {32} == {len(name) for name in (shop.user, shop.session, shop.conversation, bank.user)}


def test_bots_that_share_a_namespace_have_the_same_users() -> None:
    """Their event ids stay apart, and a bot called like the namespace is not part of it."""
    admission = new_admission(shared={"people": ["shop", "bank"]})

    shop, bank, other = (
        admitted(sample(bot=bot, user="x", id="1"), admission)[0]
        for bot in ("shop", "bank", "people")
    )

    assert shop.user == bank.user != other.user
    assert 3 == len({shop.id, bank.id, other.id})


def test_dates_of_other_fields_are_stored_in_seconds() -> None:
    """A gauge takes numbers only, and the log is read back as numbers."""
    event = sample("knowledge_base", source="faq", updated_at="2026-02-02T02:40:00Z")

    body = stored(event)

    assert ARRIVAL == msgspec.json.decode(body, type=LOOSE.union).updated_at


@pytest.mark.parametrize("event", CATALOG.events, ids=lambda event: event.name)
def test_whatever_is_admitted_can_be_read_back(event: EventType) -> None:
    """Replay reads the log with other classes, which check nothing but types."""
    body = stored(full(event, "canary"))

    again = msgspec.json.decode(body, type=LOOSE.union)

    assert msgspec.json.decode(body) == msgspec.to_builtins(again)


@given(st.sampled_from(CATALOG.events), st.text("abcdefgh@.é", min_size=4, max_size=30))
def test_no_personal_value_is_left_anywhere(event: EventType, text: str) -> None:
    """Whatever the type: users, sessions, ids, texts and contacts never reach the log."""
    canary = f"can{text}ary"

    body = stored(full(event, canary))

    assert canary.encode() not in body
    assert json.dumps(canary).strip('"').encode() not in body


@pytest.mark.parametrize("event", CATALOG.events, ids=lambda event: event.name)
def test_texts_that_are_kept_are_masked(event: EventType) -> None:
    """`text: keep` keeps words, not addresses."""
    canary = "ann.lee@shop.example"
    rules = AdmissionRules(keep_text=True)

    body = stored(full(event, canary) | {"properties": {"note": f"to {canary}"}}, rules=rules)

    assert b"ann.lee" not in body
    assert b"to [email]" in body


def test_texts_are_dropped_and_counted() -> None:
    """One count a field, so that an operator sees what the setting costs."""
    masked = Masked()
    events = [decoded(sample("message_sent", text="hello")), decoded(sample("message_sent"))]

    new_admission().admit(events, ANYBODY, ARRIVAL, masked)

    assert [None, None] == [event.text for event in events]
    assert Masked(texts=1) == masked


def test_only_texts_that_change_count_as_redacted() -> None:
    """Keeping a text as it is masks nothing."""
    masked = Masked()
    texts = ["hello", "write to ann@shop.example"]
    events = [decoded(sample("message_sent", text=text)) for text in texts]

    new_admission(rules=AdmissionRules(keep_text=True)).admit(events, ANYBODY, ARRIVAL, masked)

    assert ["hello", "write to [email]"] == [event.text for event in events]
    assert Masked(redactions=1) == masked


def test_contacts_without_a_seal_are_dropped_and_counted() -> None:
    """An operator must see what is lost."""
    masked = Masked()
    event = decoded(sample("lead", name="Ann", email="ann@shop.example"))

    new_admission().admit([event], ANYBODY, ARRIVAL, masked)

    assert (None, None, None) == (event.name, event.email, event.phone)
    assert Masked(contacts=2) == masked


@pytest.mark.skipif(not CAN_SEAL, reason="needs the extra `privacy`")
def test_contacts_are_sealed_for_their_bot_and_field() -> None:
    """Only a delivery opens them."""
    seal = Seal(KEY)

    event, _ = admitted(sample("lead", email="ann@shop.example"), new_admission(seal=seal))

    assert "ann@shop.example" == seal.open(event.email, bot="shop", field="email")
    assert b"ann@" not in msgspec.json.encode(event)


def test_fields_of_own_events_are_treated_by_their_class() -> None:
    """Whoever declares a member number as a pseudonym gets a digest of it."""
    fields = (
        Field(name="member", type=FieldType.STRING, doc="x", privacy=Privacy.PSEUDONYM),
        Field(name="note", type=FieldType.STRING, doc="x", privacy=Privacy.CONTENT),
        Field(name="phone", type=FieldType.STRING, doc="x", privacy=Privacy.CONTACT),
        Field(name="since", type=FieldType.TIMESTAMP, doc="x"),
    )
    visit = EventType(name="visit", doc="x", fields=fields, builtin=False)
    catalog = replace(CATALOG, events=(*CATALOG.events, visit))
    structs = event_structs(catalog, strict=True)
    values = {"member": "canary", "note": "canary", "phone": "canary"}
    body = json.dumps(sample("visit", since="2026-02-02T02:40:00Z", user="canary") | values)
    event = msgspec.json.decode(body, type=structs.union)

    admission = Admission(catalog, structs, Identities(Pseudonyms(KEY)), AdmissionRules())
    admission.admit([event], ANYBODY, ARRIVAL, Masked())

    stored = msgspec.json.decode(msgspec.json.encode(event))
    assert {"note", "phone"}.isdisjoint(stored)
    assert ARRIVAL == stored["since"]
    assert 32 == len(stored["member"])
    assert stored["user"] != stored["member"]


def full(event: EventType, canary: str) -> dict[str, object]:
    """Return an event of that type with *canary* wherever a person may be named."""
    fields = CATALOG.fields(event)
    personal = {
        name: canary
        for name, field in fields.items()
        if field.privacy in (Privacy.PSEUDONYM, Privacy.CONTENT, Privacy.CONTACT)
        and field.type is FieldType.STRING
    }
    others = {
        name: field.choices[0] if field.choices else _value(field.type)
        for name, field in fields.items()
        if field.required and name not in personal
    }
    return sample(event.name) | others | personal | {"bot": "shop"}


def _value(kind: FieldType) -> object:
    return "x" if kind is FieldType.STRING else 1
