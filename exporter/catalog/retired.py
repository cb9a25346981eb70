"""
The only door through which a released metric leaves.

A retired family stays exposed until *removed_in*, so that dashboards and rules can follow.
"""

import re
from dataclasses import dataclass

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired:
    """A released family that goes, what to use instead, and the versions of both steps."""

    name: str
    successor: str
    retired_in: str
    removed_in: str

    def is_gone(self, version: str) -> bool:
        """Return whether *version* does not expose it any more."""
        return version_of(self.removed_in) <= version_of(version)

    def note(self, version: str) -> str:
        """Return what a person whose dashboard names it must know."""
        leaves = "was removed" if self.is_gone(version) else "will be removed"
        return f"retired in {self.retired_in}, {leaves} in {self.removed_in}; use {self.successor}"


RETIRED: tuple[Retired, ...] = ()


def version_of(text: str) -> Version:
    """
    Return ``1.20.3`` as numbers that compare as versions do; what follows them is left out.

    Raises:
        ValueError: *text* is no such version.
    """
    numbers = re.match(r"\d+(?:\.\d+)*", text)
    if numbers is None:
        raise ValueError(f"{text!r} is no version; write one like 1.20.3")
    return tuple(int(part) for part in numbers[0].split("."))
