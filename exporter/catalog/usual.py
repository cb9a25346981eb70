"""
What is usual at this hour, and what is more than chance: the pattern behind "above usual" alerts.

A bot has quiet nights and loud Mondays, so a value is compared with the same hour of the same
weekday: with the median of the last four weeks, which one holiday or one incident does not move.
A week counts only when the series had a value then; with fewer than three such weeks nothing is
usual yet, and an alert that needs it stays silent. Series with too few samples are recorded
without a value (`share`), so a week of three conversations teaches nothing.

The weeks are the same series at four offsets. Each gets a label `week`, because `or` would take
only the first of equal label sets; the median then removes the label again. Prometheus has to
keep four weeks and the window of the series.

A ratio above its threshold may still be chance: of 20 conversations with 4 expected escalations,
6 are nothing. Therefore the count itself must be off by more than three standard deviations. A
count of independent events has the square root of its expectation for one (Poisson); the added 1
keeps a single event from being a surprise where none is usual.

Counts, their shares and what is usual of these stand in three groups: Prometheus writes a result
at once, but vmalert only when all rules of the group are done.

Source: the four offsets and their median are from Newdigate, "How to use Prometheus for anomaly
detection in GitLab" (2019).
"""

from .alert_spec import Recording

WEEKS = (1, 2, 3, 4)
LEAST_WEEKS = 3
LEAST_SAMPLES = 20
SIGMAS = 3


def share(part: str, whole: str) -> str:
    """Return PromQL for *part* per *whole*, without a value below `LEAST_SAMPLES`."""
    return f"{part}\n/ ({whole} >= {LEAST_SAMPLES})"


def usual(series: Recording) -> Recording:
    """Return the recording of what *series* usually is at this hour, with the same labels."""
    weeks = "\n  or ".join(
        f'label_replace({series.name} offset {week}w, "week", "{week}", "", "")' for week in WEEKS
    )
    return Recording(
        name=f"{series.name}_usual_4w",
        expr=(
            f"quantile without (week) (0.5,\n  {weeks}\n)\n"
            f"and count without (week) (\n  {weeks}\n) >= {LEAST_WEEKS}"
        ),
        doc=f"Median of the last four weeks at this hour: {series.doc}",
    )


def times_usual(series: Recording, *, least: float) -> str:
    """
    Return PromQL for how many times its usual value *series* has.

    Args:
        series: Recorded together with its `usual`.
        least: What is taken as usual where less is: "ten times nothing" says nothing.
    """
    return f"{series.name}\n/ clamp_min({usual(series).name}, {least:g})"


def above_chance(part: Recording, whole: Recording, ratio: Recording) -> str:
    """Return PromQL that holds while *part* of *whole* is more than the usual *ratio* explains."""
    expected = _expected(whole, ratio)
    return f"{part.name} - {expected}\n  > {SIGMAS} * sqrt({expected} + 1)"


def below_chance(part: Recording, whole: Recording, ratio: Recording) -> str:
    """Return PromQL that holds while *part* of *whole* is less than the usual *ratio* explains."""
    expected = _expected(whole, ratio)
    return f"{expected} - {part.name}\n  > {SIGMAS} * sqrt({expected} + 1)"


def _expected(whole: Recording, ratio: Recording) -> str:
    return f"{whole.name} * {usual(ratio).name}"
