"""The file of thresholds is a site's file that changes nothing: `exporter.bundle.thresholds`."""

from pathlib import Path

import pytest

from exporter.bundle.rules import rule_files
from exporter.bundle.slo_rules import slo_rules
from exporter.bundle.thresholds import thresholds_file
from exporter.catalog.thresholds import every_threshold, users_of
from exporter.config.site_load import default_site, load_site

TEXT = thresholds_file()


def test_every_threshold_stands_there_with_its_default(tmp_path: Path) -> None:
    """A person copies a line and changes the number."""
    file = tmp_path / "site.yml"
    file.write_text(TEXT, encoding="utf-8")

    loaded = load_site(file)

    defaults = {name: threshold.value for name, threshold in every_threshold().items()}
    assert defaults == dict(loaded.site.thresholds)
    assert rule_files() == rule_files(site=loaded.site)
    assert slo_rules(default_site()) == slo_rules(loaded)


@pytest.mark.parametrize("name", every_threshold())
def test_a_threshold_says_what_it_bounds_and_what_it_moves(name: str) -> None:
    """The limits save a refusal, the alerts a search."""
    threshold = every_threshold()[name]

    assert threshold.doc.endswith(".")
    assert all(alert in TEXT for alert in users_of(name))
    assert users_of(name)


def test_limits_are_shown() -> None:
    """A range, a beginning, or the bounds of a histogram but the last."""
    lines = " ".join(TEXT.split())

    assert "# 0 to 1. Moves BotErrorRatioHigh. A bot may have its own. error_ratio: 0.05" in lines
    assert "# One of 0.1, 0.25, 0.5, 1, 2, 5, 10, 30. Moves BotResponseSlow" in lines
    assert "# 1 to 1,000. Moves SloFastBurn, SloSlowBurn, SloTrickle. slo_bad_events: 3" in lines
