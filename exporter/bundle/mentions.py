"""
Where a rule file, a dashboard or a document speaks of a metric of ours.

A whole word `bot_...` is one, unless its place says otherwise: a recorded series (`a:b:c`), a
label, a variable, a key, the name of an alert or of a file. What is none is blanked out, so that
lines and columns stay.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

DATA_FILES = (".json", ".yml", ".yaml")
# Names of ours that are no metrics: the product, and settings of Telegram receivers.
FOREIGN = frozenset(("bot_exporter", "bot_token", "bot_token_file"))

_METRIC = re.compile(r"(?<![\w:.$])(?<!\w-)(?<!\$\{)bot_[a-z0-9_]+(?!\w|:\w|\.\w)")
_RECORD = re.compile(r"^[\s-]*record:\s*[\"']?(bot_\w+)", re.MULTILINE)

_SELECTOR = re.compile(r"\{[^{}]*\}")
_MATCHER = re.compile(r"\b(?!__name__)[a-zA-Z_]\w*\s*(?:=~|!~|!=|=)\s*\\?([\"'])[^\"']*\1")
_ESCAPE = re.compile(r"\\[nrt]")
_NOT_METRICS = (
    re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)"),
    re.compile(r"(?<=label_values\()\s*\w+\s*(?=\))|,\s*\w+\s*(?=\)(?<=label_values\([^)]))"),
)
_LABEL_OF_VALUES = re.compile(r"\blabel_values\((?:[^()]*,)?(\s*\w+\s*)\)")
_NAMES = (
    re.compile(r"\"\w+\"(?=\s*:)"),
    re.compile(r"^[\s-]*\w+(?=:(?:\s|$))", re.MULTILINE),
    re.compile(r"^[\s-]*(?:alert|name|receiver|job_name):\s*[\"']?\w+[\"']?\s*$", re.MULTILINE),
    re.compile(r"\"(?:name|uid|id)\"\s*:\s*\"\w*\""),
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name and the line it stands on; with ``_`` at its end it is the start of some names."""

    name: str
    line: int


def mentions(text: str, *, suffix: str = ".md") -> Iterator[Mention]:
    """Yield what looks like our metrics in a file whose name ends in *suffix*."""
    cleared = _without_names(text) if suffix in DATA_FILES else text
    cleared = _without_labels(cleared)
    for match in _METRIC.finditer(cleared):
        if match[0] not in FOREIGN:
            yield Mention(match[0], cleared.count("\n", 0, match.start()) + 1)


def recorded(text: str) -> set[str]:
    """Return the series that rules in *text* record under a name like a metric's."""
    return set(_RECORD.findall(text))
