"""Counting a run of events, also when one of them cannot be counted."""

from collections.abc import Sequence

from ..metrics.engine import LiveMetrics
from ..model.event import Event

# What a mistake of ours can raise on one event. Trouble of the machine, such as a lack of memory,
# is not the event's: it must stop the counting, and the next start goes on.
MISTAKES = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


def count_all(
    live: LiveMetrics, events: Sequence[Event], now: float, arrival: float
) -> list[Exception]:
    """
    Count *events* and return what was raised, one error for each event that raised.

    Such an event moves the metrics before the mistake, `bot_events_total` always the first of
    them, and none behind it. A replay does the same, so it neither stops a start nor changes a sum.
    """
    raised: list[Exception] = []
    # An iterator stands behind the event that raised: each of the others counts, and counts once.
    rest = iter(events)
    while True:
        try:
            live.apply(rest, now, arrival)
        except MISTAKES as error:
            raised.append(error)
        else:
            return raised
