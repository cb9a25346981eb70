"""The rhythm of days and weeks: how busy a bot is at a moment, and when its visitors come."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from .bots import Tempo
from .story import DAY, HOUR

HOURS = 24
DAYS = 7
THURSDAY = 3  # 1970 began on one.


@dataclass(frozen=True, slots=True)
class Rhythm:
    """
    The rate of something that follows a tempo.

    *per_second* is the mean over a day whose weight is 1, an ordinary working day.
    """

    tempo: Tempo
    per_second: float

    def at(self, moment: float) -> float:
        """Return the rate per second at *moment*, in seconds since 1970."""
        local = moment + self.tempo.utc_offset_hours * HOUR
        day, second = divmod(local, DAY)
        weekday = (int(day) + THURSDAY) % DAYS
        hour = second / HOUR
        before = int(hour)
        # Between two full hours the rate moves in a straight line, so that nothing jumps.
        hours = self.tempo.hours
        weight = hours[before] + (hours[(before + 1) % HOURS] - hours[before]) * (hour - before)
        return self.per_second * self.tempo.days[weekday] * weight * HOURS / sum(hours)

    @property
    def peak(self) -> float:
        """Return the highest rate per second of the week."""
        hours = self.tempo.hours
        return self.per_second * max(self.tempo.days) * max(hours) * HOURS / sum(hours)


def arrivals(rhythm: Rhythm, rng: Random, start: float) -> Iterator[float]:
    """
    Yield the moments after *start* at which somebody comes, for ever.

    Source: Lewis and Shedler (1979), thinning of an inhomogeneous Poisson process.
    """
    peak = rhythm.peak
    moment = start
    while True:
        moment -= math.log(1.0 - rng.random()) / peak
        if rng.random() * peak < rhythm.at(moment):
            yield moment
