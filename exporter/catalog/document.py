"""Plain values read from a file a person wrote, with the place of each."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ..model.errors import ConfigError, Problem

Plain: TypeAlias = "dict[str, Plain] | list[Plain] | str | int | float | bool | None"
Path: TypeAlias = tuple[str | int, ...]

MOST_PROBLEMS = 100  # Nobody reads more in one go.

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Parsed YAML, or the part of it below *prefix*."""

    file: str
    value: Plain
    lines: Mapping[Path, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    prefix: Path = ()

    def line(self, path: Path) -> int:
        """Return the line of the key at *path*, or of the nearest thing around it; 0: unknown."""
        full = self.prefix + path
        return next((self.lines[p] for p in _upwards(full) if p in self.lines), 0)

    def problem(self, path: Path, message: str) -> Problem:
        """Return *message* as a problem that points at *path*."""
        where = dotted(self.prefix + path)
        return Problem(file=self.file, line=self.line(path), path=where, message=message)


def dotted(path: Path) -> str:
    """Return *path* as a person writes it: ``bots[2].name``."""
    parts = (f"[{step}]" if isinstance(step, int) else f".{_shown(step)}" for step in path)
    return "".join(parts).removeprefix(".")


def quoted(value: object) -> str:
    """Return *value* for a message: on one line and never long."""
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def _upwards(path: Path) -> list[Path]:
    return [path[:size] for size in range(len(path), -1, -1)]


def _shown(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else quoted(key)


def refusal(problems: Sequence[Problem]) -> ConfigError:
    """Return the error that lists *problems* by file and line, the first hundred of them."""
    ordered = sorted(set(problems), key=lambda p: (p.file, p.line, p.path, p.message))
    more = len(ordered) - MOST_PROBLEMS
    if more > 0:
        message = f"{more} more problems; correct these first"
        last = Problem(file=ordered[0].file, line=0, path="", message=message)
        ordered = [*ordered[:MOST_PROBLEMS], last]
    return ConfigError(ordered)
