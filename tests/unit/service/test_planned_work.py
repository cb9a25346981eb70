"""Which bots planned work concerns now."""

from datetime import UTC, datetime

from exporter.config.maintenance import Maintenance
from exporter.service.planned_work import PlannedWork

from .log_capture import ManualClock


def window(clock: ManualClock, begin: float, end: float, *bots: str) -> Maintenance:
    """Return a window, given in seconds from now."""
    moments = (datetime.fromtimestamp(clock.wall() + at, UTC) for at in (begin, end))
    first, last = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in moments)
    return Maintenance(bots=bots, begin=first, end=last)


def test_a_window_concerns_its_bots_while_it_lasts() -> None:
    """A check of no bot is concerned by work on everything only."""
    clock = ManualClock()
    work = PlannedWork(clock)
    work.plan((window(clock, 60, 120, "desk"), window(clock, 100, 110)))
    seen = []
    for step in (0, 70, 35, 10, 20):
        clock.advance(step)
        seen.append([work.concerns(bot) for bot in ("desk", "bank", None)])

    assert [False, False, False] == seen[0]
    assert [True, False, False] == seen[1]
    assert [True, True, True] == seen[2]
    assert [True, False, False] == seen[3]
    assert [False, False, False] == seen[4]


def test_new_windows_count_at_once() -> None:
    """A reload does not wait for the next second."""
    clock = ManualClock()
    work = PlannedWork(clock)
    before = work.concerns("desk")
    work.plan((window(clock, -10, 10),))

    assert (False, True) == (before, work.concerns("desk"))
