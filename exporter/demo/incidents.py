"""Incidents: what goes wrong, when, and how it changes what the bots do meanwhile."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from .cast import BOTS
from .chance import happens, seeded
from .story import DAY, MINUTE

PER_DAY = 0.35  # Probability of an unasked incident on a day: two or three a week.
SHORTEST, LONGEST = 15 * MINUTE, 60 * MINUTE
DAYS_REMEMBERED = 8


class Kind(StrEnum):
    """What may go wrong."""

    LLM_OUTAGE = "llm_outage"
    SLOW_ANSWERS = "slow_answers"
    ERROR_SPIKE = "error_spike"
    SILENCE = "silence"
    QUEUE_BACKLOG = "queue_backlog"
    FALLBACK_SPIKE = "fallback_spike"
    NEGATIVE_FEEDBACK = "negative_feedback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """The probabilities and factors under which a bot works."""

    llm_failure: float = 0.008
    slowdown: float = 1.0
    error: float = 0.0015
    is_silent: bool = False
    queue_growth: float = 0.0
    fallback: float = 0.05
    displeasure: float = 0.0


CALM = Conditions()
DISTURBED = {
    Kind.LLM_OUTAGE: Conditions(llm_failure=0.8),
    Kind.SLOW_ANSWERS: Conditions(slowdown=9.0),
    Kind.ERROR_SPIKE: Conditions(error=0.4),
    Kind.SILENCE: Conditions(is_silent=True),
    Kind.QUEUE_BACKLOG: Conditions(queue_growth=0.5),
    Kind.FALLBACK_SPIKE: Conditions(fallback=0.45),
    Kind.NEGATIVE_FEEDBACK: Conditions(displeasure=0.6),
}


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident: from *start* until before *end*, of one bot or, without one, of all."""

    kind: Kind
    start: float
    end: float
    bot: str | None

    def hits(self, bot: str, moment: float) -> bool:
        """Return whether *bot* suffers from it at *moment*."""
        return self.start <= moment < self.end and self.bot in (None, bot)


class Calendar:
    """
    Says under which conditions a bot works at a moment.

    Args:
        seed: Decides which incidents happen unasked.
        asked: Incidents that somebody wants to see.
    """

    def __init__(self, seed: int, asked: Iterable[Incident] = ()) -> None:
        self._seed = seed
        self._asked = tuple(asked)

    def conditions(self, bot: str, moment: float) -> Conditions:
        """Return the conditions of *bot*; an asked incident comes before an unasked one."""
        for incident in self._asked:
            if incident.hits(bot, moment):
                return DISTURBED[incident.kind]
        for incident in _unasked(self._seed, int(moment // DAY)):
            if incident.hits(bot, moment):
                return DISTURBED[incident.kind]
        return CALM

    def between(self, start: float, end: float) -> Iterator[Incident]:
        """Yield the incidents, asked ones first, that begin from *start* until before *end*."""
        unasked = (
            _unasked(self._seed, day) for day in range(int(start // DAY), int(end // DAY) + 1)
        )
        for incident in (*self._asked, *(one for day in unasked for one in day)):
            if start <= incident.start < end:
                yield incident


def new_incident(seed: int, kind: Kind, start: float, duration_seconds: float) -> Incident:
    """Return an incident; the bot that it hits follows from the seed, a model's outage hits all."""
    bot = seeded(seed, "incident", kind).choice(BOTS).name
    hit = None if kind is Kind.LLM_OUTAGE else bot
    return Incident(kind, start, start + duration_seconds, hit)


@lru_cache(maxsize=DAYS_REMEMBERED)
def _unasked(seed: int, day: int) -> tuple[Incident, ...]:
    """Return the incidents of a day in UTC; none of them lasts beyond it."""
    rng = seeded(seed, "incidents", day)
    if not happens(rng, PER_DAY):
        return ()
    kind = rng.choice(list(Kind))
    duration = rng.uniform(SHORTEST, LONGEST)
    start = day * DAY + rng.uniform(0, DAY - duration)
    bot = None if kind is Kind.LLM_OUTAGE else rng.choice(BOTS).name
    return (Incident(kind, round(start), round(start + duration), bot),)
