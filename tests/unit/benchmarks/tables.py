"""Reading the tables of a report."""

from collections.abc import Iterable

Row = list[str]


def tables_of(lines: Iterable[str]) -> list[list[Row]]:
    """Return the rows of every table in Markdown, without its header."""
    found: list[list[Row]] = []
    inside = False
    for line in lines:
        if line.startswith("|---"):
            found.append([])
            inside = True
        elif not line.startswith("|"):
            inside = False
        elif inside:
            found[-1].append([cell.strip() for cell in line.strip("|").split("|")])
    return found
