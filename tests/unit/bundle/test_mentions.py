"""Metric names are found where they stand, and nothing that only looks like one."""

import pytest

from exporter.bundle.mentions import Mention, declared, mentions

RULES = """\
groups:
  - name: bot_turns
    rules:
      - record: bot:turn_failures:rate5m
        expr: sum by (bot, bot_team) (rate(bot_turn_failures_total{bot_team!="bot_x"}[5m]))
      - alert: bot_is_silent
        expr: |
          time()-bot_last_event_timestamp_seconds
            > on (bot_id) group_left (bot_name) bot_expected_silence_seconds
        labels:
          bot_team: chat
        annotations:
          summary: "{{ $labels.bot_id }} is silent."
"""
DASHBOARD = r"""{
  "uid": "bot_overview",
  "templating": {"list": [{"name": "bot_id", "query": "label_values(bot_turns_total, bot_id)"}]},
  "panels": [
    {"targets": [{"expr": "sum(\nbot_events_total{bot=~\"$bot_id\", event=\"bot_x\"})"}]},
    {"targets": [{"expr": "{__name__=~\"bot_llm_.*\"} / ${bot_factor}"}]}
  ]
}
"""
PAGE = """\
`bot_turns_total` and `bot_exporter_*` are ours, bot:turns:rate5m and test_bot_x are not.
Neither is the file bot_exporter.yml, nor my-bot_x, nor the bot_token of a receiver.
"""


def test_rules_name_metrics_in_their_expressions_only() -> None:
    """Groups, alerts, labels and keys have names of their own."""
    assert [
        Mention("bot_turn_failures_total", 5),
        Mention("bot_last_event_timestamp_seconds", 8),
        Mention("bot_expected_silence_seconds", 9),
    ] == list(mentions(RULES, suffix=".yml"))


def test_the_order_of_groups_in_a_test_of_rules_names_no_metrics() -> None:
    """Groups may be called like metrics; what follows the line may not."""
    test = "group_eval_order: [bot_turns, bot_answers]\n    values: bot_events_total\n"

    assert [Mention("bot_events_total", 2)] == list(mentions(test, suffix=".yml"))


def test_dashboards_name_metrics_in_their_queries_only() -> None:
    """A line break inside a JSON string does not hide a name; variables and labels are none."""
    assert [
        Mention("bot_turns_total", 3),
        Mention("bot_events_total", 5),
        Mention("bot_llm_", 6),
    ] == list(mentions(DASHBOARD, suffix=".json"))


def test_documents_name_metrics_as_whole_words() -> None:
    """A recorded series, a longer word and the name of a file are none."""
    assert [Mention("bot_turns_total", 1), Mention("bot_exporter_", 1)] == list(mentions(PAGE))


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("- record: bot_own\n  expr: bot_turns_total", ".yml"),
        ("metrics:\n  - name: bot_own\n", ".md"),
        ("  - {name: bot_own, type: counter}\n", ".md"),
    ],
)
def test_a_text_may_declare_names_itself(text: str, suffix: str) -> None:
    """A rule may record, and a guide may invent, a series without colons."""
    assert {"bot_own"} == declared(text, suffix=suffix)


def test_the_name_of_a_group_of_rules_declares_nothing() -> None:
    """Otherwise a ghost could hide behind the group that is called like it."""
    assert set() == declared("- name: bot_own\n", suffix=".yml")
