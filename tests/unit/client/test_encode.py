"""An event becomes JSON at once, whatever a bot puts into it."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.client.encode import Encoder

NOW = 1_795_000_000.25
TEXT = st.characters(exclude_categories=["Cs"])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(TEXT, max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(TEXT, max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


class Mood(Enum):
    """A choice in a bot's own words."""

    HAPPY = "positive"


def encoded(fields: dict[str, object], **constants: object) -> dict[str, Any]:
    """Return what a server reads of an event."""
    encoder = Encoder({"bot": "shop", **constants}, wall=lambda: NOW)
    event: dict[str, Any] = json.loads(encoder.encode("track", "id-1", fields))
    return event


def test_an_event_holds_its_type_id_time_and_constants() -> None:
    """The envelope is complete without the bot's help."""
    event = encoded({"name": "click"}, platform="web", version=None)

    assert event == {
        "bot": "shop",
        "platform": "web",
        "type": "track",
        "ts": NOW,
        "id": "id-1",
        "name": "click",
    }


def test_the_fields_of_an_event_win_over_the_constants() -> None:
    """One client may serve two platforms."""
    event = encoded({"platform": "slack", "ts": "2026-11-01T00:00:00Z"}, platform="web")

    assert ("slack", "2026-11-01T00:00:00Z") == (event["platform"], event["ts"])


def test_numbers_become_text_only_where_they_name_people() -> None:
    """Telegram and Discord know users by number; the exporter wants text."""
    event = encoded({"user": 42, "conversation": -100, "session": 7, "amount": 3})

    assert ("42", "-100", "7", 3) == tuple(
        event[name] for name in ("user", "conversation", "session", "amount")
    )


def test_fields_that_are_none_are_left_out() -> None:
    """A message without text is a message without the field."""
    assert "text" not in encoded({"text": None, "user": "ann"})


def test_values_of_common_types_are_understood() -> None:
    """A bot need not convert what every bot has."""
    event = encoded(
        {
            "at": datetime(2026, 11, 1, tzinfo=UTC),
            "day": datetime(2026, 11, 1, tzinfo=UTC).date(),
            "order": UUID(int=1),
            "amount": Decimal("9.5"),
            "sentiment": Mood.HAPPY,
        }
    )

    assert datetime(2026, 11, 1, tzinfo=UTC) == datetime.fromisoformat(event["at"])
    assert "2026-11-01" == event["day"]
    assert "00000000-0000-0000-0000-000000000001" == event["order"]
    assert (9.5, "positive") == (event["amount"], event["sentiment"])


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), b"bytes", {1, 2}, object(), 10**5000], ids=type
)
def test_a_value_without_json_is_an_error(value: object) -> None:
    """NaN is no JSON, and no exporter would take it."""
    with pytest.raises((TypeError, ValueError)):
        encoded({"amount": value})


def test_a_value_that_contains_itself_is_an_error() -> None:
    """It ends, rather than the process."""
    circle: list[object] = []
    circle.append(circle)

    with pytest.raises(RecursionError):
        encoded({"properties": circle})


def test_half_an_emoji_costs_a_character_and_not_the_event() -> None:
    """Somebody cuts texts in the middle of a pair of surrogates."""
    assert "hi ?" == encoded({"text": "hi \ud83d"})["text"]


@settings(max_examples=60)
@given(st.dictionaries(st.text(TEXT, max_size=5), JSON, max_size=5))
def test_what_json_can_say_arrives_as_it_was(fields: dict[str, object]) -> None:
    """The fast way of encoding means what the slow one means."""
    fields = {f"_{name}": value for name, value in fields.items()}

    event = encoded(dict(fields))

    sent = {name: value for name, value in fields.items() if value is not None}
    assert sent == {name: event[name] for name in sent}


def test_ids_never_repeat_and_start_anew_in_a_child() -> None:
    """Two processes that share a prefix would swallow each other's events as duplicates."""
    encoder = Encoder({"bot": "shop"})
    parent = [encoder.new_id() for _ in range(1000)]
    encoder.renew_ids()

    child = [encoder.new_id() for _ in range(1000)]

    assert 2000 == len({*parent, *child})
