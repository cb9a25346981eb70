"""The files of the end-to-end tests differ from the shipped ones in their durations only."""

import pytest
import yaml

from tests.support.server import ROOT

from .scaling import durations_only, faster, milliseconds

SHIPPED = sorted(
    [*ROOT.glob("prometheus/rules/*.yml"), ROOT / "alertmanager" / "alertmanager.yml"],
    key=lambda path: path.name,
)
RULE = """\
groups:
- name: g
  rules:
  - alert: A
    expr: rate(x_total[5m]) > 0.05 and y offset 1w > 5 and max_over_time(z[1h30m:1m]) > 300
    for: 10m
    labels: {interval_name: 5m}
"""


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
@pytest.mark.parametrize("factor", [1.0, 10.0, 60.0])
def test_only_durations_differ(path: object, factor: float) -> None:
    """What the test proves is true for what is shipped."""
    text = path.read_text()  # type: ignore[attr-defined]  # a path

    assert durations_only(text) == durations_only(faster(text, factor))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_file_has_a_duration_that_is_divided(path: object) -> None:
    """The function sees the durations that are there."""
    text = path.read_text()  # type: ignore[attr-defined]  # a path

    assert yaml.safe_load(text) != yaml.safe_load(faster(text, 60.0))


def test_durations_in_expressions_and_settings_are_divided_and_numbers_are_not() -> None:
    """A threshold of 300 seconds is no duration of the rule."""
    rule = yaml.safe_load(faster(RULE, 60.0))["groups"][0]["rules"][0]

    assert rule == {
        "alert": "A",
        "expr": "rate(x_total[5000ms]) > 0.05 and y offset 10080000ms > 5 "
        "and max_over_time(z[90000ms:1000ms]) > 300",
        "for": "10000ms",
        "labels": {"interval_name": "5m"},
    }


def test_a_duration_never_becomes_shorter_than_an_evaluation_and_zero_stays() -> None:
    """A range without two samples would be empty."""
    assert {"group_wait": "0s", "interval": "250ms"} == yaml.safe_load(
        faster("{group_wait: 0s, interval: 1m}", 3600.0)
    )


def test_the_parts_of_a_duration_add_up() -> None:
    """As Prometheus writes them."""
    assert (5_400_000, 1_500) == (milliseconds("1h30m"), milliseconds("1s500ms"))
