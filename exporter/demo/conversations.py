"""Conversations: what one visitor and the bot do, from the greeting to the last word."""

from collections.abc import Iterator

from .chance import around, happens, weighted
from .closing import finish, give_up, hand_over
from .journey import journey
from .leads import lead
from .story import MINUTE, Story
from .turns import turn
from .visit import Visit

REFERRERS = weighted({"direct": 50, "search": 25, "newsletter": 12, "spring_campaign": 13})
EXTRAS = weighted({"menu_opened": 6, "coupon_shown": 2, "link_clicked": 5, "file_downloaded": 1})
EXTRA = 0.12
AGAIN = 0.06  # Share of the visits that hold a second conversation.
MOST_TURNS = 14
THINK_SECONDS = 14.0
LEAVES = 0.012  # After any answer; more often after a bad one.
LEAVES_AFTER_FALLBACK = 0.12
LEAVES_AFTER_FAILURE = 0.3
WANTS_PERSON = 0.008
WANTS_PERSON_AFTER_TROUBLE = 0.2


def visit_story(visit: Visit) -> Story:
    """Yield everything that happens during the visit, and what begins because of it."""
    yield from _conversation(visit)
    if happens(visit.rng, AGAIN):
        visit.at += around(visit.rng, 4 * MINUTE)
        yield from _conversation(visit)


def _conversation(visit: Visit) -> Story:
    visit.begin()
    way = journey(visit)
    yield from _open(visit, way)
    wanted = max(1, round(around(visit.rng, visit.bot.turns)))
    while True:
        troubles = visit.fallbacks + visit.failures
        yield from _turn(visit)
        part = next(way, None)
        if part is not None:
            yield from part
        had_trouble = visit.fallbacks + visit.failures > troubles
        if happens(visit.rng, WANTS_PERSON_AFTER_TROUBLE if had_trouble else WANTS_PERSON):
            yield from hand_over(visit)
            return
        if happens(visit.rng, _leaving(visit, had_trouble=had_trouble)):
            yield from give_up(visit)
            return
        # Who is on the way to a purchase goes on.
        if visit.turns >= MOST_TURNS or (visit.turns >= wanted and part is None):
            break
        visit.at += around(visit.rng, THINK_SECONDS)
    yield from lead(visit)
    yield from finish(visit)


def _open(visit: Visit, way: Iterator[Story]) -> Story:
    rng = visit.rng
    yield visit.event(
        "conversation_started",
        referrer=REFERRERS.draw(rng),
        version=visit.version,
        **visit.audience,
    )
    yield visit.event(
        "experiment_exposure", experiment=visit.bot.experiment, variant=visit.person.variant
    )
    yield from next(way, iter(()))
    visit.at += around(rng, 3.0)


def _turn(visit: Visit) -> Story:
    yield from turn(visit)
    if happens(visit.rng, EXTRA):
        visit.at += around(visit.rng, 1.0)
        yield visit.event("track", name=EXTRAS.draw(visit.rng), amount=1)


def _leaving(visit: Visit, *, had_trouble: bool) -> float:
    if not had_trouble:
        return LEAVES
    return LEAVES_AFTER_FAILURE if visit.failures else LEAVES_AFTER_FALLBACK
