"""What a part of the benchmark hands to the report: goals and Markdown."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .measure import Spread

PRECISE_BELOW = 10  # Smaller figures get a second digit: 0.96 must not read as 1.0.


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure and what DESIGN 7 asks of it."""

    name: str
    figure: Spread
    unit: str
    goal: float
    at_least: bool

    @property
    def met(self) -> bool:
        """Return whether the median is as asked."""
        middle = self.figure.median
        return middle >= self.goal if self.at_least else middle <= self.goal

    def cells(self) -> list[str]:
        """Return the row of the table of goals."""
        digits = 2 if self.figure.median < PRECISE_BELOW else 1
        median, _, span = format(self.figure, f".{digits}f").partition(" ")
        sign = ">=" if self.at_least else "<="
        met = "met" if self.met else "**missed**"
        return [
            self.name,
            f"{median} {self.unit}",
            span.strip("()"),
            f"{sign} {self.goal:.0f} {self.unit}",
            met,
        ]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the report."""

    title: str
    goals: tuple[Goal, ...]
    lines: tuple[str, ...]

    def markdown(self) -> Iterator[str]:
        """Yield the lines below a heading, and one blank line behind them."""
        yield from (f"## {self.title}", "")
        yield "\n".join(self.lines).rstrip("\n")
        yield ""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a table in Markdown and the blank line behind it."""
    yield _row(header)
    yield "|" + "---|" * len(header)
    yield from map(_row, rows)
    yield ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
