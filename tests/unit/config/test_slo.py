"""Objectives: what may be declared, and what it is understood as (`exporter.config.slo`)."""

from pathlib import Path

import pytest

from exporter.catalog.builtin import CATALOG
from exporter.catalog.slo_spec import FAST, SLOW, Slo
from exporter.config.load import read_document
from exporter.config.slo import read_slos, shipped_files, shipped_slos
from exporter.model.errors import Problem
from tests.unit.catalog.cases import Case

GOOD = """\
slos:
  - name: answers
    description: A turn ends with an answer.
    target: 0.99
    bad: {metric: bot_turn_failures_total}
    total: {metric: bot_turns_total}
"""


def changed(name: str, old: str, new: str, *, path: str, remedy: str, good: str = GOOD) -> Case:
    """Return a case in which *old* becomes *new* on its line."""
    assert old in good
    bad = good.replace(old, f"{new}  # <-", 1)
    return Case(name=name, good=good, bad=bad, path=path, remedy=remedy)


FAST_ONLY = GOOD.replace("target: 0.99", "target: 0.931")
HISTOGRAM = GOOD.replace(
    "bad: {metric: bot_turn_failures_total}",
    "good: {metric: bot_response_duration_seconds, at_most: 2}",
)
LABELLED = GOOD.replace(
    "total: {metric: bot_turns_total}",
    "total: {metric: bot_turns_total, only: {platform: [web, voice]}}",
)
CHOICES = GOOD.replace(
    "bad: {metric: bot_turn_failures_total}",
    "bad: {metric: bot_llm_request_failures_total, without: {reason: [filtered]}}",
)
SHARED = GOOD.replace("{metric: bot_turns_total}", "{metric: bot_turns_total}\n    per_bot: true")

CASES = [
    changed(
        "percent",
        "target: 0.99",
        "target: 99",
        path="slos[0].target",
        remedy="99 is not a ratio; write 0.99",
    ),
    changed(
        "nothing may be bad",
        "target: 0.99",
        "target: 1",
        path="slos[0].target",
        remedy="leaves no error budget",
    ),
    changed(
        "a page that can never come",
        "target: 0.931",
        "target: 0.93",
        path="slos[0].target",
        remedy="could never fire; write at least 0.9306, or write `pages: false`",
        good=FAST_ONLY,
    ),
    changed(
        "a warning that can never come",
        "target: 0.67\n    pages: false",
        "target: 0.66  # <-\n    pages: false",
        path="slos[0].target",
        remedy="could never fire; write at least 0.6667",
        good=GOOD.replace("target: 0.99", "target: 0.67\n    pages: false"),
    ),
    changed(
        "a metric that does not exist",
        "bot_turn_failures_total",
        "bot_turn_failure_total}",
        path="slos[0].bad.metric",
        remedy="did you mean 'bot_turn_failures_total'?",
    ),
    changed(
        "a gauge",
        "{metric: bot_turn_failures_total}",
        "{metric: bot_queue_depth}",
        path="slos[0].bad.metric",
        remedy="is a gauge; name a counter of events",
    ),
    changed(
        "a sum of amounts",
        "{metric: bot_turn_failures_total}",
        "{metric: bot_llm_cost_usd_total}",
        path="slos[0].bad.metric",
        remedy="adds up amounts; name a counter of events",
    ),
    changed(
        "a bound that is no bucket",
        "at_most: 2}",
        "at_most: 3}",
        path="slos[0].good.at_most",
        remedy="write one of: 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60",
        good=HISTOGRAM,
    ),
    changed(
        "a histogram without a bound",
        ", at_most: 2}",
        "}",
        path="slos[0].good",
        remedy="add `at_most`, one of: 0.1",
        good=HISTOGRAM,
    ),
    changed(
        "a counter with a bound",
        "{metric: bot_turn_failures_total}",
        "{metric: bot_turn_failures_total, at_most: 2}",
        path="slos[0].bad.at_most",
        remedy="is no histogram; remove it",
    ),
    changed(
        "part of a histogram as total",
        "{metric: bot_turns_total}",
        "{metric: bot_response_duration_seconds, at_most: 2}",
        path="slos[0].total.at_most",
        remedy="`total` are all observations; remove it",
    ),
    changed(
        "a label the metric does not have",
        "platform:",
        "plattform: [web]}}",
        path="slos[0].total.only.plattform",
        remedy="did you mean 'platform'?",
        good=LABELLED,
    ),
    changed(
        "a value that never occurs",
        "[filtered]",
        "[filterd]}}",
        path="slos[0].bad.without.reason",
        remedy="did you mean 'filtered'?",
        good=CHOICES,
    ),
    changed(
        "all events are bad",
        "bad: {metric: bot_turn_failures_total}",
        "bad: {metric: bot_turns_total}",
        path="slos[0].bad",
        remedy="these are all events of `total`; narrow them down",
    ),
    changed(
        "bots that cannot be told apart",
        "{metric: bot_turns_total}\n    per_bot: true",
        "{metric: bot_exporter_requests_total}  # <-\n    per_bot: true",
        path="slos[0].total.metric",
        remedy="write `per_bot: false`",
        good=SHARED,
    ),
    changed(
        "a label that the rules set",
        "total: {metric: bot_turns_total}",
        "total: {metric: bot_turns_total}\n    labels: {severity: critical}",
        path="slos[0].labels.severity",
        remedy="choose another name",
    ),
    changed(
        "a template in the text",
        "A turn ends with an answer.",
        '"{{ query }}"',
        path="slos[0].description",
        remedy="write something like A turn ends with an answer.",
    ),
    Case(
        name="neither bad nor good",
        good=GOOD,
        bad=GOOD.replace("    bad: {metric: bot_turn_failures_total}\n", "").replace(
            "- name: answers", "- name: answers  # <-"
        ),
        path="slos[0]",
        remedy="give either `bad` or `good` events",
    ),
    Case(
        name="the same name twice",
        good=GOOD,
        bad=GOOD + GOOD.removeprefix("slos:\n").replace("answers", "answers  # <-"),
        path="slos[1].name",
        remedy="rename one",
    ),
]


def read(file: Path, text: str) -> tuple[dict[str, Slo], list[Problem]]:
    """Return the objectives of a file that says *text*, and what is wrong with it."""
    file.write_text(text, encoding="utf-8")
    problems: list[Problem] = []
    return read_slos([read_document(file)], CATALOG, problems), problems


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_reported_with_its_place_and_remedy(case: Case, tmp_path: Path) -> None:
    """The right file is taken; the wrong one gives one problem, and no objective."""
    file = tmp_path / "slo.yml"
    slos, problems = read(file, case.right)
    assert (["answers"], []) == (list(slos), problems)

    slos, problems = read(file, case.wrong)

    [message] = map(str, problems)
    assert message.startswith(f"{file}:{case.line}: {case.path}: ")
    assert case.remedy in message
    assert {} == slos


def test_a_declaration_is_understood(tmp_path: Path) -> None:
    """What is left out has its default."""
    text = CHOICES + "    pages: false\n    per_bot: false\n    labels: {team: ai}\n"

    slos, _ = read(tmp_path / "slo.yml", text)

    slo = slos["answers"]
    assert ("A turn ends with an answer.", 0.99) == (slo.doc, slo.target)
    assert (True, False, False, {"team": "ai"}) == (
        slo.counts_bad,
        slo.pages,
        slo.per_bot,
        slo.labels,
    )
    assert ("bot_turns_total", "bot_llm_request_failures_total") == (
        slo.total.series,
        slo.events.series,
    )
    assert {"reason": ("filtered",)} == slo.events.without


def test_all_observations_of_a_histogram_can_be_the_total(tmp_path: Path) -> None:
    """Of all ratings those up to 2 are bad."""
    text = GOOD.replace("bot_turn_failures_total", "bot_csat_score, at_most: 2").replace(
        "bot_turns_total", "bot_csat_score"
    )

    slos, _ = read(tmp_path / "slo.yml", text)

    assert ("bot_csat_score_count", "bot_csat_score_bucket") == (
        slos["answers"].total.series,
        slos["answers"].events.series,
    )


def test_a_name_is_used_once_across_files(tmp_path: Path) -> None:
    """Two files must not record the same series."""
    first, second = tmp_path / "a.yml", tmp_path / "b.yml"
    first.write_text(GOOD, encoding="utf-8")
    second.write_text(GOOD, encoding="utf-8")
    problems: list[Problem] = []

    read_slos([read_document(first), read_document(second)], CATALOG, problems)

    assert [(str(second), 2, "slos[0].name")] == [(p.file, p.line, p.path) for p in problems]


def test_two_objectives_are_shipped() -> None:
    """An answer comes, and it comes within 2 seconds."""
    assert ["availability.yml", "response.yml"] == [file.name for file in shipped_files()]
    availability, response = shipped_slos()

    assert ("availability", 0.999, True) == (
        availability.name,
        availability.target,
        availability.counts_bad,
    )
    assert ("response", 2.0, False) == (response.name, response.events.at_most, response.counts_bad)


def test_the_burns_use_the_shares_of_the_workbook() -> None:
    """2 % in an hour, 5 % in six, 10 % in a day and in three: SRE Workbook, table 5-8."""
    assert [0.02, 0.05] == [round(burn.share, 9) for burn in FAST]
    assert [0.1, 0.1] == [round(burn.share, 9) for burn in SLOW]


def test_every_alert_of_a_shipped_objective_can_fire() -> None:
    """No burn is asked for that more than all events would have to be bad for."""
    assert all(burn.is_possible(slo.budget) for slo in shipped_slos() for burn in (*FAST, *SLOW))
