"""The pattern behind "above usual": `exporter.catalog.usual`. promtool tests what it does."""

import re

from exporter.catalog.alert_spec import Recording
from exporter.catalog.rules import all_alerts
from exporter.catalog.rules_recording import RECORDING
from exporter.catalog.usual import WEEKS, above_chance, share, times_usual, usual

PART = Recording(name="bot:bot_things:increase1h", expr="a", doc="Things of an hour.")
WHOLE = Recording(name="bot:bot_calls:increase1h", expr="b", doc="Calls of an hour.")
RATIO = Recording(name="bot:bot_things_per_calls:ratio_increase1h", expr="c", doc="Their share.")


def test_each_week_has_a_label_of_its_own() -> None:
    """Of equal label sets `or` takes the first, and one week would count as four."""
    expr = usual(RATIO).expr

    assert all(f'offset {week}w, "week", "{week}"' in expr for week in WEEKS)
    assert expr.endswith(">= 3")


def test_what_is_usual_is_named_after_its_series() -> None:
    """Grep for the series finds both."""
    assert "bot:bot_things_per_calls:ratio_increase1h_usual_4w" == usual(RATIO).name


def test_everything_compared_with_its_usual_has_one() -> None:
    """A rule that asks for a series nobody records never fires."""
    recorded = {rule.name for group in RECORDING.groups for rule in group.rules}

    asked = {
        name
        for alert in all_alerts()
        for name in re.findall(r"[\w:]+_usual_4w", f"{alert.value} {alert.only_if}")
    }

    assert asked
    assert asked <= recorded


def test_a_share_of_few_has_no_value() -> None:
    """Three of four is not 75 %."""
    assert "a\n/ (b >= 20)" == share("a", "b")


def test_nothing_usual_does_not_make_everything_unusual() -> None:
    """Division by a usual 0 gives infinity, which is above every threshold."""
    assert times_usual(RATIO, least=0.01).endswith(f"clamp_min({usual(RATIO).name}, 0.01)")


def test_chance_is_measured_by_what_is_expected() -> None:
    """The expectation is the usual share of what was counted now."""
    expected = f"{WHOLE.name} * {usual(RATIO).name}"

    assert (f"{PART.name} - {expected}\n  > 3 * sqrt({expected} + 1)") == above_chance(
        PART, WHOLE, RATIO
    )
