"""Every alert of the catalogue reaches those who are to hear of it, and nobody else."""

import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace

from exporter.bundle.alertmanager import TEST_LABEL, alertmanager_files
from exporter.catalog.alert_spec import Alert, Severity
from exporter.catalog.rules import all_alerts
from tests.support.pairs import PAIRS, Pair
from tests.support.server import ROOT

from .sites import full_site, write_secrets

Labels = Mapping[str, str]
AT_ONCE = 4
NOBODY = dict.fromkeys(("second_line", "critical", "business", "warning"), "nobody")
FULL = {"second_line": "boss", "critical": "oncall", "business": "mail", "warning": "chat"}


@dataclass(frozen=True, slots=True)
class Routing:
    """A configuration, the tool of the version it is for, and who has which role in it."""

    amtool: Path
    config: Path
    roles: Mapping[str, str]

    def receivers(self, labels: Labels) -> list[str]:
        """Return who is told of an alert with *labels*, as amtool says."""
        done = subprocess.run(
            [
                *(str(self.amtool), "config", "routes", "test", f"--config.file={self.config}"),
                *(f"{name}={value}" for name, value in labels.items()),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip().split(",")

    def misled(self, expected: Mapping[str, tuple[Labels, list[str]]]) -> dict[str, list[str]]:
        """Return those of *expected* that go elsewhere, with where they go."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = pool.map(lambda case: self.receivers(case[0]), expected.values())
            pairs = zip(expected.items(), found, strict=True)
            return {name: went for (name, (_, right)), went in pairs if went != right}


@pytest.fixture(params=PAIRS, ids=lambda pair: pair.name)
def pair(request: pytest.FixtureRequest) -> Pair:
    """Return each pair in turn."""
    found: Pair = request.param
    return found


@pytest.fixture
def committed(pair: Pair) -> Routing:
    """Return the file that a newcomer starts with: only the exporter hears of anything."""
    return Routing(pair.amtool, ROOT / "alertmanager" / "alertmanager.yml", NOBODY)


@pytest.fixture
def full(pair: Pair, tmp_path: Path) -> Routing:
    """Return what is written for a site with all receivers."""
    write_secrets(tmp_path)
    site = full_site(tmp_path, pair.name)  # type: ignore[arg-type]  # the names are the profiles
    config = tmp_path / "alertmanager.yml"
    config.write_text(alertmanager_files(site)["alertmanager/alertmanager.yml"])
    return Routing(pair.amtool, config, FULL)


def labels_of(alert: Alert) -> Labels:
    """Return the labels that *alert* carries when it reaches Alertmanager."""
    return {
        "alertname": alert.name,
        "severity": alert.severity.value,
        "team": alert.team.value,
        **dict.fromkeys(alert.match, "shop"),
        **alert.labels,
    }


def expected_receivers(alert: Alert, roles: Mapping[str, str]) -> list[str]:
    """Return who has to hear of *alert*: the policy, in words of its own."""
    if alert.name == "Watchdog":
        return ["deadman"]
    if alert.name == "AlertUnacknowledged":
        return ["exporter", roles["second_line"]]
    if alert.severity is Severity.CRITICAL:
        return ["exporter", roles["critical"]]
    if alert.labels.get("kind") == "business":
        return ["exporter", roles["business"]]
    if alert.severity is Severity.WARNING:
        return ["exporter", roles["warning"]]
    return ["exporter", "nobody"]


def policy(routing: Routing) -> dict[str, tuple[Labels, list[str]]]:
    """Return labels and expected receivers of every alert by its name."""
    return {
        alert.name: (labels_of(alert), expected_receivers(alert, routing.roles))
        for alert in all_alerts()
    }


def test_every_alert_goes_to_whom_a_site_names(full: Routing) -> None:
    """By its severity, its kind, and for two of them by their name."""
    assert {} == full.misled(policy(full))


def test_every_alert_of_a_newcomer_goes_to_the_exporter_only(committed: Routing) -> None:
    """The history is complete before the first receiver is."""
    assert {} == committed.misled(policy(committed))


def test_an_unknown_alert_with_a_severity_is_routed_by_it(full: Routing) -> None:
    """Rules that a site adds need no route of their own."""
    expected = {
        severity: ({"alertname": "Own", "severity": severity}, ["exporter", name])
        for severity, name in (
            ("critical", "oncall"),
            ("warning", "chat"),
            ("info", "nobody"),
            ("none", "nobody"),
        )
    }

    assert {} == full.misled(expected)


def test_an_alert_without_a_severity_is_kept_by_the_exporter(full: Routing) -> None:
    """It is a mistake of a rule, and nothing is lost by it."""
    assert ["exporter"] == full.receivers({"alertname": "Own", "bot": "shop"})


def test_a_test_page_reaches_its_receiver_and_nobody_else(full: Routing) -> None:
    """Whatever else its labels say."""
    cases = {
        f"{name}, {severity}": (
            {"alertname": "TestPage", TEST_LABEL: name, "severity": severity},
            [name],
        )
        for name in ("oncall", "boss", "chat", "mail")
        for severity in ("critical", "warning", "info")
    }

    assert {} == full.misled(cases)


def test_a_page_is_not_held_back_by_its_kind(full: Routing) -> None:
    """A critical business alert wakes somebody; the digest comes in the morning."""
    labels = {"alertname": "Own", "severity": "critical", "kind": "business"}

    assert ["exporter", "oncall"] == full.receivers(labels)


def test_without_a_second_line_the_first_hears_again(pair: Pair, tmp_path: Path) -> None:
    """A page that nobody acknowledged is not lost."""
    write_secrets(tmp_path)
    site = full_site(tmp_path, pair.name)  # type: ignore[arg-type]  # the names are the profiles
    routes = replace(site.alerting.routes, second_line="")
    site = replace(site, alerting=replace(site.alerting, routes=routes))
    config = tmp_path / "alertmanager.yml"
    config.write_text(alertmanager_files(site)["alertmanager/alertmanager.yml"])

    found = Routing(pair.amtool, config, FULL).receivers(
        {"alertname": "AlertUnacknowledged", "severity": "critical"}
    )

    assert ["exporter", "oncall"] == found
