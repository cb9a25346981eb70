"""The sections of a run as one document: on the screen and in RESULTS.md."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from .machine import Machine
from .section import Section, table

RESULTS = Path(__file__).parent / "RESULTS.md"


def text(machine: Machine, sections: Sequence[Section], arguments: str) -> str:
    """Return the whole report in Markdown."""
    lines = [*_head(machine, arguments), *_goals(sections)]
    for section in sections:
        lines.extend(section.markdown())
    return "\n".join(lines)


def _head(machine: Machine, arguments: str) -> Iterator[str]:
    yield "# Results"
    yield ""
    yield f"`{f'python -m benchmarks {arguments}'.strip()}` on {datetime.now(UTC):%Y-%m-%d}:"
    yield from machine.lines()
    yield ""
    yield "Ratios compare processor time per event or scrape within this run."
    yield "The servers take turns on one core, the load comes from another."
    yield "A figure is the median of its rounds, with their range in brackets."
    yield ""


def _goals(sections: Sequence[Section]) -> Iterator[str]:
    goals = [goal for section in sections for goal in section.goals]
    if goals:
        yield "## Goals"
        yield ""
        yield from table(
            ("what", "measured", "range", "goal", ""), (goal.cells() for goal in goals)
        )
