"""Every number that a site may change, and the alerts that it moves."""

from collections.abc import Mapping

from .alert_spec import Threshold
from .rules import all_alerts, all_thresholds
from .slo_spec import BAD_EVENTS, TRICKLE_EVENTS

# Made per objective, so they are not among the alerts of the catalogue.
SLO_USERS: Mapping[str, tuple[str, ...]] = {
    BAD_EVENTS.name: ("SloFastBurn", "SloSlowBurn", "SloTrickle"),
    TRICKLE_EVENTS.name: ("SloTrickle",),
}


def every_threshold() -> dict[str, Threshold]:
    """Return every threshold by its name, in the order of the rule files."""
    return {**all_thresholds(), **{own.name: own for own in (BAD_EVENTS, TRICKLE_EVENTS)}}


def users_of(name: str) -> tuple[str, ...]:
    """Return the alerts that the threshold *name* moves."""
    users = (a.name for a in all_alerts() if a.threshold is not None and a.threshold.name == name)
    return (*users, *SLO_USERS.get(name, ()))
