"""Leads: somebody asks to be contacted, and a team follows up in the hours after."""

from random import Random

from .chance import around, clamp, happens, weighted
from .story import MINUTE, Event, Story
from .visit import Visit

SOURCES = weighted({"chat": 6, "campaign": 3, "form": 2})
FIRST_NAMES = ("Ada", "Ben", "Chloe", "Dimitri", "Emil", "Fatou", "Grace", "Hiro", "Ines", "Jonas")
CONTACTED, QUALIFIED, WON = 0.85, 0.6, 0.35
CONTACT_SECONDS, QUALIFY_SECONDS, DECIDE_SECONDS = 5 * MINUTE, 12 * MINUTE, 25 * MINUTE


def lead(visit: Visit) -> Story:
    """Yield a lead, and the story of what becomes of it."""
    rng = visit.rng
    if not happens(rng, visit.bot.lead_ratio):
        return
    quality = round(clamp(rng.gauss(0.55, 0.2), 0.02, 0.98), 2)
    value = round(around(rng, visit.bot.lead_value, 0.4), 2)
    name, number = rng.choice(FIRST_NAMES), rng.randrange(10_000)
    yield visit.event(
        "lead",
        source=SOURCES.draw(rng),
        quality=quality,
        value=value,
        lead=f"lead-{visit.conversation}",
        name=f"{name} Example",
        email=f"{name.lower()}.{number}@example.org",
        phone=f"+49 30 23125 {number:04d}",
    )
    event: Event = {
        "type": "lead_followup",
        "ts": 0.0,
        "bot": visit.bot.name,
        "platform": visit.person.platform,
        "user": visit.person.name,
        "lead": f"lead-{visit.conversation}",
    }
    yield visit.at, _follow_up(event, visit.at, value * quality, rng)


def _follow_up(event: Event, at: float, value: float, rng: Random) -> Story:
    """Yield how far the lead comes; it may stop at every step."""
    for outcome, probability, seconds in (
        ("contacted", CONTACTED, CONTACT_SECONDS),
        ("qualified", QUALIFIED, QUALIFY_SECONDS),
    ):
        if not happens(rng, probability):
            return
        at += around(rng, seconds)
        yield at, {**event, "ts": round(at, 3), "outcome": outcome}
    at += around(rng, DECIDE_SECONDS)
    decided = "won" if happens(rng, WON) else "lost"
    yield at, {**event, "ts": round(at, 3), "outcome": decided, "value": round(value, 2)}
