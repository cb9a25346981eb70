"""What a section of the runbooks must hold, as a function that yields one line per gap."""

import re
from collections.abc import Iterable, Iterator

PARTS = ("Meaning", "First checks", "Remedy", "Suggested action")
LEAST_CHECKS = 2
MOST_LINES = 26  # Blank ones included; nobody reads more at night.

_SECTION = re.compile(r"^### +(\w+) *$", re.MULTILINE)
_END = re.compile(r"^(?:#{1,3} |<!--)", re.MULTILINE)
_STEP = re.compile(r"^(?:\d+\.|-) +\S", re.MULTILINE)


def runbook_problems(markdown: str, alerts: Iterable[str]) -> Iterator[str]:
    """Yield alerts without a whole section in *markdown*, and sections without an alert."""
    found = dict(sections(markdown))
    wanted = set(alerts)
    for name in sorted(wanted - found.keys()):
        yield f"{name}: has no section"
    for name in sorted(found.keys() - wanted):
        yield f"{name}: there is no such alert"
    for name in sorted(wanted & found.keys()):
        for problem in _gaps(found[name]):
            yield f"{name}: {problem}"
    titles = _SECTION.findall(markdown)
    for name in sorted({title for title in titles if titles.count(title) > 1}):
        yield f"{name}: has two sections"


def sections(markdown: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each section of the third level."""
    for heading in _SECTION.finditer(markdown):
        rest = markdown[heading.end() :]
        end = _END.search(rest)
        yield heading[1], rest[: end.start()] if end else rest


def _gaps(text: str) -> Iterator[str]:
    if len(text.strip().splitlines()) > MOST_LINES:
        yield f"is longer than {MOST_LINES} lines"
    places = [text.find(f"**{part}**") for part in PARTS]
    for part, place in zip(PARTS, places, strict=True):
        if place < 0:
            yield f"has no {part}"
    if min(places) < 0:
        return
    if places != sorted(places):
        yield f"has its parts in another order than {', '.join(PARTS)}"
        return
    for part, start, end in zip(PARTS, places, [*places[1:], len(text)], strict=True):
        said = text[start:end].partition("**:")[2].strip() or text[start:end].partition(":**")[2]
        if not said.strip():
            yield f"says nothing under {part}"
    checks = text[places[1] : places[2]]
    if len(_STEP.findall(checks)) < LEAST_CHECKS:
        yield f"has fewer than {LEAST_CHECKS} first checks"
    if "`" not in checks:
        yield "has no query and no command to copy"
