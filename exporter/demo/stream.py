"""All bots together: one endless stream of events in the order of time."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from random import Random

from .bots import Bot
from .cast import BOTS
from .chance import happens
from .conversations import visit_story
from .incidents import Calendar, Incident
from .operations import PARTNER_SHARE, Workplace, per_second, reports
from .people import Population
from .releases import Releases
from .rhythm import Rhythm, arrivals
from .story import MINUTE, Event, Story
from .visit import Visit

WARM_UP_SECONDS = 10 * MINUTE
REPORTS_SHARE = 0.25  # Regular reports are at most this part of all events.
DELAYED = 0.002  # Share of the visits whose events arrive late,
DELAY_SECONDS = 20 * MINUTE  # by more than the SLI families accept (15 minutes).


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """
    What a stream depends on; equal settings make equal streams.

    Args:
        seed: Any number.
        start: Seconds since 1970.
        rate: Events per second, the mean over an ordinary working day.
        incidents: Asked for, besides those that happen by the seed.
        is_warm: Whether conversations are under way at the start, as in a bot that was there
            before, or all begin after it.
    """

    seed: int
    start: float
    rate: float
    incidents: tuple[Incident, ...] = ()
    is_warm: bool = False

    @property
    def run(self) -> str:
        """Return a name that no stream with other settings has; ids begin with it."""
        return blake2b(repr(self).encode(), digest_size=6).hexdigest()


class Stream:
    """
    Yields the moment and the event, for ever, in the order in which they arrive.

    Memory holds the conversations that are under way, not those that are over.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._run = settings.run
        self._calendar = Calendar(settings.seed, settings.incidents)
        self._releases = Releases(settings.seed)
        self._heap: list[tuple[float, int, Event | Story, Story]] = []
        self._stories = 0
        self._events = 0
        for bot in BOTS:
            self._add_bot(bot)

    @property
    def in_flight(self) -> int:
        """Return how many stories are under way."""
        return len(self._heap)

    def __iter__(self) -> Iterator[tuple[float, Event]]:
        """Go on with the stream where it stands."""
        heap, start = self._heap, self._settings.start
        while True:
            at, number, what, story = heap[0]
            following = next(story, None)
            if following is None:
                heapq.heappop(heap)
            else:
                heapq.heapreplace(heap, (following[0], number, following[1], story))
            if not isinstance(what, dict):
                self._begin(what)
            elif at >= start and not self._calendar.conditions(str(what["bot"]), at).is_silent:
                self._events += 1
                what["id"] = f"{self._run}-{self._events}"
                yield at, what

    def _begin(self, story: Story) -> None:
        first = next(story, None)
        if first is not None:
            # The number decides between two events at one moment, and is never equal.
            self._stories += 1
            heapq.heappush(self._heap, (first[0], self._stories, first[1], story))

    def _add_bot(self, bot: Bot) -> None:
        settings = self._settings
        regular = per_second() * len(BOTS)
        stretch = max(1.0, regular / (REPORTS_SHARE * settings.rate))
        per_visit = bot.events_per_visit * (1.0 + PARTNER_SHARE)
        visits = Rhythm(bot.tempo, (settings.rate - regular / stretch) * bot.share / per_visit)
        place = Workplace(
            seed=settings.seed,
            bot=bot,
            visits=visits,
            calendar=self._calendar,
            releases=self._releases,
            stretch=stretch,
        )
        for story in (*reports(place, settings.start), self._visits(place)):
            self._begin(story)

    def _visits(self, place: Workplace) -> Story:
        """Yield the story of every visitor."""
        settings, bot = self._settings, place.bot
        start = settings.start - (WARM_UP_SECONDS if settings.is_warm else 0.0)
        rng = place.chance("visits", settings.start, settings.rate)
        population = Population(settings.seed, bot, place.visits.per_second * 86_400, start)
        for number, at in enumerate(arrivals(place.visits, rng, start)):
            visit = Visit(
                bot=bot,
                person=population.visitor(rng),
                name=f"{self._run}-{bot.name}-{number}",
                version=place.releases.version(bot, at),
                calendar=self._calendar,
                rng=Random(rng.getrandbits(64)),  # noqa: S311 - repeats itself, as it must
                at=at,
                delay_seconds=DELAY_SECONDS if happens(rng, DELAYED) else 0.0,
            )
            yield at, visit_story(visit)
