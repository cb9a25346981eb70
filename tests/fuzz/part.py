"""What a part of the suite is."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.fuzz.account import Account
from tests.torture.scenario import Stage


@dataclass(frozen=True, slots=True)
class Part:
    """
    A source of bad input under a name.

    *run* sends all of it and returns the account; it raises AssertionError when something is
    wrong that no single input shows. *replay* tells what becomes of one input.
    """

    name: str
    goal: str
    run: Callable[[Stage], Account]
    replay: Callable[[bytes], str] | None = None
