"""Pieces of Markdown that the reference pages are made of."""

import re
from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a bar inside a cell does not end it."""
    lines = [_row(head), _row(["---"] * len(head)), *(_row(row) for row in rows)]
    return "\n".join(lines) + "\n"


def code(text: str) -> str:
    """Return *text* as a code span."""
    return f"`{text}`"


def link(text: str, heading: str) -> str:
    """Return a link to *heading* on the same page, as GitHub names it."""
    anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    return f"[{text}](#{anchor})"


def page(*parts: str) -> str:
    """Return the *parts* with an empty line between them."""
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
