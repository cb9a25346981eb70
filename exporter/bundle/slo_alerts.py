"""
Who is told when an error budget goes too fast, and when at low traffic it goes unseen.

A burn alert needs all of: the long window, the short window (so that it ends soon after the
trouble), some bad events (one failure of a quiet hour is no incident), and a share of the whole
budget (a quiet hour cannot use up much of it).
"""

from collections.abc import Iterable

from ..catalog.alert_spec import Alert, Severity, Team, Threshold
from ..catalog.slo_spec import (
    BAD_EVENTS,
    FAST,
    SLOW,
    TRICKLE_EVENTS,
    WINDOW,
    Burn,
    Slo,
)
from ..config.site import Site
from .rules import number
from .slo_recordings import recorded

# Counted once a minute in rates of 5 minutes, one event reads as 0.8 to 1.1 events.
ROUNDING = 0.8


def fast_burn(slo: Slo, site: Site) -> Alert:
    """Return the alert that pages: the budget would be gone within days."""
    who = _who(slo)
    return Alert(
        name="SloFastBurn",
        severity=Severity.CRITICAL,
        team=Team.BOTS,
        value=_any_of(FAST, slo, site),
        match=_match(slo),
        wait="",
        keep="5m",
        summary=f"{who} quickly uses up its error budget for {slo.name}.",
        description=(
            f'{who} uses up its error budget {{{{ $value | printf "%.0f" }}}} times too fast. '
            f"{_promise(slo)} Look at the errors and at the last deploy."
        ),
        dashboard="slo",
        labels=_labels(slo, slo_burn="fast"),
    )


def slow_burn(slo: Slo, site: Site) -> Alert:
    """Return the alert for office hours: the budget will not last for the 30 days."""
    who = _who(slo)
    return Alert(
        name="SloSlowBurn",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value=_any_of(SLOW, slo, site),
        match=_match(slo),
        wait="",
        keep="15m",
        summary=f"{who} slowly uses up its error budget for {slo.name}.",
        description=(
            f'For days {who} has used its error budget {{{{ $value | printf "%.1f" }}}} times '
            f"too fast. {_promise(slo)} Look for an error that comes back."
        ),
        dashboard="slo",
        labels=_labels(slo, slo_burn="slow", symptom_of="slo"),
    )


def trickle(slo: Slo, site: Site) -> Alert:
    """Return the alert for bots with so little traffic that no short window sees a failure."""
    who = _who(slo)
    bad, total, burn = (
        recorded(slo, f"slo:{kind}3d") for kind in ("bad:increase", "total:increase", "burn:rate")
    )
    return Alert(
        name="SloTrickle",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value=(
            f"{bad} > {_least(site)}\n"
            f"and {burn} > 1\n"
            f"and {total} < {number(_value(site, TRICKLE_EVENTS))}"
        ),
        match=_match(slo),
        wait="",
        keep="15m",
        summary=f"{who} fails now and then, too often for {slo.name}.",
        description=(
            f'{{{{ $value | printf "%.0f" }}}} bad events of {who} in 3 days are more than its '
            f"error budget allows, at too little traffic for a burn alert. {_promise(slo)}"
        ),
        dashboard="slo",
        labels=_labels(slo, slo_burn="trickle", symptom_of="slo"),
    )


def _any_of(burns: Iterable[Burn], slo: Slo, site: Site) -> str:
    return "\nor\n".join(_conditions(burn, slo, site) for burn in burns)


def _conditions(burn: Burn, slo: Slo, site: Site) -> str:
    """Return what holds while the budget burns too fast, with as little doubt as traffic allows."""
    long, short = (recorded(slo, f"slo:burn:rate{window}") for window in (burn.long, burn.short))
    bad = recorded(slo, f"slo:bad:increase{burn.long}")
    total = recorded(slo, f"slo:total:increase{WINDOW}")
    factor = number(burn.factor)
    return (
        f"(\n"
        f"  {long} > {factor}\n"
        f"  and {short} > {factor}\n"
        f"  and {bad} > {_least(site)}\n"
        f"  and {bad} > {number(burn.share)} * {number(slo.budget)} * {total}\n"
        f")"
    )


def _least(site: Site) -> str:
    return number(ROUNDING * _value(site, BAD_EVENTS))


def _value(site: Site, threshold: Threshold) -> float:
    return site.thresholds.get(threshold.name, threshold.value)


def _labels(slo: Slo, **labels: str) -> dict[str, str]:
    return {"slo": slo.name, **labels, **slo.labels}


def _match(slo: Slo) -> tuple[str, ...]:
    return ("bot",) if slo.per_bot else ()


def _who(slo: Slo) -> str:
    return "{{ $labels.bot }}" if slo.per_bot else "The sum of all bots"


def _promise(slo: Slo) -> str:
    return f"Promised for {number(100 * slo.target)} %: {slo.doc}"
