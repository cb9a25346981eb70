"""Versions of the bots: on some days, in office hours, a new one goes live."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

from .bots import Bot
from .chance import happens, seeded
from .story import DAY, HOUR

PER_DAY = 0.4
FIRST_HOUR, LAST_HOUR = 10, 16
DAYS_REMEMBERED = 256


class Releases:
    """Says which version of a bot is live at a moment."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def version(self, bot: Bot, moment: float) -> str:
        """Return the version that is live; it is called after the day it went live."""
        day = int(moment // DAY) + 1
        while True:
            release = _release(self._seed, bot.name, bot.tempo.utc_offset_hours, day)
            if release is not None and release <= moment:
                return f"{datetime.fromtimestamp(release, UTC):%Y.%m.%d}"
            day -= 1

    def after(self, bot: Bot, moment: float) -> Iterator[float]:
        """Yield the moments after *moment* at which a version goes live, for ever."""
        day = int(moment // DAY)
        while True:
            release = _release(self._seed, bot.name, bot.tempo.utc_offset_hours, day)
            if release is not None and release > moment:
                yield release
            day += 1


@lru_cache(maxsize=DAYS_REMEMBERED)
def _release(seed: int, bot: str, utc_offset_hours: float, day: int) -> float | None:
    rng = seeded(seed, bot, "release", day)
    if not happens(rng, PER_DAY):
        return None
    return day * DAY + round(rng.uniform(FIRST_HOUR, LAST_HOUR) - utc_offset_hours) * HOUR
