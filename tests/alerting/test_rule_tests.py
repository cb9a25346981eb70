"""The tests of the rules hold with every program that may evaluate them."""

import subprocess
from pathlib import Path

import pytest

from tests.support.pairs import PAIRS, Pair
from tests.support.server import ROOT

from .pruning import write_pruned
from .vmalert_differences import DIFFERENCES

RULES = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
TESTS = sorted((ROOT / "prometheus" / "tests").glob("*.test.yml"))
CURRENT = PAIRS[-1]


@pytest.fixture(params=PAIRS, ids=lambda pair: pair.name)
def pair(request: pytest.FixtureRequest) -> Pair:
    """Return each pair in turn."""
    found: Pair = request.param
    return found


def run(*command: object) -> str:
    """Return what a tool says; fail when it complains."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_both_versions_accept_every_rule(pair: Pair) -> None:
    """Without a single remark."""
    said = run(pair.promtool, "check", "rules", "--lint-fatal", *RULES)

    assert len(RULES) == said.count("SUCCESS")


def test_vmalert_accepts_every_rule() -> None:
    """VictoriaMetrics' users get the same files."""
    files = [f"-rule={path}" for path in RULES]

    said = run(CURRENT.program("vmalert"), "-dryRun", *files)

    assert f"found {len(RULES)} files" in said or said.count("found 1 files") == len(RULES)


@pytest.mark.parametrize("test", TESTS, ids=lambda path: path.name.removesuffix(".test.yml"))
def test_rules_do_what_their_tests_say(pair: Pair, test: Path, tmp_path: Path) -> None:
    """With the oldest Prometheus and with the current one."""
    said = run(pair.promtool, "test", "rules", write_pruned(test, tmp_path))

    assert "SUCCESS" in said


@pytest.mark.parametrize("test", TESTS, ids=lambda path: path.name.removesuffix(".test.yml"))
def test_rules_do_the_same_with_vmalert(test: Path, tmp_path: Path) -> None:
    """But for what is listed, with its reason."""
    different = DIFFERENCES.get(test.name, {})
    copy = write_pruned(test, tmp_path, without=different, queries="metricsql_expr_test")

    said = run(
        CURRENT.program("vmalert-tool"),
        "unittest",
        "--disableAlertgroupLabel",
        f"--files={copy}",
    )

    assert "SUCCESS" in said


def test_every_difference_names_a_test_that_is_there() -> None:
    """A list of exceptions that nobody needs any more hides the next one."""
    assert set(DIFFERENCES) <= {test.name for test in TESTS}


def test_pruning_keeps_what_an_alert_needs(tmp_path: Path) -> None:
    """Directly and through others, and nothing else."""
    rules = tmp_path / "rules.yml"
    rules.write_text(GROUPS)
    test = tmp_path / "tests" / "a.test.yml"
    test.parent.mkdir()
    test.write_text(CASE)

    copy = write_pruned(test, tmp_path / "copy")

    assert PRUNED == (copy.parent / "../rules.yml").resolve().read_text()


GROUPS = """\
groups:
- name: first
  rules:
  - {record: a:base:rate5m, expr: 'rate(x_total[5m])'}
  - {record: a:other:rate5m, expr: 'rate(y_total[5m])'}
  - {record: a:ratio:rate5m, expr: 'a:base:rate5m / 2'}
- name: second
  rules:
  - {alert: Other, expr: 'a:other:rate5m > 1'}
- name: third
  rules:
  - {alert: Asked, expr: 'a:ratio:rate5m > 1'}
"""
CASE = """\
rule_files: [../rules.yml]
tests:
- name: fires
  alert_rule_test: [{eval_time: 5m, alertname: Asked, exp_alerts: []}]
"""
PRUNED = """\
groups:
- name: first
  rules:
  - record: a:base:rate5m
    expr: rate(x_total[5m])
  - record: a:ratio:rate5m
    expr: a:base:rate5m / 2
- name: third
  rules:
  - alert: Asked
    expr: a:ratio:rate5m > 1
"""
