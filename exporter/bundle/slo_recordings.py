"""
What an objective records: bad and total events, burn rates, and what is left of the budget.

Every window is a sum of 5-minute rates, so that every event weighs the same and time under
maintenance is not there at all.
"""

import json
import re
from collections.abc import Iterator, Sequence

from ..catalog.alert_spec import Recording
from ..catalog.slo_spec import BOT, WINDOW, EventCount, Slo
from .rules import number

STEP_SECONDS = 60  # Between two samples of a rate: the interval of their group.
REACH = "15m"
MAINTENANCE = "max_over_time(bot_maintenance_active[5m]) == 1"


def series(slo: Slo, name: str) -> str:
    """Return the selector of the series *name* of *slo*."""
    return f'{name}{{slo="{slo.name}"}}'


def recorded(slo: Slo, name: str) -> str:
    """
    Return PromQL for the newest value of the series *name* of *slo*.

    A series of days is recorded every 5 minutes, which is just beyond the reach of a selector;
    and vmalert sees what a group recorded only the next time.
    """
    selector = series(slo, name)
    return f"last_over_time({selector}[{REACH}])" if name.endswith("d") else selector


def rates(slo: Slo) -> Iterator[Recording]:
    """Yield the target, bad and total events a second, and how fast the budget goes right now."""
    yield _recording(
        slo, "slo:target:ratio", f"vector({number(slo.target)})", "Share that is promised."
    )
    yield _recording(slo, "slo:total:rate5m", _rate(slo, slo.total), "Events a second that count.")
    yield _recording(slo, "slo:bad:rate5m", _bad(slo), "Bad events a second.")
    bad, total = series(slo, "slo:bad:rate5m"), series(slo, "slo:total:rate5m")
    yield _burn(slo, "5m", bad, total)


def burn(slo: Slo, window: str) -> Recording:
    """Return how fast the budget went in *window*."""
    return _burn(slo, window, _sum(slo, "bad", window), _sum(slo, "total", window))


def events(slo: Slo, window: str) -> Iterator[Recording]:
    """Yield bad and total events in *window*."""
    for kind in ("bad", "total"):
        yield _recording(
            slo,
            f"slo:{kind}:increase{window}",
            f"{STEP_SECONDS} * {_sum(slo, kind, window)}",
            f"{kind.capitalize()} events in {window}.",
        )


def days(slo: Slo, window: str) -> Iterator[Recording]:
    """Yield bad and total events in a *window* of days, and how fast the budget went in it."""
    yield from events(slo, window)
    # So many samples are not summed up twice.
    bad, total = (recorded(slo, f"slo:{kind}:increase{window}") for kind in ("bad", "total"))
    yield _burn(slo, window, bad, total)


def budget_left(slo: Slo) -> Recording:
    """Return what is left of the budget of 30 days: 1 is all of it, below 0 it is overdrawn."""
    return _recording(
        slo,
        f"slo:error_budget_left:ratio{WINDOW}",
        f"1 - {recorded(slo, f'slo:burn:rate{WINDOW}')}",
        "Part of the error budget that is left; below 0 it is overdrawn.",
    )


def _burn(slo: Slo, window: str, bad: str, total: str) -> Recording:
    # Without events there is no burn; dividing by 0 would record NaN.
    expr = f"{bad}\n/ ({total} > 0)\n/ {number(slo.budget)}"
    doc = f"How many times too fast the budget went in {window}."
    return _recording(slo, f"slo:burn:rate{window}", expr, doc)


def _sum(slo: Slo, kind: str, window: str) -> str:
    return f'sum_over_time(slo:{kind}:rate5m{{slo="{slo.name}"}}[{window}])'


def _bad(slo: Slo) -> str:
    # The total is written out: vmalert would take the one of a minute ago, and a falling number
    # of turns would look like bad ones.
    total = f"(\n{_rate(slo, slo.total)}\n)"
    # A bot whose first such event is still to come has no series of it.
    found = f"{_rate(slo, slo.events)}\nor 0 * {total}"
    if slo.counts_bad:
        return found
    # Rates of two counters are extrapolated each on its own, so their difference may go below 0.
    return f"clamp_min({total} - (\n{found}\n), 0)"


def _rate(slo: Slo, count: EventCount) -> str:
    is_of_bots = BOT in count.labels
    kept = {BOT} if slo.per_bot else set()
    dropped = ", ".join(("instance", *sorted(count.labels - kept)))
    rate = f"rate({count.series}{_matchers(count)}[5m])"
    planned = f"unless on (bot) ({MAINTENANCE})"
    if not is_of_bots:
        return f"sum without ({dropped}) ({rate})"
    if slo.per_bot:
        return f"sum without ({dropped}) ({rate})\n{planned}"
    return f"sum without ({dropped}) (\n  {rate}\n  {planned}\n)"


def _matchers(count: EventCount) -> str:
    found = [
        *(_matcher(label, values, ("=", "=~")) for label, values in count.only.items()),
        *(_matcher(label, values, ("!=", "!~")) for label, values in count.without.items()),
    ]
    if count.at_most is not None:
        # As the exporter writes it and Prometheus 3 reads it: 2.0, never 2.
        found.append(f'le="{float(count.at_most)!r}"')
    return f"{{{','.join(found)}}}" if found else ""


def _matcher(label: str, values: Sequence[str], operators: tuple[str, str]) -> str:
    one, several = operators
    if len(values) == 1:
        return f"{label}{one}{_text(values[0])}"
    return f"{label}{several}{_text('|'.join(re.escape(value) for value in values))}"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _recording(slo: Slo, name: str, expr: str, doc: str) -> Recording:
    return Recording(name=name, expr=expr, doc=doc, labels={"slo": slo.name})
