"""The end of a conversation: handed to a person, given up, solved or not, and then rated."""

from .chance import around, clamp, happens, weighted
from .story import MINUTE, Event, Story, Value
from .visit import Visit

ASKED = 0.5  # Share of the conversations after which the bot asks for a rating.
RATED = 0.4
RATED_IN_ANGER = 0.65
UNHAPPY = 0.4
RATINGS = weighted({"csat": 5, "thumbs": 4, "nps": 2})
COMMENTS = ("Terrible, it did not understand me.", "Useless, I want a refund.", "Much too slow.")
PRAISE = ("Thank you, that was quick.", "Very helpful.", "Great service.")
IDLE_SECONDS = 4 * MINUTE  # After so long without a word the bot takes a conversation for over.
LIFT = 1.12  # Factor of variant B on solutions, where the experiment is not about buying.


def hand_over(visit: Visit) -> Story:
    """Yield the escalation, the first answer of the person, and the end."""
    rng = visit.rng
    waited = around(rng, 40.0, 0.8)
    visit.at += waited
    reason = "user_request"
    if visit.failures:
        reason = "failure"
    elif visit.fallbacks:
        reason = "low_confidence"
    elif happens(rng, 0.2):
        reason = "policy"
    yield visit.event(
        "escalation", reason=reason, team=visit.bot.team, wait_seconds=round(waited, 1)
    )
    visit.at += around(rng, 15.0)
    visit.last_message_at = visit.at
    yield visit.event("message_sent", status="ok", source="agent")
    visit.at += around(rng, 60.0)
    yield from _rating(visit)
    yield _ended(visit, "escalated")


def give_up(visit: Visit) -> Story:
    """Yield the end of a conversation whose user has left without a word."""
    visit.at += IDLE_SECONDS
    yield _ended(visit, "abandoned")


def finish(visit: Visit) -> Story:
    """Yield the end of a conversation in which all is said."""
    rng = visit.rng
    visit.at += around(rng, 4.0)
    probability = visit.bot.resolution - 0.3 * (visit.fallbacks > 0) - 0.4 * (visit.failures > 0)
    if visit.is_improved and not visit.bot.funnel:
        probability *= LIFT
    is_resolved = visit.purchases > 0 or happens(rng, probability)
    visit.happiness += 0.05 if is_resolved else -0.25
    if is_resolved and visit.intent is not None and visit.intent.goal:
        yield visit.event("goal", goal=visit.intent.goal, value=1.0)
    yield from _rating(visit)
    yield _ended(visit, "resolved" if is_resolved else "unresolved")


def _ended(visit: Visit, outcome: str) -> tuple[float, Event]:
    return visit.event(
        "conversation_ended",
        outcome=outcome,
        duration_seconds=round(visit.last_message_at - visit.began_at, 1),
        turns=visit.turns,
    )


def _rating(visit: Visit) -> Story:
    rng = visit.rng
    if not happens(rng, ASKED):
        return
    yield visit.event("feedback", requested=True)
    if not happens(rng, RATED_IN_ANGER if visit.happiness < UNHAPPY else RATED):
        return
    visit.at += around(rng, 12.0)
    felt = clamp(visit.happiness + rng.gauss(0.0, 0.15), 0.0, 1.0)
    answer: dict[str, Value] = {}
    match RATINGS.draw(rng):
        case "csat":
            answer["csat"] = 1 + round(4 * felt)
        case "thumbs":
            answer["thumbs"] = "up" if felt > 0.5 else "down"  # noqa: PLR2004 - the middle
        case _:
            answer["nps"] = round(10 * felt)
    if happens(rng, 0.2):
        answer["comment"] = rng.choice(COMMENTS if felt < UNHAPPY else PRAISE)
    yield visit.event("feedback", **answer)
