"""What a promtool test of an alert must show, as a function that yields one line per gap."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from .rulebook import Rule

Document: TypeAlias = Mapping[str, Any]  # A test file of promtool.
Block: TypeAlias = Mapping[str, Any]  # One entry of its `tests`.

FIRES, RESOLVES = "fires", "resolves"
SILENT = ("near miss", "no data", "zero and restored counters")
BLOCKS = (FIRES, *SILENT, RESOLVES)
LOUD_WITHOUT_DATA = frozenset({"ExporterDown", "Watchdog"})  # Silence is what they are about.
ALWAYS_LOUD = frozenset({"Watchdog"})
LOOKBACK_SECONDS = 300.0  # So long a sample is taken for the present.
TEXTS = ("summary", "description", "runbook_url", "dashboard_url")

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_REPEATED = re.compile(r"x(\d+)\Z")


def case_problems(rule: Rule, document: Document) -> Iterator[str]:
    """Yield what the tests in *document* leave open about the alert of *rule*."""
    if not any(file.endswith(f"/{rule.file}") for file in document["rule_files"]):
        yield f"{rule.alert}: the test does not load {rule.file}"
    blocks = list(document["tests"])
    kinds = {_kind(block) for block in blocks}
    for kind in (FIRES, "no data") if rule.alert in ALWAYS_LOUD else BLOCKS:
        if kind not in kinds:
            yield f"{rule.alert}: no block is called {kind!r}"
    for block in blocks:
        for problem in _block_problems(rule, block):
            yield f"{rule.alert}: {block.get('name')}: {problem}"


def seconds(duration: str) -> float:
    """Return how long a duration of Prometheus is."""
    parts = re.findall(r"(\d+)(ms|[smhdw])", duration)
    return sum(int(number) * _UNITS[unit] for number, unit in parts)


def samples(values: str) -> int:
    """Return how many samples a series of promtool has, gaps included."""
    return sum(_samples(word) for word in values.split())


def _samples(word: str) -> int:
    repeated = _REPEATED.search(word)
    # `_x3` is three gaps; `1x3` and `1+1x3` are a value and three more.
    return int(repeated[1]) + (not word.startswith("_")) if repeated else 1


def _block_problems(rule: Rule, block: Block) -> Iterator[str]:
    kind = _kind(block)
    if kind not in BLOCKS:
        yield f"is none of {', '.join(BLOCKS)}"
        return
    asked = [case for case in block.get("alert_rule_test", ()) if case["alertname"] == rule.alert]
    if not asked:
        yield "asks nothing about the alert"
        return
    cases = sorted(asked, key=lambda case: seconds(case["eval_time"]))
    is_loud = rule.alert in LOUD_WITHOUT_DATA and kind == "no data"
    if kind in SILENT and not is_loud:
        yield from _silence_problems(rule, block, cases)
    else:
        yield from _noise_problems(cases)
    if kind == RESOLVES and _expected(cases[-1]):
        yield "still expects the alert at its end"


def _noise_problems(cases: Sequence[Document]) -> Iterator[str]:
    if not any(_expected(case) for case in cases):
        yield "never expects the alert"
    for case in cases:
        for alert in _expected(case):
            texts = alert.get("exp_annotations") or {}
            missing = [key for key in TEXTS if not texts.get(key)]
            if missing or "severity" not in alert.get("exp_labels", {}):
                yield f"at {case['eval_time']} it expects no {', '.join(missing) or 'severity'}"


def _silence_problems(rule: Rule, block: Block, cases: Sequence[Document]) -> Iterator[str]:
    for case in cases:
        if _expected(case):
            yield f"expects the alert at {case['eval_time']}"
    last = seconds(cases[-1]["eval_time"])
    if last <= seconds(rule.wait):
        yield f"asks before the alert can fire: it waits {rule.wait}"
    series = block.get("input_series") or []
    if _kind(block) == "no data":
        return
    if not series:
        yield "has no series, so nothing could fire"
        return
    end = (max(samples(str(one["values"])) for one in series) - 1) * seconds(block["interval"])
    if last > end + LOOKBACK_SECONDS:
        yield f"asks at {cases[-1]['eval_time']}, when its series have ended"


def _expected(case: Document) -> Sequence[Document]:
    return case.get("exp_alerts") or ()


def _kind(block: Block) -> str:
    return str(block.get("name", "")).partition(":")[0]
