"""Sizes and durations as people write them: ``64MiB``, ``10GiB``, ``1h30m``, ``7d``."""

import re
from enum import Enum

SIZES = {
    "B": 1,
    "kB": 10**3,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}

_NUMBER = r"[0-9]{1,16}(?:\.[0-9]{1,9})?"
SIZE_PATTERN = rf"^{_NUMBER} ?(?:[kMGT]?B|KB|[KMGT]iB)$"
DURATION_PATTERN = rf"^(?:{_NUMBER}(?:ms|[smhdw]))+$"
_DURATION_PART = re.compile(rf"({_NUMBER})(ms|[smhdw])")
_SIZE_PARTS = re.compile(rf"({_NUMBER}) ?([A-Za-z]+)")


class Quantity(Enum):
    """What a number of the configuration counts, when it may carry a unit."""

    SIZE = "size"
    DURATION = "duration"

    @property
    def pattern(self) -> str:
        """Return the regular expression of the texts that are accepted besides numbers."""
        return SIZE_PATTERN if self is Quantity.SIZE else DURATION_PATTERN

    @property
    def examples(self) -> str:
        """Return what to write, for messages."""
        return "64MiB or 67108864" if self is Quantity.SIZE else "90s, 1h30m or 5400"

    def parse(self, text: str) -> float:
        """
        Return bytes or seconds.

        Raises:
            ValueError: *text* is not a number with a known unit.
        """
        if not re.fullmatch(self.pattern, text):
            raise ValueError(f"{text!r} is no {self.value}; write {self.examples}")
        return _size(text) if self is Quantity.SIZE else _duration(text)

    def show(self, number: float) -> str:
        """Return *number* with the largest unit that divides it: 3600 is ``1h``."""
        units = SIZES if self is Quantity.SIZE else SECONDS
        shown = ("B", "KiB", "MiB", "GiB", "TiB") if self is Quantity.SIZE else tuple("smhd")
        if number == 0 or number % 1:
            return f"{number:g}"
        unit = max((u for u in shown if number % units[u] == 0), key=lambda u: units[u])
        return f"{int(number // units[unit])}{unit}"


def _size(text: str) -> float:
    match = _SIZE_PARTS.fullmatch(text)
    assert match is not None  # noqa: S101  # The pattern was checked by the caller.
    number = float(match[1]) * SIZES[match[2]]
    return int(number) if number.is_integer() else number


def _duration(text: str) -> float:
    return sum(float(number) * SECONDS[unit] for number, unit in _DURATION_PART.findall(text))
