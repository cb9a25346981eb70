"""Objectives as one file of rules: windows and pages every minute, days every 5 minutes."""

from collections.abc import Iterator, Sequence

from ..catalog.alert_spec import RuleFile, RuleGroup
from ..catalog.rules_retention import RETENTION
from ..catalog.slo_spec import FAST, SLOW, WINDOW, Slo
from ..config.site import Site
from ..config.site_load import LoadedSite
from .rules import rule_files
from .slo_alerts import fast_burn, slow_burn, trickle
from .slo_recordings import STEP_SECONDS, budget_left, burn, days, events, rates

NAME = "slo"
SHORT_WINDOWS = tuple(burn.short for burn in (*FAST, *SLOW))
LONG_WINDOWS = tuple(burn.long for burn in FAST)
DAY_WINDOWS = (*(burn.long for burn in SLOW), WINDOW)
DAY_STEP = "5m"


def slo_rules(loaded: LoadedSite) -> dict[str, str]:
    """Return the text of the rule file by its path, without a mark of its origin."""
    return rule_files((slo_file(loaded.slos, loaded.site),), loaded.site)


def slo_file(slos: Sequence[Slo], site: Site) -> RuleFile:
    """Return the recordings and alerts of *slos*."""
    groups = (group for slo in slos for group in _groups(slo, site))
    return RuleFile(
        name=NAME,
        doc="Service level objectives: how fast error budgets are used up.",
        groups=(*groups, RETENTION),
    )


def _groups(slo: Slo, site: Site) -> Iterator[RuleGroup]:
    minutes = sorted({*SHORT_WINDOWS, *LONG_WINDOWS} - {"5m"}, key=_length)
    yield RuleGroup(
        name=f"slo:{slo.name}:minutes",
        interval=f"{STEP_SECONDS}s",
        rules=(
            *rates(slo),
            *(burn(slo, window) for window in minutes),
            *(rule for window in LONG_WINDOWS for rule in events(slo, window)),
            *((fast_burn(slo, site),) if slo.pages else ()),
        ),
    )
    yield RuleGroup(
        name=f"slo:{slo.name}:days",
        interval=DAY_STEP,
        rules=(
            *(rule for window in DAY_WINDOWS for rule in days(slo, window)),
            budget_left(slo),
            slow_burn(slo, site),
            trickle(slo, site),
        ),
    )


def _length(window: str) -> tuple[bool, int]:
    return window.endswith("h"), int(window[:-1])
