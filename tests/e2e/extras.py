"""Side events of a dialogue, so that most families of the catalogue move."""

from tests.e2e.dialogues import Call, Dialogue, Turn
from tests.e2e.people import MARK, VERSIONS
from tests.e2e.teller import Teller

MODELS = (("small-1", "acme"), ("large-2", "acme"), ("open-7b", "own"))
PENNY = 1 / 4  # Amounts are quarters, so their sums are exact.


def at_start(teller: Teller) -> None:
    """What happens before the first message."""
    teller.say("conversation_started", referrer="campaign" if teller.often(0.2) else None)
    if teller.often(0.5):
        variant = teller.rng.choice(("control", "friendly"))
        teller.say("experiment_exposure", experiment="greeting", variant=variant)
    if teller.often(0.01):
        teller.say("deploy", version=teller.rng.choice(VERSIONS))
        teller.say("heartbeat")
        teller.say("queue", queue="outgoing", depth=3, oldest_seconds=0.5)
        teller.say("knowledge_base", source="faq", documents=120, coverage=0.75, expired_urls=1)
        teller.say("plan_usage", resource="messages", used=4200, allowance=10_000)


def around_call(teller: Teller, call: Call, *, failed: bool) -> None:
    """What happens when the assistant calls a service."""
    duration = teller.seconds(0.3)
    outcome = None
    if failed:
        outcome = "timeout" if duration > 1 else "error"
    teller.say(
        "action",
        action=call.method,
        outcome=outcome,
        results=call.results,
        duration_seconds=duration if teller.often(0.95) else None,
    )
    if teller.often(0.3):
        bad = "auth_error" if teller.often(0.05) else None
        teller.say(
            "integration_call",
            integration=call.service,
            outcome=bad,
            status_code=401 if bad else 200,
            duration_seconds=duration,
            quota_remaining=1000 - call.results,
            quota_limit=1000,
        )
    step = "book" if call.results == 1 else "search"
    teller.say("funnel_step", funnel="booking", step=step)


def after_answer(teller: Teller, turn: Turn, *, status: str) -> None:
    """What happens once the bot has spoken."""
    if teller.often(0.25):
        _call_a_model(teller)
    if "OFFER" in turn.acts and teller.often(0.3):
        teller.say("product_viewed", product=turn.calls[0].method if turn.calls else "other")
    if "NOTIFY_SUCCESS" in turn.acts:
        _sell(teller, turn)
    if status == "failed":
        teller.say(
            "error",
            component="booking",
            error="Rejected",
            fatal=teller.often(0.2),
            message=f"{MARK}-text no seat for {MARK}-user",
        )
    if teller.often(0.1):
        mood = "negative" if status == "failed" else teller.rng.choice(("positive", "neutral"))
        teller.say("sentiment", sentiment=mood, strength=0.5)
    if teller.often(0.02):
        teller.say("track", name="menu_opened", properties={"screen": 2, "wide": True})


def at_end(teller: Teller, dialogue: Dialogue) -> None:
    """What happens after the last message."""
    failed = any("NOTIFY_FAILURE" in turn.acts for turn in dialogue.turns)
    solved = any("NOTIFY_SUCCESS" in turn.acts for turn in dialogue.turns)
    outcome = "resolved" if solved else "abandoned"
    if failed and not solved:
        outcome = teller.rng.choice(("escalated", "unresolved"))
    if outcome == "escalated":
        teller.say("escalation", reason="failure", team="desk", wait_seconds=teller.seconds(60.0))
    _rate(teller)
    questions = sum(turn.speaker == "user" for turn in dialogue.turns)
    began = float(teller.events[0]["ts"])
    teller.say(
        "conversation_ended",
        outcome=outcome,
        turns=questions,
        duration_seconds=teller.now - began,
    )


def _call_a_model(teller: Teller) -> None:
    model, provider = teller.rng.choice(MODELS)
    outcome = teller.rng.choice(("timeout", "rate_limited", "filtered", "error"))
    failed = teller.often(0.04)
    first = teller.seconds(0.2)
    teller.say(
        "llm_call",
        model=model,
        provider=provider,
        outcome=outcome if failed else None,
        duration_seconds=first + teller.seconds(1.0),
        first_token_seconds=None if failed else first,
        input_tokens=teller.rng.randrange(200, 4000),
        output_tokens=0 if failed else teller.rng.randrange(5, 600),
        cached_tokens=teller.rng.choice((None, 128)),
        reasoning_tokens=teller.rng.choice((None, 64)),
        cost_usd=teller.rng.randrange(1, 5000) / 2**16,
    )


def _sell(teller: Teller, turn: Turn) -> None:
    method = turn.calls[0].method if turn.calls else "other"
    teller.say("goal", goal=method, value=1)
    if not method.startswith(("Buy", "Reserve", "Rent")):
        return
    currency = teller.rng.choice(("EUR", "USD"))
    amount = teller.rng.randrange(20, 4000) * PENNY
    teller.say("purchase", amount=amount, currency=currency, product=method)
    if teller.often(0.05):
        teller.say("refund", amount=amount / 2, currency=currency)
    if teller.often(0.1):
        teller.say(
            "lead",
            source="chat",
            quality=0.5,
            value=10,
            name=f"{MARK}-name",
            email=f"{MARK}-mail@example.org",
            phone="+49 30 1234567",
        )
        teller.say("lead_followup", outcome=teller.rng.choice(("contacted", "won", "lost")))


def _rate(teller: Teller) -> None:
    if not teller.often(0.4):
        return
    teller.say("feedback", requested=True)
    rng = teller.rng
    kind = rng.randrange(4)
    if kind == 0:
        teller.say("feedback", csat=rng.randrange(1, 6), comment=f"{MARK}-text so so")
    elif kind == 1:
        teller.say("feedback", thumbs=rng.choice(("up", "down")))
    elif kind == 2:
        teller.say("feedback", nps=rng.randrange(11))
