"""The shipped configuration of Prometheus, and what the tests of the whole path make of it."""

import subprocess
from pathlib import Path

import pytest
import yaml

from exporter.bundle.alertmanager import alertmanager_files
from tests.support.pairs import PAIRS, Pair

from .scaling import durations_only, faster
from .sites import full_site, write_secrets
from .whole_path import ALERTMANAGER, EXPORTER, FACTOR, PROMETHEUS, SHIPPED, prometheus_config

FILE = SHIPPED / "prometheus.yml"


@pytest.fixture(params=PAIRS, ids=lambda pair: pair.name)
def pair(request: pytest.FixtureRequest) -> Pair:
    """Return each pair in turn."""
    found: Pair = request.param
    return found


def test_both_versions_accept_it_with_all_rules(pair: Pair) -> None:
    """Without a single remark."""
    command = [str(pair.promtool), "check", "config", "--lint-fatal", str(FILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    rules = len(list((SHIPPED / "rules").glob("*.yml")))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{rules} rule files found" in done.stdout


def test_the_jobs_have_the_names_that_the_alerts_know() -> None:
    """An alert on another job would never fire."""
    jobs = {job["job_name"] for job in yaml.safe_load(FILE.read_text())["scrape_configs"]}
    rules = "".join(path.read_text() for path in (SHIPPED / "rules").glob("*.yml"))

    assert {"bot-exporter", "prometheus", "alertmanager"} == jobs
    assert {job for job in jobs if f'job="{job}"' in rules} >= {"bot-exporter", "alertmanager"}


def test_the_whole_path_changes_only_durations_and_addresses() -> None:
    """What is tested there is what is shipped."""
    addresses = {EXPORTER: "127.0.0.1:1", ALERTMANAGER: "127.0.0.1:2", PROMETHEUS: "127.0.0.1:3"}

    text = prometheus_config(addresses)
    for shipped, own in addresses.items():
        text = text.replace(own, shipped)

    assert durations_only(FILE.read_text()) == durations_only(text)


def test_the_same_is_true_of_a_site_with_all_receivers(pair: Pair, tmp_path: Path) -> None:
    """Its routes wait, repeat and inhibit in the same way, only faster."""
    write_secrets(tmp_path)
    site = full_site(tmp_path, pair.name)  # type: ignore[arg-type]  # the names are the profiles
    text = alertmanager_files(site)["alertmanager/alertmanager.yml"]

    assert durations_only(text) == durations_only(faster(text, FACTOR))
