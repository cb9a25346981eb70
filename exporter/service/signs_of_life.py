"""When a bot was last heard of, from the rows that its events moved."""

from collections.abc import Callable

from ..catalog.metrics import EVENTS, LAST_EVENT
from ..catalog.spec import Metric
from ..metrics.engine import LiveMetrics
from ..metrics.rows import TOUCHED, Slot, Table
from ..model.ports import Clock


class SignsOfLife:
    """Reads the live metrics; what was heard before a restart counts as well."""

    def __init__(self, live: LiveMetrics, *, now: Callable[[], float], clock: Clock) -> None:
        self._events = _place(live, EVENTS)
        self._last = _place(live, LAST_EVENT)
        self._now = now
        self._clock = clock

    def last(self, bot: str, event: str) -> float | None:
        """Return when *event*, or any where it is empty, last came from *bot*; wall time."""
        if not event:
            table, slot = self._last
            row = table.rows.get(bot)
            return None if row is None else row[slot.offset]
        table, slot = self._events
        row = table.rows.get((bot, event))
        if row is None or not row[slot.offset]:
            return None
        # Only this family has these labels: its row is touched by these events alone.
        return self._clock.wall() - (self._now() - float(row[TOUCHED]))


def _place(live: LiveMetrics, metric: Metric) -> tuple[Table, Slot]:
    return next(
        (table, slot) for table in live.tables for slot in table.slots if slot.metric is metric
    )
