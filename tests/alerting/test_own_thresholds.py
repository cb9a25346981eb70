"""A bot with numbers of its own is measured by them and by nothing else, in real Prometheus."""

import json
from pathlib import Path

import pytest

from exporter.bundle.rules import rule_files
from exporter.catalog.rules import all_thresholds
from exporter.config.site import Site, SiteBot
from tests.support.pairs import PAIRS, Pair

from .test_promtool import run

OWN = {name: threshold for name, threshold in all_thresholds().items() if threshold.per_bot}
LENIENT, STRICT = 0.2, 0.01


@pytest.fixture(params=PAIRS, ids=lambda pair: pair.name)
def pair(request: pytest.FixtureRequest) -> Pair:
    """Return each pair in turn."""
    found: Pair = request.param
    return found


def written(site: Site, directory: Path) -> list[Path]:
    """Write the rules of *site* and return their files."""
    files = []
    for path, text in rule_files(site=site).items():
        file = directory / Path(path).name
        file.write_text(text, encoding="utf-8")
        files.append(file)
    return files


def failing(bot: str, percent: int) -> list[dict[str, str]]:
    """Return the series of a bot of which *percent* turns in a hundred fail."""
    labels = f'{{bot="{bot}", platform="web", instance="a"}}'
    return [
        {"series": f"bot_turns_total{labels}", "values": "0+100x30"},
        {"series": f"bot_turn_failures_total{labels}", "values": f"0+{percent}x30"},
    ]


def test_every_threshold_of_a_bot_makes_a_rule_that_prometheus_reads(
    pair: Pair, tmp_path: Path
) -> None:
    """Two bots, so that the comparison has an `or` in it."""
    bots = {
        bot: SiteBot(thresholds={name: threshold.value for name, threshold in OWN.items()})
        for bot in ("shop", "help.desk:1")
    }

    done = run(pair.promtool, "check", "rules", *written(Site(bots=bots), tmp_path))

    assert 0 == done.returncode, done.stdout + done.stderr


def test_each_bot_is_measured_by_its_own_number(pair: Pair, tmp_path: Path) -> None:
    """Of two that fail alike the lenient one is silent, and a strict one fires earlier."""
    bots = {
        "lenient": SiteBot(thresholds={"error_ratio": LENIENT}),
        "strict": SiteBot(thresholds={"error_ratio": STRICT}),
    }
    written(Site(bots=bots), tmp_path)
    series = [
        *failing("lenient", 10),
        *failing("strict", 3),
        *failing("common", 10),
        *failing("calm", 3),
    ]
    expected = [
        {"labels": f'ALERTS{{alertname="BotErrorRatioHigh", bot="{bot}"}}', "value": 1}
        for bot in ("common", "strict")
    ]
    asked = {
        "expr": 'sum by (__name__, alertname, bot) (ALERTS{alertname="BotErrorRatioHigh"})',
        "eval_time": "20m",
        "exp_samples": expected,
    }
    test = {
        "rule_files": ["recording.yml", "technical.yml"],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": series, "promql_expr_test": [asked]}],
    }
    file = tmp_path / "own.test.yml"
    file.write_text(json.dumps(test), encoding="utf-8")

    done = run(pair.promtool, "test", "rules", file)

    assert 0 == done.returncode, done.stdout + done.stderr
