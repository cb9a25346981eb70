"""Sizes and durations as people write them: `exporter.catalog.quantities`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.catalog.quantities import Quantity


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1B", 1),
        ("64MiB", 64 * 2**20),
        ("10GiB", 10 * 2**30),
        ("10 GB", 10**10),
        ("1.5KiB", 1536),
        ("2kB", 2000),
    ],
)
def test_sizes(text: str, expected: int) -> None:
    """MiB is 2^20 bytes and MB 10^6."""
    assert expected == Quantity.SIZE.parse(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90s", 90), ("1h", 3600), ("1h30m", 5400), ("7d", 604_800), ("250ms", 0.25), ("1.5h", 5400)],
)
def test_durations(text: str, expected: float) -> None:
    """Parts add up, as in Prometheus."""
    assert expected == Quantity.DURATION.parse(text)


@pytest.mark.parametrize("text", ["", "10", "1h30", "h", "-1h", "1 h", "1MiB", "1h\n", "1e3s"])
def test_other_texts_are_no_durations(text: str) -> None:
    """The message shows what to write."""
    with pytest.raises(ValueError, match="write 90s, 1h30m or 5400"):
        Quantity.DURATION.parse(text)


@pytest.mark.parametrize("text", ["", "10", "MiB", "-1MiB", "1mib", "1s", "1MiB\n", "١MiB"])
def test_other_texts_are_no_sizes(text: str) -> None:
    """The message shows what to write."""
    with pytest.raises(ValueError, match="write 64MiB"):
        Quantity.SIZE.parse(text)


@given(st.integers(1, 2**53), st.sampled_from(Quantity))
def test_what_is_shown_can_be_read_again(number: int, quantity: Quantity) -> None:
    """The shown form loses nothing."""
    assert number == quantity.parse(quantity.show(number))
