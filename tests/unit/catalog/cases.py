"""Pairs of YAML, one right and one wrong, with the place and the remedy the message must hold."""

from dataclasses import dataclass
from textwrap import dedent

MARK = "# <-"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One kind of mistake; the wrong line of *bad* ends in ``# <-``."""

    name: str
    good: str
    bad: str
    path: str
    remedy: str

    @property
    def line(self) -> int:
        """Return the number of the marked line."""
        lines = dedent(self.bad).splitlines()
        return next(number for number, line in enumerate(lines, start=1) if MARK in line)

    @property
    def wrong(self) -> str:
        """Return the wrong file."""
        return dedent(self.bad)

    @property
    def right(self) -> str:
        """Return the right file."""
        return dedent(self.good)
