"""The mistakes derived from the catalogue: complete, exact, and made of valid events."""

from random import Random

import pytest

from exporter.catalog.builtin import CATALOG
from exporter.catalog.examples import example
from exporter.catalog.spec import EventType, Field, FieldType
from exporter.model.verdicts import Reason
from tests.fuzz.mutate import mutated
from tests.fuzz.mutations import verdict
from tests.fuzz.neutral import REWRITES, Rewrite
from tests.fuzz.values import raw, written
from tests.fuzz.wounds import Members, wounds_of
from tests.unit.ingest.parts import ARRIVAL

# Reasons that no event alone can have: they depend on the token, or on the request.
OF_OTHERS = {Reason.BOT_NOT_ALLOWED, Reason.NO_EVENT_STORE, Reason.NOT_AN_OBJECT}
OWN = EventType(
    name="own",
    doc="Made here.",
    fields=tuple(Field(name=f"a_{kind.value}", type=kind, doc="One.") for kind in FieldType),
    builtin=False,
)


def members_of(event: EventType) -> Members:
    """Return the fields of the example of that type."""
    event_now = {**example(event, CATALOG), "ts": ARRIVAL}
    return {name: raw(value) for name, value in event_now.items()}


@pytest.mark.parametrize("event", CATALOG.events, ids=lambda event: event.name)
def test_every_wound_gets_the_verdict_it_names(event: EventType) -> None:
    """Reason and path; the event without it is valid."""
    members = members_of(event)

    assert verdict(written(members)) is None
    for wound in wounds_of(event):
        text = wound.inflict(members, Random(1))
        assert (wound.reason, wound.path) == verdict(text), (wound.name, text)


def test_the_wounds_of_an_event_know_every_reason() -> None:
    """A new reason comes with a wound."""
    known = {wound.reason for event in CATALOG.events for wound in wounds_of(event)}

    assert set(Reason) - OF_OTHERS == known


def test_a_new_field_of_any_type_has_its_wounds() -> None:
    """Nobody has to think of them."""
    paths = {wound.path.split("[")[0] for wound in wounds_of(OWN)}

    assert {f"$.{field.name}" for field in OWN.fields} <= paths


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda rewrite: rewrite.__name__)
def test_a_neutral_change_leaves_an_event_valid(rewrite: Rewrite) -> None:
    """Otherwise it would prove nothing."""
    for event in CATALOG.events:
        assert verdict(rewrite(event, members_of(event), Random(1))) is None


def test_the_same_seed_makes_the_same_wounds() -> None:
    """A failure can be played again."""
    first, second = (
        [mutated(b"some text", chance, [b"another"]) for _ in range(1000)]
        for chance in (Random(5), Random(5))
    )

    assert first == second
    assert 700 < len(set(first))
