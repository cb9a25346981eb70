"""Valid events with one mistake each: rejected with the reason and the path it deserves."""

from collections.abc import Iterator
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from exporter.catalog.builtin import CATALOG
from exporter.catalog.examples import example
from exporter.catalog.schema import type_schema
from exporter.catalog.spec import EventType
from exporter.ingest.admit import Masked
from exporter.model.verdicts import Reason
from tests.fuzz.account import Account
from tests.fuzz.json_suite import NDJSON
from tests.fuzz.live import LiveDoor, live_door
from tests.fuzz.neutral import REWRITES
from tests.fuzz.part import Part
from tests.fuzz.values import raw, written
from tests.fuzz.wounds import Members, Wound, wounds_of
from tests.torture.scenario import Stage
from tests.unit.catalog.json_values import objects
from tests.unit.ingest.parts import ANYBODY, ARRIVAL, new_admission, new_decoder

WOUNDED = "wounded"  # No series may ever know this bot.
BATCH = 500
EACH = 10  # Wounds of one drawn event: to draw it takes longer than to check them all.

Verdict = tuple[Reason, str] | None

_ADMISSION = new_admission()
_DECODER = new_decoder()
_WOUNDS = {event.name: wounds_of(event) for event in CATALOG.events}


def run_http(stage: Stage) -> Account:
    """Send every wound of every event type; nothing of it may be counted."""
    account = Account(stage.directory)
    chance = Random(stage.seed)
    rounds = stage.pick(short=1, long=8)
    with live_door(stage, account) as door:
        for _ in range(rounds):
            for event in CATALOG.events:
                _send(door, list(_wounded(event, chance)))
        known = door.durable()
        assert not any(("bot", WOUNDED) in labels for _, labels in known), "a wound was counted"
    account.facts = f"{sum(map(len, _WOUNDS.values()))} wounds of {len(_WOUNDS)} event types"
    return account


def run_drawn(stage: Stage) -> Account:
    """Let hypothesis choose event, wound and surroundings; every verdict is exact."""
    account = Account(stage.directory)
    count = stage.pick(short=60, long=1500)
    last = [b""]

    @seed(stage.seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(CATALOG.events).flatmap(_drawn), st.integers(0, 2**32))
    def check(drawn: tuple[EventType, Members], number: int) -> None:
        event, members = drawn
        chance = Random(number)
        for wound in chance.sample(_WOUNDS[event.name], EACH):
            last[0] = wound.inflict(members, chance)
            found = verdict(last[0])
            account.note(found[0].value if found else "accepted")
            assert (wound.reason, wound.path) == found, f"{wound.name}: {found}"
        for rewrite in REWRITES:
            last[0] = rewrite(event, members, chance)
            account.note("neutral")
            assert _said(written(members)) == _said(last[0]), rewrite.__name__

    try:
        check()
    except AssertionError as error:
        account.breach(str(error), last[0])
    return account


def verdict(body: bytes) -> Verdict:
    """Return reason and path of the rejection of a body with one event; None when it is taken."""
    decoded = _DECODER.decode(body, ndjson=False)
    if decoded.rejected:
        return decoded.rejected[0].reason, decoded.rejected[0].path
    (found,) = _ADMISSION.admit(decoded.events, ANYBODY, ARRIVAL, Masked())
    return None if isinstance(found, bytes) else found[:2]


def replay(data: bytes) -> str:
    """Return what becomes of a body with one event."""
    return str(verdict(data))


def _said(text: bytes) -> list[Any]:
    """Return what the decoder understands; a rejected event says nothing."""
    decoded = _DECODER.decode(text, ndjson=False)
    assert not decoded.rejected, decoded.rejected
    return decoded.events


def _drawn(event: EventType) -> SearchStrategy[tuple[EventType, Members]]:
    """Return a strategy for a type and a valid event of that type."""
    return st.tuples(st.just(event), objects(type_schema(CATALOG, event)).map(_members))


def _members(event: dict[str, Any]) -> Members:
    fixed = {"bot": WOUNDED, "ts": ARRIVAL, "id": "x"}
    return {name: raw(value) for name, value in {**event, **fixed}.items()}


def _wounded(event: EventType, chance: Random) -> Iterator[tuple[Wound, bytes]]:
    base = example(event, CATALOG)
    del base["ts"]
    members = {name: raw(value) for name, value in {**base, "bot": WOUNDED}.items()}
    names = list(members)
    for wound in _WOUNDS[event.name]:
        chance.shuffle(names)
        yield wound, wound.inflict({name: members[name] for name in names}, chance)


def _send(door: LiveDoor, wounded: list[tuple[Wound, bytes]]) -> None:
    for start in range(0, len(wounded), BATCH):
        batch = wounded[start : start + BATCH]
        door.judge([text for _, text in batch], [wound.reason for wound, _ in batch], NDJSON)


HTTP = Part("wounds", "every mistake of every event type, over HTTP", run_http)
DRAWN = Part("drawn", "events and mistakes chosen by hypothesis, in process", run_drawn, replay)
