"""Which event moves which family."""

from . import metrics as m
from . import metrics_business as mb
from . import metrics_operations as mo
from .spec import ARRIVAL, EVERY_EVENT, Condition, Constant, Feed, Metric, Operator

EQ, NE, GE, LE = Operator.EQUAL, Operator.NOT_EQUAL, Operator.AT_LEAST, Operator.AT_MOST


def _feed(
    event: str,
    metric: Metric,
    *when: Condition,
    value: str | None = None,
    labels: dict[str, str | Constant] | None = None,
) -> Feed:
    return Feed(event=event, metric=metric.name, value=value, labels=labels or {}, when=when)


def _when(field: str, op: Operator, value: str | float | bool | None = None) -> Condition:  # noqa: FBT001 - the value of a condition may be a bool
    return Condition(field=field, op=op, value=value)


def _calls(event: str, calls: Metric, failures: Metric) -> tuple[Feed, Feed]:
    """Count attempts and failures apart, as the Prometheus conventions ask."""
    failed = _when("outcome", NE, "ok")
    return (
        _feed(event, calls),
        _feed(event, failures, failed, labels={"reason": "outcome"}),
    )


EVERY = (
    _feed(EVERY_EVENT, m.EVENTS, labels={"event": "type"}),
    _feed(EVERY_EVENT, m.LAST_EVENT, value=ARRIVAL),
)

VERSIONS = tuple(
    _feed(event, m.VERSION_INFO, _when("version", Operator.PRESENT))
    for event in ("deploy", "heartbeat", "conversation_started", "message_received")
)

MESSAGES = (
    _feed("message_received", m.MESSAGES_RECEIVED),
    _feed("message_sent", m.MESSAGES_SENT),
    _feed("message_sent", m.FALLBACKS, _when("status", EQ, "fallback")),
    _feed("message_sent", m.ANSWERS),
)

AI = (
    _feed("intent_detected", m.INTENTS),
    _feed("intent_detected", m.INTENT_CONFIDENCE, value="confidence"),
    _feed("intent_detected", m.INTENTS_LABELLED, _when("correct", Operator.PRESENT)),
    *_calls("llm_call", m.LLM_REQUESTS, m.LLM_FAILURES),
    _feed("llm_call", m.LLM_DURATION, value="duration_seconds"),
    _feed("llm_call", m.LLM_FIRST_TOKEN, value="first_token_seconds"),
    *(
        _feed(
            "llm_call",
            m.LLM_TOKENS,
            value=f"{direction}_tokens",
            labels={"direction": Constant(direction)},
        )
        for direction in ("input", "output", "cached", "reasoning")
    ),
    _feed("llm_call", m.LLM_COST, value="cost_usd"),
    *_calls("action", m.ACTIONS, m.ACTION_FAILURES),
    _feed("action", m.ACTION_DURATION, value="duration_seconds"),
)

CONVERSATIONS = (
    _feed("conversation_started", m.CONVERSATIONS_STARTED),
    _feed("conversation_started", m.CONVERSATIONS_BY_COUNTRY),
    _feed("conversation_started", m.CONVERSATIONS_BY_LANGUAGE),
    _feed("conversation_started", m.CONVERSATIONS_BY_DEVICE),
    _feed("conversation_started", m.CONVERSATIONS_BY_PLAN),
    _feed("conversation_ended", m.CONVERSATIONS_ENDED),
    _feed("conversation_ended", m.CONVERSATION_DURATION, value="duration_seconds"),
    _feed("conversation_ended", m.CONVERSATION_TURNS, value="turns"),
    _feed("escalation", m.ESCALATIONS),
    _feed("escalation", m.ESCALATION_WAIT, value="wait_seconds"),
)

OPINIONS = (
    _feed("feedback", m.FEEDBACK_REQUESTED, _when("requested", EQ, value=True)),
    _feed("feedback", m.CSAT, value="csat"),
    _feed("feedback", m.THUMBS, _when("thumbs", Operator.PRESENT), labels={"verdict": "thumbs"}),
    _feed("feedback", m.NPS, _when("nps", GE, 9), labels={"class": Constant("promoter")}),
    _feed(
        "feedback",
        m.NPS,
        _when("nps", GE, 7),
        _when("nps", LE, 8),
        labels={"class": Constant("passive")},
    ),
    _feed("feedback", m.NPS, _when("nps", LE, 6), labels={"class": Constant("detractor")}),
    _feed("sentiment", m.SENTIMENTS),
)

BUSINESS = (
    _feed("funnel_step", mb.FUNNEL_STEPS),
    _feed("goal", mb.GOALS),
    _feed("purchase", mb.PURCHASES),
    _feed("purchase", mb.REVENUE, value="amount"),
    _feed("purchase", mb.PURCHASES_BY_PRODUCT),
    _feed("refund", mb.REFUNDS, value="amount"),
    _feed("product_viewed", mb.PRODUCT_VIEWS),
    _feed("lead", mb.LEADS),
    _feed("lead", mb.LEAD_QUALITY, value="quality"),
    _feed("lead_followup", mb.LEAD_FOLLOWUPS, labels={"followup": "outcome"}),
    _feed("experiment_exposure", mb.EXPOSURES),
    _feed("plan_usage", mb.PLAN_USED, value="used"),
    _feed("plan_usage", mb.PLAN_ALLOWANCE, value="allowance"),
    _feed("track", mb.TRACKED),
)

OPERATIONS = (
    _feed("error", mo.ERRORS),
    _feed("error", mo.FATAL_ERRORS, _when("fatal", EQ, value=True)),
    _feed("queue", mo.QUEUE_DEPTH, value="depth"),
    _feed("queue", mo.QUEUE_OLDEST, value="oldest_seconds"),
    *_calls("integration_call", mo.INTEGRATION_CALLS, mo.INTEGRATION_FAILURES),
    _feed("integration_call", mo.INTEGRATION_DURATION, value="duration_seconds"),
    _feed("integration_call", mo.QUOTA_REMAINING, value="quota_remaining"),
    _feed("integration_call", mo.QUOTA_LIMIT, value="quota_limit"),
    _feed("knowledge_base", mo.KNOWLEDGE_DOCUMENTS, value="documents"),
    _feed("knowledge_base", mo.KNOWLEDGE_COVERAGE, value="coverage"),
    _feed("knowledge_base", mo.KNOWLEDGE_UPDATED, value="updated_at"),
    _feed("knowledge_base", mo.KNOWLEDGE_EXPIRED_URLS, value="expired_urls"),
    _feed("knowledge_base", mo.KNOWLEDGE_PENDING, value="pending_uploads"),
    _feed("deploy", mo.DEPLOYS),
)

ALL = (
    *EVERY,
    *VERSIONS,
    *MESSAGES,
    *AI,
    *CONVERSATIONS,
    *OPINIONS,
    *BUSINESS,
    *OPERATIONS,
)
