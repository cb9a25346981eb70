"""A safe way to name one value in a JSON document: keys and indexes, nothing that computes."""

import re
from typing import TypeAlias

JsonPath: TypeAlias = "tuple[str | int, ...]"

MOST_STEPS = 32

_STEP = re.compile(r"(?:^|\.)([A-Za-z0-9_$@-]{1,128})|\[([0-9]{1,6})\]")


class Missing:
    """Stands for a value that is not there; JSON has a null of its own."""


MISSING = Missing()


def parse_json_path(text: str) -> JsonPath:
    """
    Return the steps of *text*, such as ``data.items[0].state``.

    Raises:
        ValueError: it is no such path; the message names the remedy.
    """
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None or len(steps) == MOST_STEPS:
            raise ValueError(f"{text!r} is no path; write keys and indexes: data.items[0].state")
        steps.append(match[1] if match[1] is not None else int(match[2]))
        at = match.end()
    if not steps:
        raise ValueError("the path is empty; write keys and indexes: data.items[0].state")
    return tuple(steps)


def look_up(document: object, path: JsonPath) -> object:
    """Return the value at *path*, `MISSING` where there is none."""
    value = document
    for step in path:
        value = _child(value, step)
    return value


def _child(value: object, step: str | int) -> object:
    if isinstance(value, dict) and isinstance(step, str):
        return value.get(step, MISSING)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return MISSING
