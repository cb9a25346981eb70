"""The people who talk to a bot: a few who come all the time, many who come once, all made up."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from .bots import Bot
from .chance import clamp, happens, seeded, weighted
from .story import DAY

CORE = 400  # People who are always around; enough to tell them apart, few enough to return.
CORE_SHARE = 0.35
NEW_SHARE = 0.2
CORE_POWER = 2.0  # Of the core, the first tenth makes about a third of its visits.
RECENCY_POWER = 1.2  # Tail of the days since the first visit: the higher, the sooner they leave.
RECENCY_DAYS = 1.5
LOST_DAYS = 7.0
FIRST_DAY = 1_700_000_000.0  # Newcomers are numbered from here, at every start alike.

DEVICES = {
    "telegram": weighted({"phone": 85, "desktop": 12, "tablet": 3}),
    "web": weighted({"desktop": 52, "phone": 40, "tablet": 8}),
    "voice": weighted({"phone": 75, "speaker": 25}),
    "slack": weighted({"desktop": 90, "phone": 10}),
}


class Segment(StrEnum):
    """How a person stands to the bot."""

    NEW = "new"
    ENGAGED = "engaged"
    AT_RISK = "at_risk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One made-up user; everything but the segment stays the same from visit to visit."""

    name: str
    segment: Segment
    country: str
    language: str
    plan: str
    platform: str
    device: str
    variant: str
    temper: float

    @property
    def eagerness(self) -> float:
        """Return the factor on the probability of each stage to a purchase; it adds up to a lot."""
        return {Segment.NEW: 0.96, Segment.ENGAGED: 1.04, Segment.AT_RISK: 0.9}[self.segment]


class Population:
    """
    Everyone who may talk to *bot*.

    Nobody is stored: a person is made again from their number whenever they come. The numbers of
    newcomers go on where a start at another time would have left them, so people return after a
    restart, too.

    Args:
        seed: Of the demo.
        bot: To whom they talk.
        visits_per_day: Decides how many newcomers there are a day.
        start: Of the demo, in seconds since 1970.
    """

    def __init__(self, seed: int, bot: Bot, visits_per_day: float, start: float) -> None:
        self._seed = seed
        self._bot = bot
        self._newcomers_per_day = visits_per_day * NEW_SHARE
        self._newest = int(max(0.0, start - FIRST_DAY) / DAY * self._newcomers_per_day)

    def visitor(self, rng: Random) -> Person:
        """Return who comes next."""
        which = rng.random()
        if which < CORE_SHARE:
            return self._person(f"core-{int(CORE * rng.random() ** CORE_POWER)}", Segment.ENGAGED)
        if which < CORE_SHARE + NEW_SHARE:
            self._newest += 1
            return self._person(f"{self._newest}", Segment.NEW)
        days = RECENCY_DAYS * ((1.0 - rng.random()) ** (-1.0 / RECENCY_POWER) - 1.0)
        number = max(0, self._newest - int(days * self._newcomers_per_day))
        return self._person(f"{number}", Segment.AT_RISK if days > LOST_DAYS else Segment.ENGAGED)

    def _person(self, number: str, segment: Segment) -> Person:
        bot = self._bot
        rng = seeded(self._seed, bot.name, "person", number)
        country = bot.crowd.countries.draw(rng)
        platform = bot.platforms[happens(rng, 0.4)]
        return Person(
            name=f"{bot.name}-{number}",
            segment=segment,
            country=country,
            language=bot.crowd.languages[country],
            plan=bot.crowd.plans.draw(rng),
            platform=platform,
            device=DEVICES[platform].draw(rng),
            variant="B" if happens(rng, 0.5) else "A",
            temper=clamp(rng.gauss(0.0, 0.12), -0.3, 0.3),
        )
