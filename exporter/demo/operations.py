"""What a bot reports about itself, whether anybody talks to it or not."""

from dataclasses import dataclass
from random import Random

from .bots import Bot
from .chance import around, happens, seeded, weighted
from .incidents import Calendar
from .releases import Releases
from .rhythm import Rhythm, arrivals
from .story import DAY, MINUTE, Event, Story, Value

HEARTBEAT_SECONDS = 30.0
QUEUE_SECONDS = 15.0
KNOWLEDGE_SECONDS = 5 * MINUTE
PLAN_SECONDS = MINUTE
PARTNER_SHARE = 0.04  # Calls to partners among all events of a bot.
QUOTA_RESERVE = 1.15
PERIOD_DAYS = 30  # Of a plan.
PLANS = {"messages": 0.25, "conversations": 0.04, "tokens": 90.0}  # Resource: use per event.
LAST_UPDATE_HOUR = 2
STATUS_CODES = {"ok": 200, "error": 500, "timeout": 504, "auth_error": 401, "rate_limited": 429}
PARTNER_TROUBLES = weighted({"error": 5, "timeout": 4, "auth_error": 1})
PARTNER_TROUBLE = 0.015


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """
    Where a bot works.

    *visits* is the rhythm of its visitors. *stretch* slows the regular reports down when the demo
    as a whole is slow, so that they do not drown what people do.
    """

    seed: int
    bot: Bot
    visits: Rhythm
    calendar: Calendar
    releases: Releases
    stretch: float

    def event(self, kind: str, at: float, /, **fields: Value) -> tuple[float, Event]:
        """Return an event of the bot itself."""
        return at, {"type": kind, "ts": round(at, 3), "bot": self.bot.name, **fields}

    def chance(self, *parts: object) -> Random:
        """Return the chance of one report of this bot."""
        return seeded(self.seed, self.bot.name, *parts)

    def first(self, start: float, name: str) -> float:
        """Return when a regular report comes first: soon, but not all at once."""
        return start + self.chance("first", name).uniform(0.0, 3.0)


def per_second() -> float:
    """Return how many regular events a bot with two queues and two sources makes unstretched."""
    regular = 1 / HEARTBEAT_SECONDS + 2 / QUEUE_SECONDS
    return regular + 2 / KNOWLEDGE_SECONDS + len(PLANS) / PLAN_SECONDS


def reports(place: Workplace, start: float) -> list[Story]:
    """Return the endless stories of everything that the bot reports from *start* on."""
    return [
        _deploys(place, start),
        _heartbeats(place, start),
        *(_queue(place, start, name) for name in place.bot.queues),
        *(_partner(place, start, name) for name in place.bot.integrations),
        *(_knowledge(place, start, name) for name in place.bot.knowledge),
        _plan(place, start),
    ]


def _deploys(place: Workplace, start: float) -> Story:
    """Begin with the version that is live, as if the demo had just put it there."""
    yield place.event("deploy", start, version=place.releases.version(place.bot, start))
    for at in place.releases.after(place.bot, start):
        yield place.event("deploy", at, version=place.releases.version(place.bot, at))


def _heartbeats(place: Workplace, start: float) -> Story:
    at = place.first(start, "heartbeat")
    while True:
        yield place.event("heartbeat", at, version=place.releases.version(place.bot, at))
        at += HEARTBEAT_SECONDS * place.stretch


def _queue(place: Workplace, start: float, name: str) -> Story:
    """Follow the load with some noise; a backlog grows, and drains when it is over."""
    rng = place.chance("queue", name, start)
    at = place.first(start, name)
    step = QUEUE_SECONDS * place.stretch
    depth = 4.0
    while True:
        growth = place.calendar.conditions(place.bot.name, at).queue_growth
        load = place.visits.at(at) / place.visits.per_second
        if growth:
            depth += growth * step
        else:
            depth = max(0.0, depth + 0.2 * (6.0 * load - depth) + rng.gauss(0.0, 1.2))
        waited = depth * around(rng, 0.4, 0.2)
        yield place.event(
            "queue", at, queue=name, depth=round(depth), oldest_seconds=round(waited, 1)
        )
        at += step


def _partner(place: Workplace, start: float, name: str) -> Story:
    """Call a partner as often as visitors make it necessary, within a quota a day."""
    rng = place.chance("partner", name, start)
    rate = place.visits.per_second * place.bot.events_per_visit * PARTNER_SHARE
    rhythm = Rhythm(place.bot.tempo, rate / len(place.bot.integrations))
    limit = rounded(rhythm.per_second * DAY * max(rhythm.tempo.days) * QUOTA_RESERVE)
    today, used = start // DAY, int(start % DAY / DAY * limit * 0.8)
    for at in arrivals(rhythm, rng, start):
        if at // DAY != today:
            today, used = at // DAY, 0
        used += 1
        slowdown = place.calendar.conditions(place.bot.name, at).slowdown
        outcome = PARTNER_TROUBLES.draw(rng) if happens(rng, PARTNER_TROUBLE) else "ok"
        outcome = "rate_limited" if used > limit else outcome
        yield place.event(
            "integration_call",
            at,
            integration=name,
            outcome=outcome,
            status_code=STATUS_CODES[outcome],
            duration_seconds=round(around(rng, 0.15, 0.7) * slowdown, 3),
            quota_remaining=max(0, limit - used),
            quota_limit=limit,
        )


def _knowledge(place: Workplace, start: float, name: str) -> Story:
    """Grow slowly; links expire during the week, and uploads wait for the night."""
    documents = place.chance("knowledge", name).randrange(120, 900)
    at = place.first(start, name)
    while True:
        days, second = divmod(at - LAST_UPDATE_HOUR * 60 * MINUTE, DAY)
        weekday = int(days) % 7
        yield place.event(
            "knowledge_base",
            at,
            source=name,
            documents=documents + int(days) % 365 // 3,
            coverage=round(0.88 - 0.02 * weekday, 2),
            updated_at=days * DAY + LAST_UPDATE_HOUR * 60 * MINUTE,
            expired_urls=2 * weekday,
            pending_uploads=int(12 * second / DAY),
        )
        at += KNOWLEDGE_SECONDS * place.stretch


def _plan(place: Workplace, start: float) -> Story:
    """Use up the allowance of a period; each resource begins its period on another day."""
    rate = place.visits.per_second * place.bot.events_per_visit
    at = place.first(start, "plan")
    while True:
        for number, (resource, per_event) in enumerate(PLANS.items()):
            days = at / DAY + number * PERIOD_DAYS / len(PLANS)
            share = min(1.0, days % PERIOD_DAYS / PERIOD_DAYS * 1.04)
            allowance = rounded(rate * DAY * PERIOD_DAYS * per_event)
            yield place.event(
                "plan_usage",
                at,
                resource=resource,
                used=int(allowance * share),
                allowance=allowance,
            )
        at += PLAN_SECONDS * place.stretch


def rounded(number: float) -> int:
    """Return *number* as people choose limits: two digits and zeros, at least 10."""
    whole = max(10, int(number))
    unit = int("1".ljust(len(str(whole)) - 1, "0"))
    return -(-whole // unit) * unit
