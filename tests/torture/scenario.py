"""What a scenario is, what it needs and what it reports."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any


class Scale(Enum):
    """How long a scenario runs: a pass of seconds for every change, or the whole of it."""

    SHORT = "short"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class Stage:
    """
    Where a scenario plays: an empty directory, the seed of all chance, and promtool.

    ``rounds`` other than 0 takes the place of the rounds of the scale.
    """

    directory: Path
    seed: int
    scale: Scale
    promtool: Path
    rounds: int = 0

    def pick(self, *, short: int, long: int) -> int:
        """Return the number that belongs to the scale, or what was asked for instead."""
        if self.rounds:
            return self.rounds
        return short if self.scale is Scale.SHORT else long


@dataclass(frozen=True, slots=True)
class Figures:
    """
    What came of a scenario; *lost* and *doubled* are events, and must be 0.

    ``rounds`` counts faults, ``facts`` is what else is worth a line.
    """

    rounds: int
    acknowledged: int
    lost: int = 0
    doubled: int = 0
    facts: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A fault under a name; *run* raises AssertionError when a promise is broken."""

    name: str
    run: Callable[[Stage], Coroutine[Any, Any, Figures]]
