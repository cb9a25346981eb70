"""
What every counter must be, counted from the events alone.

Written from the reference of the events and metrics and from the definition of a turn, with plain
dictionaries and loops; nothing of the product is imported, so a mistake there cannot hide here.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable

from tests.e2e.people import Event
from tests.support.scraping import Series, series

RESPONSE = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
CONFIDENCE = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
LONG = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0)
TURNS = (1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 30.0, 50.0)
SCORES = (1.0, 2.0, 3.0, 4.0, 5.0)
QUALITY = (0.2, 0.4, 0.6, 0.8, 1.0)
LATE_SECONDS = 900.0


class Counts:
    """Numbers by series; what was never counted is not in it."""

    def __init__(self) -> None:
        self.values: dict[Series, float] = defaultdict(float)

    def add(self, metric: str, by: float = 1, /, **labels: str) -> None:
        """Count *by* more."""
        self.values[series(metric, labels)] += by

    def observe(
        self, name: str, value: float | None, bounds: tuple[float, ...], **labels: str
    ) -> None:
        """Add an observation; None is none."""
        if value is None:
            return
        for bound in bounds:
            if value <= bound:
                self.add(f"{name}_bucket", le=repr(bound), **labels)
        self.add(f"{name}_bucket", le="+Inf", **labels)
        self.add(f"{name}_count", **labels)
        self.add(f"{name}_sum", value, **labels)


def expected(
    events: Iterable[Event], *, arrival: float, turn_timeout_seconds: float
) -> dict[Series, float]:
    """
    Return every series that must not be 0, once all turns have ended.

    Args:
        events: Distinct accepted events, in any order.
        arrival: About when they arrive; decides which are late.
        turn_timeout_seconds: An answer later than that fails its turn.
    """
    counts = Counts()
    messages: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        counts.add("bot_events_total", bot=event["bot"], event=event["type"])
        count = _BY_TYPE.get(event["type"])
        if count is not None:
            count(counts, event)
        if event["type"] in ("message_received", "message_sent"):
            if arrival - event["ts"] > LATE_SECONDS:
                counts.add("bot_sli_late_events_total", bot=event["bot"])
            else:
                messages[event["bot"], event["conversation"]].append(event)
    for conversation in messages.values():
        _count_turns(counts, conversation, turn_timeout_seconds)
    return {key: value for key, value in counts.values.items() if value}


def _count_turns(counts: Counts, messages: list[Event], timeout: float) -> None:
    """A question is answered by the first message the bot sent at its time or later."""
    answers = sorted((m for m in messages if m["type"] == "message_sent"), key=lambda m: m["ts"])
    for question in messages:
        if question["type"] != "message_received":
            continue
        labels = {"bot": question["bot"], "platform": question["platform"]}
        counts.add("bot_turns_total", **labels)
        answer = next((m for m in answers if m["ts"] >= question["ts"]), None)
        if answer is None or answer.get("status") == "failed":
            counts.add("bot_turn_failures_total", **labels)
            continue
        seconds = answer.get("response_seconds", answer["ts"] - question["ts"])
        if seconds > timeout:
            counts.add("bot_turn_failures_total", **labels)
        else:
            counts.observe("bot_response_duration_seconds", seconds, RESPONSE, **labels)


def _message_received(counts: Counts, e: Event) -> None:
    counts.add("bot_messages_received_total", bot=e["bot"], platform=e["platform"])


def _message_sent(counts: Counts, e: Event) -> None:
    counts.add("bot_messages_sent_total", bot=e["bot"], platform=e["platform"])
    counts.add("bot_answers_total", bot=e["bot"], source=e.get("source", "unknown"))
    if e.get("status") == "fallback":
        counts.add("bot_fallbacks_total", bot=e["bot"], platform=e["platform"])


def _intent_detected(counts: Counts, e: Event) -> None:
    bot = e["bot"]
    counts.add("bot_intents_total", bot=bot, intent=e["intent"])
    counts.observe("bot_intent_confidence_ratio", e.get("confidence"), CONFIDENCE, bot=bot)
    if "correct" in e:
        counts.add("bot_intents_labelled_total", bot=bot, correct=str(e["correct"]).lower())


def _llm_call(counts: Counts, e: Event) -> None:
    labels = {"bot": e["bot"], "model": e["model"]}
    counts.add("bot_llm_requests_total", **labels)
    if e.get("outcome", "ok") != "ok":
        counts.add("bot_llm_request_failures_total", reason=e["outcome"], **labels)
    duration, first = e.get("duration_seconds"), e.get("first_token_seconds")
    counts.observe("bot_llm_request_duration_seconds", duration, RESPONSE, **labels)
    counts.observe("bot_llm_first_token_duration_seconds", first, RESPONSE, **labels)
    for direction in ("input", "output", "cached", "reasoning"):
        tokens = e.get(f"{direction}_tokens", 0)
        counts.add("bot_llm_tokens_total", tokens, direction=direction, **labels)
    counts.add("bot_llm_cost_usd_total", e.get("cost_usd", 0), **labels)


def _action(counts: Counts, e: Event) -> None:
    bot, action = e["bot"], e["action"]
    counts.add("bot_actions_total", bot=bot, action=action)
    if e.get("outcome", "ok") != "ok":
        counts.add("bot_action_failures_total", bot=bot, action=action, reason=e["outcome"])
    counts.observe("bot_action_duration_seconds", e.get("duration_seconds"), RESPONSE, bot=bot)


def _conversation_started(counts: Counts, e: Event) -> None:
    bot = e["bot"]
    counts.add("bot_conversations_started_total", bot=bot, platform=e["platform"])
    country, language = e.get("country", "unknown"), e.get("language", "unknown")
    device, plan = e.get("device", "unknown"), e.get("plan", "unknown")
    counts.add("bot_conversations_by_country_total", bot=bot, country=country)
    counts.add("bot_conversations_by_language_total", bot=bot, language=language)
    counts.add("bot_conversations_by_device_total", bot=bot, device=device)
    counts.add("bot_conversations_by_plan_total", bot=bot, plan=plan)


def _conversation_ended(counts: Counts, e: Event) -> None:
    bot, duration = e["bot"], e["duration_seconds"]
    labels = {"bot": bot, "platform": e["platform"], "outcome": e["outcome"]}
    counts.add("bot_conversations_ended_total", **labels)
    counts.observe("bot_conversation_duration_seconds", duration, LONG, bot=bot)
    counts.observe("bot_conversation_turns", e["turns"], TURNS, bot=bot)


def _escalation(counts: Counts, e: Event) -> None:
    counts.add("bot_escalations_total", bot=e["bot"], reason=e["reason"])
    counts.observe("bot_escalation_wait_seconds", e["wait_seconds"], LONG, bot=e["bot"])


def _feedback(counts: Counts, e: Event) -> None:
    bot = e["bot"]
    if e.get("requested"):
        counts.add("bot_feedback_requested_total", bot=bot)
    counts.observe("bot_csat_score", e.get("csat"), SCORES, bot=bot)
    if "thumbs" in e:
        counts.add("bot_thumbs_total", bot=bot, verdict=e["thumbs"])
    if "nps" in e:
        kind = "promoter" if e["nps"] > 8 else "passive" if e["nps"] > 6 else "detractor"
        counts.add("bot_nps_responses_total", **{"bot": bot, "class": kind})


def _sentiment(counts: Counts, e: Event) -> None:
    counts.add("bot_sentiments_total", bot=e["bot"], sentiment=e["sentiment"])


def _funnel_step(counts: Counts, e: Event) -> None:
    counts.add("bot_funnel_steps_total", bot=e["bot"], funnel=e["funnel"], step=e["step"])


def _goal(counts: Counts, e: Event) -> None:
    counts.add("bot_goals_total", bot=e["bot"], goal=e["goal"])


def _purchase(counts: Counts, e: Event) -> None:
    bot, currency = e["bot"], e["currency"]
    counts.add("bot_purchases_total", bot=bot, currency=currency)
    counts.add("bot_revenue_total", e["amount"], bot=bot, currency=currency)
    counts.add("bot_purchases_by_product_total", bot=bot, product=e["product"])


def _refund(counts: Counts, e: Event) -> None:
    counts.add("bot_refunds_total", e["amount"], bot=e["bot"], currency=e["currency"])


def _product_viewed(counts: Counts, e: Event) -> None:
    counts.add("bot_product_views_total", bot=e["bot"], product=e["product"])


def _lead(counts: Counts, e: Event) -> None:
    counts.add("bot_leads_total", bot=e["bot"], source=e["source"])
    counts.observe("bot_lead_quality_ratio", e["quality"], QUALITY, bot=e["bot"])


def _lead_followup(counts: Counts, e: Event) -> None:
    counts.add("bot_lead_followups_total", bot=e["bot"], followup=e["outcome"])


def _experiment_exposure(counts: Counts, e: Event) -> None:
    labels = {"bot": e["bot"], "experiment": e["experiment"], "variant": e["variant"]}
    counts.add("bot_experiment_exposures_total", **labels)


def _track(counts: Counts, e: Event) -> None:
    counts.add("bot_tracked_total", bot=e["bot"], name=e["name"])


def _error(counts: Counts, e: Event) -> None:
    counts.add("bot_errors_total", bot=e["bot"], component=e["component"], error=e["error"])
    if e["fatal"]:
        counts.add("bot_fatal_errors_total", bot=e["bot"])


def _integration_call(counts: Counts, e: Event) -> None:
    labels = {"bot": e["bot"], "integration": e["integration"]}
    counts.add("bot_integration_calls_total", **labels)
    if e.get("outcome", "ok") != "ok":
        counts.add("bot_integration_call_failures_total", reason=e["outcome"], **labels)
    duration = e["duration_seconds"]
    counts.observe("bot_integration_call_duration_seconds", duration, RESPONSE, **labels)


def _deploy(counts: Counts, e: Event) -> None:
    counts.add("bot_deploys_total", bot=e["bot"])


_BY_TYPE: dict[str, Callable[[Counts, Event], None]] = {
    "message_received": _message_received,
    "message_sent": _message_sent,
    "intent_detected": _intent_detected,
    "llm_call": _llm_call,
    "action": _action,
    "conversation_started": _conversation_started,
    "conversation_ended": _conversation_ended,
    "escalation": _escalation,
    "feedback": _feedback,
    "sentiment": _sentiment,
    "funnel_step": _funnel_step,
    "goal": _goal,
    "purchase": _purchase,
    "refund": _refund,
    "product_viewed": _product_viewed,
    "lead": _lead,
    "lead_followup": _lead_followup,
    "experiment_exposure": _experiment_exposure,
    "track": _track,
    "error": _error,
    "integration_call": _integration_call,
    "deploy": _deploy,
}
