"""What holds of every alert and recording; each check is shown a mistake that it must find."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.catalog.alert_spec import Threshold
from exporter.catalog.builtin import CATALOG
from exporter.catalog.rules import all_alerts
from exporter.catalog.thresholds import every_threshold
from tests.support.server import ROOT

from .case_checks import Block, Document, case_problems
from .rule_checks import (
    PAGES,
    bound_problems,
    guess_problems,
    recording_problems,
    severity_problems,
    threshold_problems,
)
from .rulebook import Rule, alerts_of, all_rules
from .runbook_checks import runbook_problems

RULES = all_rules(ROOT)
ALERTS = alerts_of(RULES)
TESTS = ROOT / "prometheus/tests"
THRESHOLDS = {alert.name: alert.threshold for alert in all_alerts() if alert.threshold is not None}
RUNBOOKS = ROOT / "docs/runbooks.md"

RULE = Rule(
    file="technical.yml",
    alert="BotErrorRatioHigh",
    expr="bot:bot_turn_failures_per_turns:ratio_rate5m > 0.05",
    wait="5m",
    labels={"severity": "warning", "team": "bots"},
    annotations={
        "summary": "It fails.",
        "description": "It fails often.",
        "runbook_url": "http://127.0.0.1/runbooks#boterrorratiohigh",
        "dashboard_url": "http://127.0.0.1/d/bot",
    },
)
SECTION = """\
### BotErrorRatioHigh

**Meaning**: it fails.

**First checks**:

1. `bot_turns_total`
2. Its last deploy.

**Remedy**: mend it.

**Suggested action**: the owner mends it.
"""


def example() -> dict[str, Any]:
    """Return a test with everything that is asked for, to be broken."""
    loud = {
        "exp_labels": {"severity": "warning", "team": "bots"},
        "exp_annotations": dict(RULE.annotations),
    }

    def asked(eval_time: str, *alerts: object) -> Document:
        return {"eval_time": eval_time, "alertname": RULE.alert, "exp_alerts": list(alerts)}

    def block(name: str, *cases: Document) -> Block:
        series = [{"series": "bot_turns_total", "values": "0+1x30"}]
        tests = list(cases)
        return {"name": name, "interval": "1m", "input_series": series, "alert_rule_test": tests}

    silent = ("near miss", "no data", "zero and restored counters")
    return {
        "rule_files": ["../rules/technical.yml"],
        "tests": [
            block("fires", asked("10m", loud)),
            *(block(f"{name}: somehow", asked("20m")) for name in silent),
            block("resolves", asked("10m", loud), asked("30m")),
        ],
    }


def test_the_rules_are_found() -> None:
    """Without any, every check below would pass."""
    assert len(ALERTS) > 50
    assert {alert.name for alert in all_alerts()} <= ALERTS.keys()
    assert ALERTS.keys() >= PAGES


def test_only_what_must_wake_somebody_is_critical() -> None:
    """The list of pages is written out, so that nobody adds one in passing."""
    assert [] == list(severity_problems(RULES))


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({"severity": "critical", "team": "bots"}, "may not wake anybody"),
        ({"severity": "page", "team": "bots"}, "nobody would hear"),
        ({"severity": "warning"}, "nobody would hear"),
        ({"severity": "none", "team": "bots"}, "for machines"),
    ],
)
def test_a_wrong_severity_is_caught(labels: dict[str, str], said: str) -> None:
    """Whoever adds a page adds it to the list, with a reason."""
    (problem,) = severity_problems([replace(RULE, labels=labels)])

    assert said in problem


@pytest.mark.parametrize("key", ["summary", "description", "dashboard_url", "runbook_url"])
def test_a_missing_text_is_caught(key: str) -> None:
    """A message without it leaves its reader alone."""
    texts = {**RULE.annotations, key: ""}

    assert f"{RULE.alert}: has no {key}" in set(
        severity_problems([replace(RULE, annotations=texts)])
    )


def test_a_page_that_wakes_nobody_is_caught() -> None:
    """Somebody lowered its severity and forgot the list."""
    rule = replace(ALERTS["BotDown"], labels={"severity": "warning", "team": "bots"})

    assert ["BotDown: is in PAGES, but wakes nobody"] == list(severity_problems([rule]))


def test_every_bound_belongs_to_a_bucket() -> None:
    """A selector for another bound matches nothing, and its alert is silent for ever."""
    assert [] == list(bound_problems(RULES, CATALOG))


@pytest.mark.parametrize(
    "expr",
    [
        'rate(bot_response_duration_seconds_bucket{le="3.0"}[5m])',
        'rate(bot_response_duration_seconds_bucket{bot="a", le="2"}[5m])',
        'rate(bot_response_duration_seconds_bucket{le=~"2.0|5.0"}[5m])',
        'bot:bot_response_duration_seconds_bucket:rate5m{le="0.7"}',
        'rate(bot_turns_total{le="2.0"}[5m])',
    ],
)
def test_a_bound_off_the_buckets_is_caught(expr: str) -> None:
    """No such bound, not as Prometheus 3 writes it, not a literal, or no histogram at all."""
    assert 1 == len(list(bound_problems([replace(RULE, expr=expr)], CATALOG)))


def test_every_threshold_lies_on_a_bound() -> None:
    """Between two bounds a quantile is a guess."""
    assert [] == list(threshold_problems(every_threshold().values(), CATALOG))
    assert [] == list(guess_problems(RULES, THRESHOLDS))


@pytest.mark.parametrize(
    "threshold",
    [
        Threshold(name="x", value=3.0, histogram="bot_response_duration_seconds", doc="Off."),
        Threshold(name="x", value=2.0, histogram="bot_turns_total", doc="No histogram."),
        Threshold(name="x", value=2.0, histogram="bot_nothing_seconds", doc="No metric."),
        Threshold(name="x", value=2.0, most=1.0, doc="Too much."),
    ],
)
def test_a_threshold_off_the_bounds_is_caught(threshold: Threshold) -> None:
    """It would be exact nowhere."""
    assert 1 == len(list(threshold_problems([threshold], CATALOG)))


def test_a_quantile_against_any_number_is_caught() -> None:
    """Its threshold has to name the histogram, so that the bound is checked."""
    rule = replace(RULE, expr="bot:bot_response_duration_seconds:p95_rate5m > 3")
    threshold = THRESHOLDS["BotErrorRatioHigh"]

    assert 1 == len(list(guess_problems([rule], {RULE.alert: threshold})))
    assert 1 == len(list(guess_problems([rule], {})))


def test_every_recording_is_named_after_what_it_reads() -> None:
    """Its level are its labels, its middle is its metric, and a ratio divides sums."""
    assert [] == list(recording_problems(RULES, CATALOG))


@pytest.mark.parametrize(
    ("record", "expr", "said"),
    [
        (
            "bot:bot_goals:rate5m",
            "sum without (instance, platform) (rate(bot_turns_total[5m]))",
            "none of the metrics it reads: bot_turns",
        ),
        (
            "bot_platform:bot_turns:rate5m",
            "sum without (instance, platform) (rate(bot_turns_total[5m]))",
            "its labels are bot, its level is bot_platform",
        ),
        (
            "bot:bot_turns:rate5m",
            "sum without (platform) (rate(bot_turns_total[5m]))",
            "two exporters make two series",
        ),
        (
            "bot:bot_turn_failures_per_turns:ratio_rate5m",
            "avg without (instance) (rate(bot_turn_failures_total[5m]))",
            "divides two recordings",
        ),
        (
            "bot:bot_turn_failures_per_turns:ratio_rate5m",
            "rate(bot_turn_failures_total[5m]) / rate(bot_turns_total[5m])",
            "neither a recording nor a sum",
        ),
        (
            "bot:bot_turn_failures_per_turns:ratio_rate5m",
            "bot:bot_turn_failures:rate9m / (sum without (instance) (bot_turns_total) > 0)",
            "neither a recording nor a sum",
        ),
    ],
)
def test_a_recording_that_says_something_else_is_caught(record: str, expr: str, said: str) -> None:
    """A panel that shows it would mislead."""
    rule = Rule(file="recording.yml", record=record, expr=expr)

    assert said in "\n".join(recording_problems([rule], CATALOG))


def documents() -> Iterator[tuple[Path, Document]]:
    """Yield every test file with its content."""
    for file in sorted(TESTS.glob("*.test.yml")):
        yield file, yaml.safe_load(file.read_text("utf-8"))


def test_every_alert_has_a_test_of_its_name() -> None:
    """A file in small letters is about something else, and asks something, too."""
    found = dict(documents())
    names = {file.name.removesuffix(".test.yml") for file in found}
    of_alerts = {name for name in names if name != name.lower()}

    assert ALERTS.keys() == of_alerts
    for file, document in found.items():
        blocks = document["tests"]
        assert all(b.get("promql_expr_test") or b.get("alert_rule_test") for b in blocks), file


def test_every_alert_is_seen_firing_silent_and_resolving() -> None:
    """Five kinds of blocks, and assertions that can fail in each of them."""
    problems = [
        problem
        for file, document in documents()
        if (rule := ALERTS.get(file.name.removesuffix(".test.yml"))) is not None
        for problem in case_problems(rule, document)
    ]

    assert [] == problems


def test_a_complete_test_is_accepted() -> None:
    """Otherwise the mistakes below would prove nothing."""
    assert [] == list(case_problems(RULE, example()))


@pytest.mark.parametrize("missing", range(5))
def test_a_missing_block_is_caught(missing: int) -> None:
    """An alert is not done before all of them are there."""
    document = example()
    del document["tests"][missing]

    (problem,) = case_problems(RULE, document)

    assert "no block is called" in problem


@pytest.mark.parametrize(
    ("block", "change", "said"),
    [
        (0, {"name": "burns"}, "is none of"),
        (0, {"alert_rule_test": []}, "asks nothing"),
        (0, {"eval_time": "10m", "exp_alerts": []}, "never expects the alert"),
        (0, {"eval_time": "10m", "exp_alerts": [{"exp_labels": {}}]}, "it expects no summary"),
        (1, {"eval_time": "20m", "exp_alerts": [{}]}, "expects the alert at 20m"),
        (1, {"eval_time": "5m", "exp_alerts": []}, "asks before the alert can fire"),
        (1, {"eval_time": "1h", "exp_alerts": []}, "when its series have ended"),
        (3, {"input_series": []}, "nothing could fire"),
        (4, {"eval_time": "30m", "exp_alerts": []}, "never expects the alert"),
        (4, {"eval_time": "10m", "exp_alerts": [{"exp_labels": {}}]}, "still expects"),
    ],
)
def test_a_test_that_cannot_fail_is_caught(block: int, change: Document, said: str) -> None:
    """Each of these would stay green whatever the rule does."""
    document = example()
    if "eval_time" in change:
        change = {"alert_rule_test": [{"alertname": RULE.alert, **change}]}
    document["tests"][block] = {**document["tests"][block], **change}

    assert said in "\n".join(case_problems(RULE, document))


def test_a_test_of_other_rules_is_caught() -> None:
    """Silence is easy when the rule is not there."""
    assert ["BotErrorRatioHigh: the test does not load other.yml"] == list(
        case_problems(replace(RULE, file="other.yml"), example())
    )


def test_every_alert_has_a_whole_section_in_the_runbooks() -> None:
    """What it means, what to look at, what to do, and who; and no section is left over."""
    assert [] == list(runbook_problems(RUNBOOKS.read_text("utf-8"), ALERTS))


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("### BotErrorRatioHigh", "### BotErrorsHigh", "has no section"),
        ("### BotErrorRatioHigh", "### BotErrorsHigh", "there is no such alert"),
        ("**Meaning**: it fails.", "", "has no Meaning"),
        ("**Meaning**: it fails.", "**Meaning**:", "says nothing under Meaning"),
        ("**Remedy**: mend it.", "", "has no Remedy"),
        ("**Suggested action**: the owner mends it.", "", "has no Suggested action"),
        ("2. Its last deploy.\n", "", "fewer than 2 first checks"),
        ("`bot_turns_total`", "Its turns.", "no query and no command"),
        ("**First checks**:\n", "**First checks**:\n" + 20 * "\nmore", "longer than"),
        ("### BotErrorRatioHigh", "### BotErrorRatioHigh\n### BotErrorRatioHigh", "two sections"),
    ],
)
def test_a_gap_in_the_runbooks_is_caught(right: str, wrong: str, said: str) -> None:
    """Who is woken reads it for the first time, and has to find everything."""
    assert [] == list(runbook_problems(SECTION, [RULE.alert]))

    broken = SECTION.replace(right, wrong)

    assert said in "\n".join(runbook_problems(broken, [RULE.alert]))


def test_the_parts_of_a_section_stand_in_their_order() -> None:
    """At night nobody looks for them."""
    swapped = SECTION.replace("Remedy", "X").replace("Meaning", "Remedy").replace("X", "Meaning")

    assert "in another order" in "\n".join(runbook_problems(swapped, [RULE.alert]))
