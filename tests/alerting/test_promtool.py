"""Promtool finds nothing to complain about, and the tests of the rules notice a changed rule."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.pairs import PAIRS, Pair
from tests.support.server import ROOT

from .rulebook import RULES

# Each test builds and drops a database; collecting garbage less often saves a fifth of the time.
ENVIRONMENT = {**os.environ, "GOGC": "400"}
LINT = ("check", "rules", "--lint=all", "--lint-fatal")
EXAMPLE = "BotErrorRatioHigh"


def run(program: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run *program* to its end and return what it said."""
    return subprocess.run(
        [str(program), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRONMENT,
    )


def rule_files(root: Path = ROOT) -> Sequence[Path]:
    """Return the rule files of the bundle."""
    return sorted((root / RULES).glob("*.yml"))


def copied(directory: Path) -> Path:
    """Return the root of a copy of rules and tests in *directory*."""
    shutil.copytree(ROOT / "prometheus", directory / "prometheus")
    return directory


@pytest.fixture(params=PAIRS, ids=lambda pair: pair.name)
def pair(request: pytest.FixtureRequest) -> Pair:
    """Return each pair in turn."""
    found: Pair = request.param
    return found


def test_promtool_finds_nothing_to_complain_about(pair: Pair) -> None:
    """Syntax, names, duplicates: whatever promtool would only warn about fails here."""
    done = run(pair.promtool, *LINT, *rule_files())

    assert 0 == done.returncode, done.stdout + done.stderr


def test_a_rule_that_is_written_twice_is_caught(pair: Pair, tmp_path: Path) -> None:
    """Promtool alone would warn and pass."""
    file = copied(tmp_path) / RULES / "technical.yml"
    rules = file.read_text("utf-8").partition("groups:\n")[2]
    file.write_text(f"groups:\n{rules}{rules.replace('- name: ', '- name: again_')}", "utf-8")

    done = run(pair.promtool, *LINT, file)

    assert 0 != done.returncode
    assert "duplicate" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("ratio_rate5m > 0.05", "ratio_rate5m > 0.5"),
        ("ratio_rate5m > 0.05", "ratio_rate5m > 0.03"),
        ("increase5m >= 20", "increase5m >= 10"),
        ("unless on (bot) max_over_time", "and on (bot) max_over_time"),
        ("severity: warning", "severity: critical"),
        ("fails to answer", "answers"),
    ],
)
def test_a_changed_rule_is_caught(pair: Pair, tmp_path: Path, right: str, wrong: str) -> None:
    """The tests load the rules that are shipped, and look at all of them."""
    root = copied(tmp_path)
    file = root / RULES / "technical.yml"
    before, mark, rest = file.read_text("utf-8").partition(f"alert: {EXAMPLE}")
    file.write_text(before + mark + rest.replace(right, wrong, 1), "utf-8")

    done = run(pair.promtool, "test", "rules", root / f"prometheus/tests/{EXAMPLE}.test.yml")

    assert right in rest
    assert 0 != done.returncode, done.stdout
