"""Dialogues -> events of our catalogue, with seeded times, failures and side events."""

from dataclasses import dataclass
from random import Random

from tests.e2e.dialogues import Dialogue, Turn
from tests.e2e.extras import after_answer, around_call, at_end, at_start
from tests.e2e.people import MARK, Event
from tests.e2e.teller import GRAIN, Teller

DAY = 86_400
MEDIAN_SECONDS = 1.1  # Of an answer.
LATE_SHARE = 0.02  # Conversations that arrive two days late: no turns from them.
SILENCE_SHARE = 0.02  # System turns that the bot never sent.
SHRUG_SHARE = 0.04  # Plain questions back that stand for "I did not understand".
MEASURED_SHARE = 0.15  # Answers whose time the bot measured itself.
SWAP_SHARE = 0.03  # Conversations in which an answer overtakes its question.


@dataclass(frozen=True, slots=True)
class Told:
    """The events of one conversation in the order in which the bot sends them."""

    name: str
    events: list[Event]
    ends_unanswered: bool


def tell(dialogues: list[Dialogue], *, seed: int, until: int) -> list[Told]:
    """
    Return the events of each dialogue, all at or before *until* but a few minutes.

    Args:
        dialogues: What was said.
        seed: The same seed makes the same events.
        until: Whole seconds since 1970; conversations begin in the 9 minutes before.
    """
    return [_tell(dialogue, Random(f"{seed}/{dialogue.name}"), until) for dialogue in dialogues]


def _tell(dialogue: Dialogue, rng: Random, until: int) -> Told:
    start = until - rng.randrange(200 * GRAIN, 540 * GRAIN) / GRAIN
    late = rng.random() < LATE_SHARE
    teller = Teller(dialogue, start=start - 2 * DAY if late else start, rng=rng)
    at_start(teller)
    answered = True
    for turn in dialogue.turns:
        if turn.speaker == "user":
            _ask(teller, turn)
        else:
            answered = _answer(teller, turn)
    at_end(teller, dialogue)
    if teller.often(SWAP_SHARE):
        _let_an_answer_overtake(teller.events)
    return Told(dialogue.name, teller.events, ends_unanswered=not (answered or late))


def _ask(teller: Teller, turn: Turn) -> None:
    teller.wait(1 + teller.seconds(3.0) % 20)
    teller.say("message_received", kind=_kind(teller), text=f"{MARK}-text: {turn.text}")
    for intent in turn.intents:
        sure = 1.0 if teller.often(0.02) else teller.rng.randrange(300, 1024) / 1024
        checked = teller.often(0.2)
        teller.say(
            "intent_detected",
            intent=intent,
            confidence=None if teller.often(0.05) else sure,
            correct=sure > 0.6 if checked else None,
        )


def _answer(teller: Teller, turn: Turn) -> bool:
    """Return whether the bot said anything."""
    for call in turn.calls:
        around_call(teller, call, failed="NOTIFY_FAILURE" in turn.acts)
    teller.wait(teller.seconds(MEDIAN_SECONDS))
    if teller.often(SILENCE_SHARE):
        return False
    status = _status(teller, turn)
    teller.say(
        "message_sent",
        kind="text",
        status=status,
        source=_source(teller, turn),
        text=f"{MARK}-text: {turn.text}",
        response_seconds=teller.seconds(1.0) if teller.often(MEASURED_SHARE) else None,
    )
    after_answer(teller, turn, status=status)
    return True


def _status(teller: Teller, turn: Turn) -> str:
    if "NOTIFY_FAILURE" in turn.acts:
        return "failed"
    if turn.acts == {"REQUEST"} and teller.often(SHRUG_SHARE):
        return "fallback"
    return "ok"


def _source(teller: Teller, turn: Turn) -> str | None:
    if turn.calls:
        return "retrieval"
    return teller.rng.choice(("flow", "faq", "llm", None))


def _kind(teller: Teller) -> str | None:
    return "voice" if teller.often(0.05) else None


def _let_an_answer_overtake(events: list[Event]) -> None:
    """Swap the places, not the times, of a question that nothing precedes and its answer."""
    asked = next((i for i, e in enumerate(events) if e["type"] == "message_received"), None)
    said = next((i for i, e in enumerate(events) if e["type"] == "message_sent"), None)
    if asked is not None and said is not None and _is_only_question(events[asked + 1 : said]):
        events[asked], events[said] = events[said], events[asked]


def _is_only_question(between: list[Event]) -> bool:
    return all(event["type"] != "message_received" for event in between)
