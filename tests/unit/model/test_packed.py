"""Plain values as bytes and back: `exporter.model.packed`."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.model.packed import pack, unpack

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
)
VALUES = st.recursive(SCALARS, lambda v: st.lists(v) | st.dictionaries(st.text(), v), max_leaves=20)


@given(VALUES)
def test_any_plain_value_comes_back_as_it_was(value: object) -> None:
    """Numbers, text, bytes, lists and mappings of them, to the last bit and in their order."""
    again = unpack(pack(value))

    assert value == again
    assert repr(value) == repr(again)


@given(st.floats())
def test_every_float_keeps_its_bits(number: float) -> None:
    """Minus zero, infinities and numbers too small to be normal included."""
    again = unpack(pack(number))

    if math.isnan(number):
        assert math.isnan(again)
    else:
        assert struct.pack("<d", number) == struct.pack("<d", again)


def test_a_float_without_a_fraction_stays_a_float() -> None:
    """A sum that happens to be whole goes on as binary64."""
    again = unpack(pack([1.0, 1]))

    assert [float, int] == [type(number) for number in again]


def test_tuples_come_back_as_lists() -> None:
    """The format knows one kind of sequence."""
    assert [["a", ["b"]]] == unpack(pack([("a", ("b",))]))


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1])
def test_whole_numbers_beyond_sixty_four_bits_are_refused(number: int) -> None:
    """Loudly: a rounded number would go unnoticed."""
    with pytest.raises(OverflowError):
        pack({"number": number})


@pytest.mark.parametrize("data", [b"", b"\xc1", pack([1, 2, 3])[:-1], pack(1) + pack(2)])
def test_bytes_that_are_no_value_are_refused(data: bytes) -> None:
    """Cut short, too long, or not of this format at all."""
    with pytest.raises(ValueError, match=r"truncated|malformed|trailing"):
        unpack(data)
