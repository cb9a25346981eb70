"""Ghosts are found, with what their author should have written."""

from exporter.bundle.lint import Finding, Known, Text, findings, findings_in, series_names
from exporter.catalog.builtin import CATALOG
from exporter.catalog.retired import Retired

LEAVING = Retired(
    name="bot_old_duration_seconds",
    successor="bot_response_duration_seconds",
    retired_in="1.1.0",
    removed_in="2.0.0",
)


def found(text: str, file: str = "rules.yml") -> list[str]:
    """Return what is said about *text*."""
    return [str(finding) for finding in findings([Text(file, text)], CATALOG)]


def judged(name: str, version: str) -> list[Finding]:
    """Return what is said about *name* when a metric is leaving."""
    known = Known(series=series_names(CATALOG), retired=(LEAVING,), version=version)
    return list(findings_in(Text("rules.yml", f"\nexpr: {name}"), known))


def test_a_ghost_is_named_with_its_place_and_its_neighbour() -> None:
    """An editor can jump there, and the author sees what was meant."""
    assert ["rules.yml:2: bot_turn_total: no such metric; did you mean bot_turns_total?"] == found(
        "\nexpr: rate(bot_turn_total[5m])"
    )


def test_a_ghost_without_a_neighbour_leads_to_the_reference() -> None:
    """A wrong guess would cost more than none."""
    assert [
        "rules.yml:1: bot_zzzz: no such metric; docs/reference/metrics.md lists them all"
    ] == found("expr: bot_zzzz")


def test_a_ghost_counts_once_per_line() -> None:
    """One mistake, one line of complaint."""
    assert 1 == len(found("expr: bot_zzzz / bot_zzzz"))


def test_the_parts_of_a_histogram_are_metrics() -> None:
    """Buckets, sum and count are what Prometheus stores."""
    assert [] == found("expr: bot_csat_score_bucket + bot_csat_score_sum + bot_csat_score_count")


def test_a_counter_has_no_parts() -> None:
    """A suffix on the wrong kind asks for nothing."""
    assert 1 == len(found("expr: bot_turns_total_bucket"))


def test_the_beginning_of_names_needs_one_that_begins_so() -> None:
    """`bot_llm_*` is fine in a sentence, `bot_probe_*` only once probes exist."""
    assert [] == found("All of `bot_llm_*`.", "page.md")
    assert 1 == len(found("All of `bot_zzz_*`.", "page.md"))


def test_the_value_of_a_label_is_no_metric() -> None:
    """The reason `bot_not_allowed` begins like one."""
    assert [] == found("The reason `bot_not_allowed`.", "page.md")


def test_what_one_file_records_another_may_use() -> None:
    """Rules and the dashboards on them are checked together."""
    texts = [Text("a.yml", "record: bot_own"), Text("b.json", '"expr": "bot_own"')]

    assert [] == list(findings(texts, CATALOG))


def test_a_retired_metric_is_announced_before_it_goes() -> None:
    """A note is no failure; there is a release of time."""
    (note,) = judged("bot_old_duration_seconds_bucket", version="1.2.0")

    assert not note.is_ghost
    assert (
        "retired in 1.1.0, will be removed in 2.0.0; use bot_response_duration_seconds"
        == note.message
    )


def test_a_removed_metric_is_a_ghost_with_a_successor() -> None:
    """Who upgrades across versions still learns the new name."""
    (ghost,) = judged("bot_old_duration_seconds", version="2.0.0")

    assert ghost.is_ghost
    assert "was removed in 2.0.0; use bot_response_duration_seconds" in ghost.message
