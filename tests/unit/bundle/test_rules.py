"""Rules are written from the catalogue's alerts and a site's numbers: `exporter.bundle.rules`."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from exporter.bundle.rules import expression, number, rule_files
from exporter.catalog.alert_spec import Alert, RuleFile, RuleGroup, Severity, Team, Threshold
from exporter.catalog.rules import all_alerts
from exporter.config.site import Links, Site, SiteBot

RATIO = Threshold(name="ratio", value=0.05, most=1.0, doc="Share that may fail.")
ALERT = Alert(
    name="BotFails",
    severity=Severity.WARNING,
    team=Team.BOTS,
    value="bot:bot_fails:ratio",
    threshold=RATIO,
    summary="It fails.",
    description="It fails often.",
    dashboard="bot-detail",
)


def written(alert: Alert, site: Site | None = None) -> dict[str, Any]:
    """Return *alert* as it stands in its file."""
    file = RuleFile(name="some", doc="Some.", groups=(RuleGroup(name="bot_some", rules=(alert,)),))
    text = rule_files((file,), site)["prometheus/rules/some.yml"]
    rule: dict[str, Any] = yaml.safe_load(text)["groups"][0]["rules"][0]
    return rule


def test_a_value_is_compared_with_its_threshold() -> None:
    """The number is the catalogue's."""
    assert "bot:bot_fails:ratio > 0.05" == expression(ALERT, Site())


def test_a_value_that_is_an_expression_stands_in_brackets() -> None:
    """A comparison would bind its last part only."""
    alert = replace(ALERT, value="a\n/ b")

    assert "(a\n/ b) > 0.05" == expression(alert, Site())


def test_a_guard_is_joined_on_the_labels_of_the_alert() -> None:
    """With `or` in the condition the guard holds for all of it."""
    guarded = replace(ALERT, only_if="c >= 20", match=("bot", "queue"))
    without = replace(guarded, threshold=None, value="a\nor b", match=())

    assert "bot:bot_fails:ratio > 0.05\nand on (bot, queue) (c >= 20)" == expression(
        guarded, Site()
    )
    assert "(a\nor b)\nand (c >= 20)" == expression(without, Site())


def test_a_site_has_its_own_number() -> None:
    """For all bots that have none."""
    assert "bot:bot_fails:ratio > 0.1" == expression(ALERT, Site(thresholds={"ratio": 0.1}))


def test_a_bot_with_its_own_number_leaves_the_common_comparison() -> None:
    """Otherwise the stricter of the two would decide."""
    bots = {
        "shop": SiteBot(thresholds={"ratio": 0.2}),
        "help": SiteBot(thresholds={"ratio": 0.01}),
        "bank": SiteBot(thresholds={"other": 1}),
    }

    own = (
        'label_replace(vector(0.01), "bot", "help", "", "")\n'
        '  or label_replace(vector(0.2), "bot", "shop", "", "")'
    )
    assert (
        f"(bot:bot_fails:ratio unless on (bot) ({own})) > 0.05\n"
        f"or bot:bot_fails:ratio > on (bot) group_left () ({own})"
    ) == expression(ALERT, Site(bots=bots))


def test_durations_are_written_when_there_are_any() -> None:
    """`for: ""` would be an error."""
    at_once = written(replace(ALERT, wait=""))

    assert "5m" == written(ALERT)["for"]
    assert "10m" == written(replace(ALERT, keep="10m"))["keep_firing_for"]
    assert {"for", "keep_firing_for"}.isdisjoint(at_once)


def test_severity_and_team_are_labels_beside_its_own() -> None:
    """Alertmanager routes by them."""
    rule = written(replace(ALERT, labels={"symptom_of": "slo"}))

    assert {"severity": "warning", "team": "bots", "symptom_of": "slo"} == rule["labels"]


def test_links_lead_to_the_section_and_to_the_bot() -> None:
    """Without a bot there is none to choose on the dashboard."""
    site = Site(links=Links(runbooks="https://x.example/r/", grafana="https://g.example/"))
    of_bot, of_host = written(ALERT, site), written(replace(ALERT, match=("instance",)), site)

    assert "https://x.example/r#botfails" == of_bot["annotations"]["runbook_url"]
    dashboard = "https://g.example/d/bot-exporter-bot-detail"
    assert of_bot["annotations"]["dashboard_url"].startswith(f"{dashboard}?var-bot=")
    assert dashboard == of_host["annotations"]["dashboard_url"]


@pytest.mark.parametrize(
    ("value", "text"), [(20.0, "20"), (0.05, "0.05"), (53_687_091.0, "53687091"), (1e-4, "0.0001")]
)
def test_numbers_are_written_as_people_write_them(value: float, text: str) -> None:
    """A rule file is read by people, too."""
    assert text == number(value)


def test_only_alerts_of_bots_let_a_bot_have_its_own_number() -> None:
    """A number of the exporter's or of Alertmanager's belongs to no bot."""
    wrong = [
        alert.name
        for alert in all_alerts()
        if alert.threshold is not None and alert.threshold.per_bot is not ("bot" in alert.match)
    ]

    assert [] == wrong
