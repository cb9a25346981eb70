"""Contact data of leads: sealed at the door, or dropped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.ingest.sealing import CAN_SEAL, PREFIX, Seal

KEY = bytes(range(32))
SEAL = Seal(KEY)


def test_the_tests_have_the_extra() -> None:
    """Without it nothing here would be tested."""
    assert CAN_SEAL


@given(st.text(max_size=256))
def test_what_is_sealed_can_be_opened(value: str) -> None:
    """With the same key, for the same bot and field."""
    sealed = SEAL.close(value, bot="shop", field="email")

    assert sealed.startswith(PREFIX)
    assert value == SEAL.open(sealed, bot="shop", field="email")


def test_the_same_value_never_looks_the_same() -> None:
    """Two leads with one address cannot be told to be the same person."""
    sealed = {SEAL.close("ann@example.com", bot="shop", field="email") for _ in range(100)}

    assert 100 == len(sealed)
    assert not any("ann" in value for value in sealed)


@pytest.mark.parametrize(
    ("bot", "field", "key"),
    [("bank", "email", KEY), ("shop", "phone", KEY), ("shop", "email", bytes(32))],
)
def test_a_sealed_value_cannot_be_moved_or_opened_by_others(
    bot: str, field: str, key: bytes
) -> None:
    """Bot, field and key belong to it."""
    sealed = SEAL.close("ann@example.com", bot="shop", field="email")

    with pytest.raises(ValueError, match="changed, moved, or sealed with another key"):
        Seal(key).open(sealed, bot=bot, field=field)


def test_a_changed_value_is_not_opened() -> None:
    """One flipped letter is noticed."""
    sealed = SEAL.close("ann@example.com", bot="shop", field="email")
    changed = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]

    with pytest.raises(ValueError, match="changed"):
        SEAL.open(changed, bot="shop", field="email")


def test_what_was_never_sealed_is_refused() -> None:
    """A clear value in the log would be a defect, not a contact."""
    with pytest.raises(ValueError, match="not a sealed value"):
        SEAL.open("ann@example.com", bot="shop", field="email")
