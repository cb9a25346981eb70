"""
The shipped files, faster: every duration divided by one factor, and nothing else.

An hour of a rule becomes seconds of a test; what is tested stays what is shipped.
"""

import re
from collections.abc import Callable
from typing import Any

import yaml

KEYS = frozenset(
    {
        "evaluation_interval",
        "for",
        "group_interval",
        "group_wait",
        "interval",
        "keep_firing_for",
        "repeat_interval",
        "resolve_timeout",
        "scrape_interval",
        "scrape_timeout",
    }
)
UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
LEAST_MS = 250  # Two evaluations fit into any range.
_PART = re.compile(r"([0-9]+)(ms|[smhdw])")
_DURATION = re.compile(rf"(?:{_PART.pattern})+")
_IN_EXPRESSION = re.compile(r"(?<=[\[:])(?:[0-9]+(?:ms|[smhdw]))+(?=[\]:])")
_OFFSET = re.compile(r"(?<=\boffset )(?:[0-9]+(?:ms|[smhdw]))+")


def milliseconds(duration: str) -> int:
    """Return how long a duration of Prometheus is."""
    return sum(int(number) * UNITS[unit] for number, unit in _PART.findall(duration))


def faster(text: str, factor: float) -> str:
    """Return the YAML document *text* with every duration divided by *factor*."""
    return yaml.safe_dump(_walk(yaml.safe_load(text), _divider(factor)), sort_keys=False)


def durations_only(text: str) -> Any:  # noqa: ANN401 - YAML
    """Return the document with every duration replaced by the same word."""
    return _walk(yaml.safe_load(text), lambda _: "DURATION")


def _divider(factor: float) -> Callable[[str], str]:
    def divided(duration: str) -> str:
        long = milliseconds(duration)
        return f"{max(min(long, LEAST_MS), round(long / factor))}ms" if long else duration

    return divided


def _walk(node: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - YAML
    if isinstance(node, list):
        return [_walk(each, change) for each in node]
    if not isinstance(node, dict):
        return node
    return {key: _changed(key, value, change) for key, value in node.items()}


def _changed(key: str, value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - YAML
    if key == "expr":
        inner = _IN_EXPRESSION.sub(lambda found: change(found[0]), value)
        return _OFFSET.sub(lambda found: change(found[0]), inner)
    if key in KEYS and isinstance(value, str) and _DURATION.fullmatch(value):
        return change(value)
    return _walk(value, change)
