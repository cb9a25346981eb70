"""While a cause is known its consequences are quiet, for the same bot and for nobody else."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from exporter.bundle.alertmanager import alertmanager_files
from exporter.catalog.rules import all_alerts
from exporter.config.site import Site
from exporter.config.site_alerting import Alerting
from tests.support.pairs import PAIRS, Pair
from tests.support.waiting import wait_until

from .running import Alertmanager

Labels = dict[str, str]
SECONDS = 20.0
NOWHERE = "http://127.0.0.1:9"
BURN = {"alertname": "SomeBurn", "severity": "critical", "slo_burn": "fast"}
DOWN = {"alertname": "BotDown", "severity": "critical"}
EXPORTER_DOWN = {"alertname": "ExporterDown", "severity": "critical"}
CAUSES = (BURN, DOWN, EXPORTER_DOWN)
# One of every kind, by what inhibition looks at.
SYMPTOM = {"alertname": "Symptom", "severity": "warning", "symptom_of": "slo"}
URGENT_SYMPTOM = {**SYMPTOM, "severity": "critical"}
DEPENDENT = {"alertname": "Dependent", "severity": "critical", "depends_on": "exporter"}
WARNING = {"alertname": "Warning", "severity": "warning"}
INFO = {"alertname": "Info", "severity": "info"}
PAGE = {"alertname": "Page", "severity": "critical"}
CONSEQUENCES = (SYMPTOM, URGENT_SYMPTOM, DEPENDENT, WARNING, INFO, PAGE)


@pytest.fixture(params=PAIRS, ids=lambda pair: pair.name)
def alertmanager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Alertmanager]:
    """Start each version with the shipped inhibitions; nobody is told."""
    pair: Pair = request.param
    site = Site(alerting=Alerting(exporter_url=NOWHERE))
    for name, text in alertmanager_files(site).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    config = tmp_path / "alertmanager" / "alertmanager.yml"
    with Alertmanager(pair, tmp_path / "run", config) as running:
        yield running


def of(labels: Labels, bot: str) -> Labels:
    """Return the labels of the alert about *bot*; without the label when it is empty."""
    return {**labels, "bot": bot} if bot else dict(labels)


def post(running: Alertmanager, alerts: Sequence[Labels], *, ended: bool = False) -> None:
    """Report *alerts* as firing, or as ended."""
    now = datetime.now(UTC)
    end = now - timedelta(seconds=1) if ended else now + timedelta(hours=1)
    start = (now - timedelta(minutes=1)).isoformat()
    running.post(
        [{"labels": each, "startsAt": start, "endsAt": end.isoformat()} for each in alerts]
    )


def quiet(running: Alertmanager) -> list[Labels]:
    """Return the alerts that an inhibition holds back, in the order of their labels."""
    found = [each["labels"] for each in running.alerts() if each["status"]["inhibitedBy"]]
    return in_order(found)


def in_order(alerts: Sequence[Labels]) -> list[Labels]:
    """Return *alerts* in an order that does not depend on how they came."""
    return sorted(alerts, key=lambda labels: sorted(labels.items()))


def expect_quiet(running: Alertmanager, alerts: Sequence[Labels]) -> None:
    """Wait until exactly *alerts* are held back."""
    expected = in_order(alerts)
    wait_until(
        lambda: quiet(running) == expected, seconds=SECONDS, what=f"quiet are only {expected}"
    )


def expect_all_known(running: Alertmanager, count: int) -> None:
    """Wait until *count* alerts fire."""
    wait_until(
        lambda: len(running.alerts()) == count, seconds=SECONDS, what=f"{count} alerts are known"
    )


def everybody(bots: Sequence[str] = ("shop", "other", "")) -> list[Labels]:
    """Return every kind of consequence for each of *bots*."""
    return [of(labels, bot) for labels in CONSEQUENCES for bot in bots]


def test_a_fast_burn_holds_back_the_symptoms_of_its_bot(alertmanager: Alertmanager) -> None:
    """The page says that users suffer; that answers are slow is part of it."""
    post(alertmanager, [*everybody(), of(BURN, "shop")])

    expect_quiet(alertmanager, [of(SYMPTOM, "shop"), of(URGENT_SYMPTOM, "shop")])


def test_a_slow_burn_holds_back_the_trickle_of_its_objective(alertmanager: Alertmanager) -> None:
    """Both speak of the same failures; another objective or bot is another story."""
    slow = {"alertname": "SomeSlowBurn", "severity": "warning", "slo_burn": "slow"}
    trickle = {"alertname": "SomeTrickle", "severity": "warning", "slo_burn": "trickle"}
    same, other = {"bot": "shop", "slo": "availability"}, {"bot": "shop", "slo": "response"}
    elsewhere = {"bot": "other", "slo": "availability"}
    post(alertmanager, [{**trickle, **labels} for labels in (same, other, elsewhere)])
    post(alertmanager, [trickle, slow, {**slow, **same}])

    expect_quiet(alertmanager, [{**trickle, **same}])
    expect_all_known(alertmanager, 6)


def test_a_bot_that_is_down_holds_back_its_warnings_but_no_page(alertmanager: Alertmanager) -> None:
    """Another page about the same bot is another thing to do."""
    post(alertmanager, [*everybody(), of(DOWN, "shop")])

    expect_quiet(alertmanager, [of(each, "shop") for each in (SYMPTOM, WARNING, INFO)])


def test_an_exporter_that_is_down_holds_back_what_it_makes_false(
    alertmanager: Alertmanager,
) -> None:
    """All bots look silent then, and everything else is still true."""
    post(alertmanager, [*everybody(), EXPORTER_DOWN])

    expect_quiet(alertmanager, [of(DEPENDENT, bot) for bot in ("shop", "other", "")])


def test_alerts_without_a_bot_never_hold_one_another_back(alertmanager: Alertmanager) -> None:
    """Two missing labels are equal to Alertmanager; the matchers on both sides prevent it."""
    witness = of(SYMPTOM, "shop")
    post(alertmanager, [*everybody(("",)), BURN, DOWN, witness, of(BURN, "shop")])

    expect_quiet(alertmanager, [witness])
    expect_all_known(alertmanager, len(CONSEQUENCES) + 4)


def test_a_cause_that_ended_frees_what_it_held_back(alertmanager: Alertmanager) -> None:
    """What is still true afterwards is told."""
    causes = [of(BURN, "shop"), of(DOWN, "shop"), EXPORTER_DOWN]
    post(alertmanager, [*everybody(("shop",)), *causes])
    held = (SYMPTOM, URGENT_SYMPTOM, DEPENDENT, WARNING, INFO)
    expect_quiet(alertmanager, [of(each, "shop") for each in held])

    post(alertmanager, causes, ended=True)

    expect_quiet(alertmanager, [])


def test_one_of_two_causes_is_enough(alertmanager: Alertmanager) -> None:
    """The end of one frees only what the other does not hold."""
    post(alertmanager, [*everybody(("shop",)), of(BURN, "shop"), of(DOWN, "shop")])
    expect_quiet(
        alertmanager, [of(each, "shop") for each in (SYMPTOM, URGENT_SYMPTOM, WARNING, INFO)]
    )

    post(alertmanager, [of(BURN, "shop")], ended=True)

    expect_quiet(alertmanager, [of(each, "shop") for each in (SYMPTOM, WARNING, INFO)])


def catalogue(bot: str) -> list[Labels]:
    """Return the labels of all alerts of the catalogue, as they are for *bot*."""
    return [
        {
            "alertname": alert.name,
            "severity": alert.severity.value,
            **dict.fromkeys(alert.match, bot),
            **alert.labels,
        }
        for alert in all_alerts()
    ]


def consequences(bot: str) -> list[Labels]:
    """Return those of the catalogue that are no cause themselves."""
    names = {cause["alertname"] for cause in CAUSES}
    return [
        labels
        for labels in catalogue(bot)
        if labels["alertname"] not in names and labels.get("slo_burn") != "fast"
    ]


def test_the_catalogue_is_held_back_by_its_labels(alertmanager: Alertmanager) -> None:
    """A bot burns, another is down: of all alerts there are, these and no others are quiet."""
    burning, down = consequences("burning"), consequences("down")
    both = [*burning, *(labels for labels in down if labels not in burning)]
    post(alertmanager, [*both, of(BURN, "burning"), of(DOWN, "down")])

    expect_quiet(
        alertmanager,
        [
            labels
            for labels in both
            if (labels.get("bot") == "burning" and labels.get("symptom_of") == "slo")
            or (labels.get("bot") == "down" and labels["severity"] in ("warning", "info"))
        ],
    )
