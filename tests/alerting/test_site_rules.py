"""The rules of a site, run by both versions of Prometheus' own tool."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.cli.main import main
from tests.support.pairs import PAIRS, Pair

SITE = """\
links: {runbooks: https://wiki.example.org/bots, grafana: https://grafana.example.org}
thresholds: {error_ratio: 0.05}
bots:
  patient: {thresholds: {error_ratio: 0.2}}
  strict: {thresholds: {error_ratio: 0.01}}
slos:
  - name: availability
    description: A turn ends with an answer.
    target: 0.99
    bad: {metric: bot_turn_failures_total, without: {bot: [demo]}}
    total: {metric: bot_turns_total, without: {bot: [demo]}}
  - name: happy
    description: Users are happy.
    target: 0.8
    pages: false
    per_bot: false
    bad: {metric: bot_csat_score, at_most: 2}
    total: {metric: bot_csat_score}
without_slos: [response]
"""
# Failed turns of 100 a minute, for 25 minutes.
FAILED = {"usual": 10, "patient": 10, "impatient": 3, "strict": 3, "demo": 50}


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return the rule files of a site."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "site.yml").write_text(SITE, encoding="utf-8")
    words = ["--config", str(folder / "site.yml"), "--output", str(folder / "out")]
    assert 0 == main(["generate", *words])
    return sorted((folder / "out/prometheus/rules").glob("*.yml"))


def scenario() -> list[dict[str, str]]:
    """Return what the bots expose."""
    series = []
    for bot, failed in FAILED.items():
        labels = f'bot="{bot}", platform="web", instance="a"'
        series += [
            {"series": f"bot_turns_total{{{labels}}}", "values": "0+100x25"},
            {"series": f"bot_turn_failures_total{{{labels}}}", "values": f"0+{failed}x25"},
        ]
    return series


def firing(name: str, *bots: str) -> dict[str, Any]:
    """Return the expectation that the alert *name* fires for exactly these *bots*."""
    samples = [{"labels": f'{{bot="{bot}"}}', "value": 1} for bot in sorted(bots)]
    expr = f'count by (bot) (ALERTS{{alertname="{name}", alertstate="firing"}})'
    return {"expr": expr, "eval_time": "20m", "exp_samples": samples}


def unit_test(folder: Path, rules: list[Path], *expected: dict[str, Any]) -> Path:
    """Return a test of promtool with all *rules* and the scenario."""
    files = [yaml.safe_load(file.read_text("utf-8")) for file in rules]
    names = [group["name"] for file in files for group in file["groups"]]
    document = {
        "rule_files": [str(file) for file in rules],
        "evaluation_interval": "1m",
        # What is recorded comes before what reads it.
        "group_eval_order": sorted(names, key=lambda name: "recording" not in name),
        "tests": [
            {"interval": "1m", "input_series": scenario(), "promql_expr_test": list(expected)}
        ],
    }
    file = folder / "site.test.yml"
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    return file


def promtool(pair: Pair, *words: object) -> subprocess.CompletedProcess[str]:
    """Run the tool of *pair*."""
    call = [str(pair.promtool), *map(str, words)]
    return subprocess.run(call, capture_output=True, text=True, check=False, timeout=50)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_prometheus_takes_the_rules_of_a_site(pair: Pair, rules: list[Path]) -> None:
    """Without a complaint, duplicates included."""
    result = promtool(pair, "check", "rules", "--lint-fatal", *rules)

    assert 0 == result.returncode, result.stdout + result.stderr


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_a_bot_s_own_threshold_decides_for_that_bot_only(
    pair: Pair, rules: list[Path], tmp_path: Path
) -> None:
    """A tenth of all turns is too much for most, 3 % only for a strict one."""
    expected = firing("BotErrorRatioHigh", "usual", "strict", "demo")

    result = promtool(pair, "test", "rules", unit_test(tmp_path, rules, expected))

    assert 0 == result.returncode, result.stdout + result.stderr


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_an_own_objective_has_its_target_and_its_bots(
    pair: Pair, rules: list[Path], tmp_path: Path
) -> None:
    """3 % are 30 times the shipped budget, and 3 times the site's; the demo does not count."""
    expected = firing("SloFastBurn", "usual", "patient")

    result = promtool(pair, "test", "rules", unit_test(tmp_path, rules, expected))

    assert 0 == result.returncode, result.stdout + result.stderr
