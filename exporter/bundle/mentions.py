"""
Where a rule file, a dashboard or a document speaks of a metric of ours.

A whole word `bot_...` is one, unless its place says otherwise: a recorded series (`a:b:c`), a
label, a variable, a key, the name of an alert or of a file. Those are blanked out first, so that
the lines stay.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

DATA_FILES = (".json", ".yml", ".yaml", ".rules")
# Names of ours that are no metrics: the product, and settings of Telegram receivers.
FOREIGN = frozenset(("bot_exporter", "bot_token", "bot_token_file"))

_METRIC = re.compile(r"(?<![\w:.$])(?<!\w-)(?<!\$\{)bot_[a-z0-9_]+(?!\w|:\w|\.\w)")
_RECORD = re.compile(r"^[\s-]*record:\s*[\"']?(bot_\w+)", re.MULTILINE)
_OWN = re.compile(r"(?:^[\s-]*|\{\s*)name:\s*[\"']?(bot_\w+)", re.MULTILINE)

# In JSON and YAML: line breaks inside a string, values that name other things, and keys.
_IN_DATA = (
    re.compile(r"\\[nrt]"),
    re.compile(r"^[ -]*(?:alert|name|receiver|job_name):[ \"']*\w+[ \"']*$", re.MULTILINE),
    re.compile(r"^group_eval_order:.*$", re.MULTILINE),
    re.compile(r"\"(?:name|uid|id)\"\s*:\s*\"\w*\""),
    re.compile(r"\"\w+\"(?=\s*:)"),
    re.compile(r"^[ -]*\w+(?=:(?:\s|$))", re.MULTILINE),
)
# In PromQL, wherever it stands: `by (a, b)` and `{a="b"}`, but not `{__name__="b"}`.
_GROUPING = re.compile(
    r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)", re.IGNORECASE
)
_SELECTOR = re.compile(r"\{[^{}]*\}")
_MATCHER = re.compile(r"\b(?!__name__)[a-zA-Z_]\w*\s*(?:=~|!~|!=|=)\s*\\?([\"'])[^\"']*\1")
# In Grafana: the label of `label_values(metric, label)`.
_LABEL_VALUES = re.compile(r"(\blabel_values\((?:[^()]*,)?)(\s*\w+\s*)(?=\))")


@dataclass(frozen=True, slots=True)
class Mention:
    """A name and the line it stands on; with ``_`` at its end it is the start of some names."""

    name: str
    line: int


def mentions(text: str, *, suffix: str = ".md") -> Iterator[Mention]:
    """Yield what looks like our metrics in a file whose name ends in *suffix*."""
    cleared = _cleared(text, is_data=suffix in DATA_FILES)
    for match in _METRIC.finditer(cleared):
        if match[0] not in FOREIGN:
            yield Mention(match[0], cleared.count("\n", 0, match.start()) + 1)


def declared(text: str, *, suffix: str = ".md") -> set[str]:
    """Return the names that *text* itself gives: to recorded series, to own metrics."""
    # In rules, `name:` is that of a group.
    own = [] if suffix in DATA_FILES else _OWN.findall(text)
    return {*_RECORD.findall(text), *own}


def _cleared(text: str, *, is_data: bool) -> str:
    """Return *text* with blanks in place of what only looks like a metric."""
    for pattern in _IN_DATA if is_data else ():
        text = pattern.sub(_blank, text)
    text = _GROUPING.sub(_blank, text)
    text = _SELECTOR.sub(lambda selector: _MATCHER.sub(_blank, selector[0]), text)
    return _LABEL_VALUES.sub(lambda call: call[1] + " " * len(call[2]), text)


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])
