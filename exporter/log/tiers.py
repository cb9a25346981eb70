"""Which runs to merge and which to drop: decisions only, no files."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from .runs import Run

DAY_SECONDS = 86_400.0
WIDTH = 8
# A run of a minute and one of an hour cost a lookup the same, so all below
# this size are one tier.
_FIRST_TIER_BITS = 18
_BITS_PER_TIER = 3


@dataclass(frozen=True, slots=True)
class SeenSettings:
    """
    How much deduplication remembers.

    ``pause_seconds`` is what background work leaves to other threads after
    each step of about a millisecond.
    """

    max_ids: int = 50_000_000
    retention_seconds: float = 8 * DAY_SECONDS
    pause_seconds: float = 0.0005

    @property
    def largest_merge(self) -> int:
        """Return the most ids of a merged run: at the budget one run goes at a time."""
        return max(1, self.max_ids // WIDTH)


def choose_drops(
    runs: Sequence[Run], *, settings: SeenSettings, now: float, in_memory: int
) -> list[Run]:
    """Return the runs that are too old, and the oldest of the rest beyond the budget."""
    drops = []
    total = in_memory + sum(run.count for run in runs)
    for run in sorted(runs, key=lambda run: run.arrival.last):
        is_old = run.arrival.last < now - settings.retention_seconds
        if is_old or total > settings.max_ids:
            drops.append(run)
            total -= run.count
    return drops


def choose_merge(runs: Sequence[Run], *, settings: SeenSettings, now: float) -> list[Run]:
    """
    Return runs that should become one, nothing if all is well.

    Only runs of one day of arrival: what expires together stays together. Eight
    of one size make one of the next; a day that is over becomes one run.
    """
    today = now // DAY_SECONDS
    groups: dict[tuple[float, int], list[Run]] = defaultdict(list)
    for run in runs:
        day = run.arrival.last // DAY_SECONDS
        groups[day, _tier(run.count) if day >= today else -1].append(run)
    for (day, _), group in groups.items():
        chosen = _within(group, settings.largest_merge)
        if len(chosen) >= (WIDTH if day >= today else 2):
            return chosen
    return []


def _within(group: list[Run], most: int) -> list[Run]:
    """Return the smallest runs whose ids together stay within *most*."""
    chosen: list[Run] = []
    total = 0
    for run in sorted(group, key=lambda run: run.count):
        total += run.count
        if total > most:
            break
        chosen.append(run)
    return chosen


def _tier(count: int) -> int:
    return max(0, count.bit_length() - _FIRST_TIER_BITS + _BITS_PER_TIER - 1) // _BITS_PER_TIER
