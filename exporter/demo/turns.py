"""One turn: the user asks, the bot understands or not, calls what it needs, and answers."""

from dataclasses import dataclass, field

from .bots import Intent
from .chance import Weighted, around, clamp, happens, weighted
from .story import Story, Value
from .visit import Visit

VOICE = "voice"
KINDS = weighted({"text": 88, "button": 8, "image": 2, "voice": 1, "file": 1})
ROUTES = weighted({"llm": 45, "retrieval": 25, "faq": 15, "flow": 13, "guardrail": 2})
BY_MODEL = ("llm", "retrieval")
MOODS = weighted({"joy": 5, "relief": 3, "trust": 2})
BAD_MOODS = weighted({"anger": 5, "confusion": 4, "sadness": 1})
ERRORS = weighted(
    {
        ("webhook", "Timeout"): 5,
        ("database", "ConnectionLost"): 3,
        ("dialogue", "StateMissing"): 2,
        ("payments", "CardDeclined"): 2,
    }
)
MODEL_TROUBLES = weighted({"error": 5, "timeout": 3, "rate_limited": 2, "filtered": 0.5})
ACTION_TROUBLES = weighted({"error": 5, "timeout": 3, "rejected": 2})
ACTION_TROUBLE = 0.02
JUDGED = 0.03  # Share of the intents that a person looks at.
TRACED = 0.2
FATAL = 0.2  # Share of the bot's own errors that cost the user the answer.
UNANSWERED = 0.25  # Of the failed turns; the others get an apology.
FELT = 0.2  # Share of the turns whose mood is estimated.
SLOW_SECONDS = 8.0
MODEL_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Model:
    """Price and pace of a language model."""

    provider: str
    usd_per_million_input: float
    usd_per_million_output: float
    tokens_per_second: float
    reasons: bool = False


MODELS = {
    "small-3": Model("nordwind", 0.15, 0.6, 220.0),
    "large-3": Model("nordwind", 2.5, 10.0, 150.0),
    "reasoning-1": Model("sunrise", 3.0, 12.0, 300.0, reasons=True),
}


@dataclass(slots=True)
class _Reply:
    """The answer in the making."""

    asked_at: float
    source: str
    status: str = "ok"
    trace: dict[str, Value] = field(default_factory=dict)


def turn(visit: Visit) -> Story:
    """Yield the events of one turn."""
    rng = visit.rng
    visit.turns += 1
    visit.intent = intent = visit.bot.intents.draw(rng)
    reply = _Reply(visit.at, ROUTES.draw(rng))
    if happens(rng, TRACED):
        reply.trace["trace_id"] = f"{rng.getrandbits(128):032x}"
    kind = "voice" if visit.person.platform == VOICE else KINDS.draw(rng)
    question = rng.choice(intent.questions)
    yield visit.event(
        "message_received", kind=kind, text=question, version=visit.version, **reply.trace
    )
    yield from _understand(visit, intent, reply)
    if reply.status == "ok":
        if intent.action:
            yield from _act(visit, intent.action)
        if reply.source in BY_MODEL:
            yield from _ask_model(visit, reply)
    yield from _stumble(visit, reply)
    yield from _answer(visit, reply)
    yield from _feel(visit)


def _understand(visit: Visit, intent: Intent, reply: _Reply) -> Story:
    rng = visit.rng
    visit.at += around(rng, 0.04)
    understood = not happens(rng, visit.conditions.fallback)
    confidence = 1.0 - around(rng, 0.08, 0.7) if understood else rng.uniform(0.15, 0.65)
    judged: dict[str, Value] = {}
    if happens(rng, JUDGED):
        judged["correct"] = happens(rng, 0.93 if understood else 0.3)
    yield visit.event(
        "intent_detected",
        intent=intent.name,
        confidence=round(clamp(confidence, 0.05, 0.999), 3),
        **judged,
    )
    if not understood:
        reply.status, reply.source = "fallback", "flow"


def _act(visit: Visit, action: str) -> Story:
    rng = visit.rng
    outcome = ACTION_TROUBLES.draw(rng) if happens(rng, ACTION_TROUBLE) else "ok"
    duration = around(rng, 0.18, 0.6) * visit.conditions.slowdown
    visit.at += duration
    found: dict[str, Value] = {"results": int(around(rng, 2.0))} if outcome == "ok" else {}
    yield visit.event(
        "action", action=action, outcome=outcome, duration_seconds=round(duration, 3), **found
    )


def _ask_model(visit: Visit, reply: _Reply) -> Story:
    rng, conditions = visit.rng, visit.conditions
    name = visit.bot.models.draw(rng)
    model = MODELS[name]
    common: dict[str, Value] = {"model": name, "provider": model.provider, **reply.trace}
    for is_last in (False, True):
        if not happens(rng, conditions.llm_failure):
            break
        outcome = MODEL_TROUBLES.draw(rng)
        duration = MODEL_TIMEOUT_SECONDS if outcome == "timeout" else around(rng, 0.4)
        visit.at += duration
        yield visit.event(
            "llm_call", outcome=outcome, duration_seconds=round(duration, 3), **common
        )
        yield visit.event("error", component="llm", error=f"model_{outcome}", fatal=is_last)
    else:
        reply.status = "failed"
        return
    tokens = _tokens(visit, model)
    first = around(rng, 0.25, 0.4) * conditions.slowdown
    duration = first + tokens["output_tokens"] / model.tokens_per_second * conditions.slowdown
    visit.at += duration
    cost = (
        tokens["input_tokens"] * model.usd_per_million_input
        + tokens["output_tokens"] * model.usd_per_million_output
    ) / 1e6
    yield visit.event(
        "llm_call",
        outcome="ok",
        duration_seconds=round(duration, 3),
        first_token_seconds=round(first, 3),
        cost_usd=round(cost, 6),
        **tokens,
        **common,
    )


def _tokens(visit: Visit, model: Model) -> dict[str, int]:
    """Return how many tokens the call takes; the history of the conversation makes it longer."""
    rng = visit.rng
    sent = int(around(rng, 450.0) + 160 * visit.turns)
    cached = sent // 2 if visit.turns > 1 else 0
    thought = int(around(rng, 120.0)) if model.reasons else 0
    return {
        "input_tokens": sent,
        "output_tokens": int(around(rng, 70.0)) + thought,
        "cached_tokens": cached,
        "reasoning_tokens": thought,
    }


def _stumble(visit: Visit, reply: _Reply) -> Story:
    """Fail now and then for reasons of the bot's own."""
    if not happens(visit.rng, visit.conditions.error):
        return
    component, error = ERRORS.draw(visit.rng)
    is_fatal = happens(visit.rng, FATAL)
    yield visit.event("error", component=component, error=error, fatal=is_fatal)
    if is_fatal:
        reply.status = "failed"


def _answer(visit: Visit, reply: _Reply) -> Story:
    rng = visit.rng
    visit.at += around(rng, 0.15) * visit.conditions.slowdown
    waited = visit.at - reply.asked_at
    visit.last_message_at = visit.at
    visit.happiness -= 0.1 if waited > SLOW_SECONDS else 0.0
    if reply.status == "fallback":
        visit.fallbacks += 1
        visit.happiness -= 0.15
    elif reply.status == "failed":
        visit.failures += 1
        visit.happiness -= 0.3
        if happens(rng, UNANSWERED):
            return
    # A voice bot knows when it began to speak; for the others the times of the messages count.
    measured: dict[str, Value] = {}
    if visit.person.platform == VOICE:
        measured["response_seconds"] = round(waited * 0.9, 3)
    yield visit.event(
        "message_sent", status=reply.status, source=reply.source, **measured, **reply.trace
    )


def _feel(visit: Visit) -> Story:
    rng = visit.rng
    if not happens(rng, FELT):
        return
    felt = visit.happiness + rng.gauss(0.0, 0.2)
    moods: Weighted[str] | None = None
    sentiment = "neutral"
    if felt > 0.75:  # noqa: PLR2004 - a share of moods - two cuts of a scale from 0 to 1
        sentiment, moods = "positive", MOODS
    elif felt < 0.4:  # noqa: PLR2004 - a share of moods
        sentiment, moods = "negative", BAD_MOODS
    emotion: dict[str, Value] = {"emotion": moods.draw(rng)} if moods else {}
    strength = round(clamp(abs(felt - 0.55) * 2, 0.0, 1.0), 2)
    yield visit.event("sentiment", sentiment=sentiment, strength=strength, **emotion)
