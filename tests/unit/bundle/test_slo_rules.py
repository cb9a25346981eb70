"""Objectives become rules: what is recorded, and on which conditions people are told."""

from dataclasses import replace
from typing import Any

import yaml

from exporter.bundle.slo_recordings import STEP_SECONDS
from exporter.bundle.slo_rules import slo_file, slo_rules
from exporter.catalog.alert_spec import Alert, Recording, RuleFile
from exporter.catalog.builtin import CATALOG
from exporter.catalog.slo_spec import EventCount, Slo
from exporter.config.site import Site
from exporter.config.site_load import LoadedSite, default_site

FAILURES = EventCount(metric=CATALOG.metric("bot_turn_failures_total"))
TURNS = EventCount(metric=CATALOG.metric("bot_turns_total"))
ANSWERS = Slo(name="answers", doc="A turn is answered.", target=0.99, total=TURNS, events=FAILURES)
MAINTENANCE = "unless on (bot) (max_over_time(bot_maintenance_active[5m]) == 1)"


def recordings(slo: Slo) -> dict[str, str]:
    """Return the expression of each series of *slo* by its name."""
    file = slo_file([slo], Site())
    rules = (rule for group in file.groups for rule in group.rules)
    return {rule.name: rule.expr for rule in rules if isinstance(rule, Recording)}


def alerts(file: RuleFile) -> dict[str, Alert]:
    """Return the alerts of one objective by name."""
    return {alert.name: alert for alert in file.alerts}


def parsed(loaded: LoadedSite) -> list[dict[str, Any]]:
    """Return the groups of the rendered file."""
    (text,) = slo_rules(loaded).values()
    groups: list[dict[str, Any]] = yaml.safe_load(text)["groups"]
    return groups


def test_bad_and_total_are_rates_without_time_under_maintenance() -> None:
    """Only the bot stays of the labels, and what Prometheus adds to them."""
    series = recordings(ANSWERS)

    total = f"sum without (instance, platform) (rate(bot_turns_total[5m]))\n{MAINTENANCE}"
    bad = f"sum without (instance, platform) (rate(bot_turn_failures_total[5m]))\n{MAINTENANCE}"
    assert total == series["slo:total:rate5m"]
    assert f"{bad}\nor 0 * (\n{total}\n)" == series["slo:bad:rate5m"]


def test_good_events_are_taken_from_the_total() -> None:
    """Turns that failed were not answered in time either."""
    in_time = EventCount(metric=CATALOG.metric("bot_response_duration_seconds"), at_most=2)

    bad = recordings(replace(ANSWERS, events=in_time, counts_bad=False))["slo:bad:rate5m"]

    assert bad.startswith("clamp_min((\nsum without (instance, platform) (rate(bot_turns_total[5m]")
    assert 'rate(bot_response_duration_seconds_bucket{le="2.0"}[5m])' in bad
    assert "sum without (instance, le, platform)" in bad


def test_labels_narrow_the_events_down() -> None:
    """Values are quoted as PromQL and its regular expressions need it."""
    some = replace(
        FAILURES, only={"platform": ("web", "v.oice")}, without={"bot": ('a"b\\',), "platform": ()}
    )
    some = replace(some, without={"bot": ('a"b\\',)})

    bad = recordings(replace(ANSWERS, events=some))["slo:bad:rate5m"]

    assert r'{platform=~"web|v\\.oice",bot!="a\"b\\"}' in bad


def test_an_objective_of_all_bots_leaves_each_out_while_it_is_maintained() -> None:
    """The others still count."""
    total = recordings(replace(ANSWERS, per_bot=False))["slo:total:rate5m"]

    assert (
        "sum without (instance, bot, platform) (\n"
        f"  rate(bot_turns_total[5m])\n  {MAINTENANCE}\n)" == total
    )


def test_events_of_the_exporter_know_no_maintenance() -> None:
    """There is no bot to be maintained."""
    requests = EventCount(metric=CATALOG.metric("bot_exporter_requests_total"))
    refused = EventCount(metric=CATALOG.metric("bot_exporter_requests_refused_total"))

    series = recordings(replace(ANSWERS, total=requests, events=refused, per_bot=False))

    assert (
        "sum without (instance) (rate(bot_exporter_requests_total[5m]))"
        == (series["slo:total:rate5m"])
    )


def test_longer_windows_are_sums_of_the_rates() -> None:
    """A mean of ratios would let a quiet night weigh as much as a busy day."""
    series = recordings(ANSWERS)

    total = 'sum_over_time(slo:total:rate5m{slo="answers"}[30m])'
    bad = 'sum_over_time(slo:bad:rate5m{slo="answers"}[30m])'
    assert f"{bad}\n/ ({total} > 0)\n/ 0.01" == series["slo:burn:rate30m"]
    for window in ("1h", "6h", "1d", "3d", "30d"):
        expected = f'60 * sum_over_time(slo:bad:rate5m{{slo="answers"}}[{window}])'
        assert expected == series[f"slo:bad:increase{window}"]


def test_the_days_run_every_5_minutes_and_the_rates_every_minute() -> None:
    """30 days of minutes are 43,200 samples; and the sums count with the step of the rates."""
    minutes, days, _ = slo_file([ANSWERS], Site()).groups

    assert f"{STEP_SECONDS}s" == minutes.interval
    assert "5m" == days.interval
    in_days = {rule.name for rule in days.rules}
    assert {"slo:burn:rate30d", "slo:error_budget_left:ratio30d", "SloSlowBurn"} < in_days


def test_a_burn_alert_has_four_conditions_for_each_pair_of_windows() -> None:
    """Long, short, enough bad events, and a share of the whole budget."""
    alert = alerts(slo_file([ANSWERS], Site()))["SloFastBurn"]

    hour, six = alert.value.split("\nor\n")
    total = 'last_over_time(slo:total:increase30d{slo="answers"}[15m])'
    assert [
        "(",
        '  slo:burn:rate1h{slo="answers"} > 14.4',
        '  and slo:burn:rate5m{slo="answers"} > 14.4',
        '  and slo:bad:increase1h{slo="answers"} > 2.4',
        f'  and slo:bad:increase1h{{slo="answers"}} > 0.02 * 0.01 * {total}',
        ")",
    ] == hour.splitlines()
    assert '> 6\n  and slo:burn:rate30m{slo="answers"} > 6\n' in six


def test_a_site_decides_how_many_bad_events_it_takes() -> None:
    """Eight tenths of them, because events are counted in averages of 5 minutes."""
    site = Site(thresholds={"slo_bad_events": 10, "slo_trickle_events": 50})

    own = alerts(slo_file([ANSWERS], site))

    assert 'slo:bad:increase1h{slo="answers"} > 8' in own["SloFastBurn"].value
    assert '(slo:bad:increase3d{slo="answers"}[15m]) > 8' in own["SloTrickle"].value
    assert '(slo:total:increase3d{slo="answers"}[15m]) < 50' in own["SloTrickle"].value


def test_an_objective_that_does_not_page_has_no_fast_alert() -> None:
    """Nobody gets up at night because ratings are low."""
    own = alerts(slo_file([replace(ANSWERS, pages=False)], Site()))

    assert ["SloSlowBurn", "SloTrickle", "PrometheusRetentionShort"] == list(own)


def test_labels_of_an_objective_are_labels_of_its_alerts() -> None:
    """Routes tell teams apart by them."""
    own = replace(ANSWERS, labels={"team": "ai", "tier": "gold"})

    groups = parsed(LoadedSite(site=Site(), slos=(own,)))

    labels = next(rule["labels"] for rule in groups[0]["rules"] if "alert" in rule)
    assert {
        "severity": "critical",
        "team": "ai",
        "slo": "answers",
        "slo_burn": "fast",
        "tier": "gold",
    } == labels


def test_every_series_says_which_objective_it_belongs_to() -> None:
    """Dashboards choose by it; a site without objectives records nothing."""
    rules = [rule for group in parsed(default_site()) for rule in group["rules"]]

    names = {rule["labels"]["slo"] for rule in rules if "record" in rule}
    (left,) = parsed(LoadedSite(site=Site(), slos=()))

    assert {"availability", "response"} == names
    assert ["PrometheusRetentionShort"] == [rule["alert"] for rule in left["rules"]]
