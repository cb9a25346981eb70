"""Families about conversations and the AI behind them: the only place these names are born."""

from ..model.units import Unit
from . import labels as lb
from .metrics_business import BUSINESS
from .metrics_operations import OPERATIONS
from .spec import Kind, Metric, Source

# Every threshold of a rule must be one of the bounds, so 2 s and 10 s are (DESIGN 5).
RESPONSE_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
CONFIDENCE_BUCKETS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
LONG_BUCKETS = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0)
TURN_BUCKETS = (1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 30.0, 50.0)
HOUR = 3600.0
DAY = 24 * HOUR

EVENTS = Metric(
    name="bot_events_total",
    kind=Kind.COUNTER,
    help="Distinct events accepted.",
    labels=(lb.BOT, lb.EVENT),
)
LAST_EVENT = Metric(
    name="bot_last_event_timestamp_seconds",
    kind=Kind.GAUGE,
    unit=Unit.TIMESTAMP,
    help="Arrival of the bot's last event.",
    labels=(lb.BOT,),
)
VERSION_INFO = Metric(
    name="bot_version_info",
    kind=Kind.GAUGE,
    help="Versions of the bot seen in the last 7 days; always 1.",
    labels=(lb.BOT, lb.VERSION),
    ttl_seconds=7 * DAY,
)
MESSAGES_RECEIVED = Metric(
    name="bot_messages_received_total",
    kind=Kind.COUNTER,
    help="Messages users sent to the bot.",
    labels=(lb.BOT, lb.PLATFORM),
)
MESSAGES_SENT = Metric(
    name="bot_messages_sent_total",
    kind=Kind.COUNTER,
    help="Messages the bot sent.",
    labels=(lb.BOT, lb.PLATFORM),
)
FALLBACKS = Metric(
    name="bot_fallbacks_total",
    kind=Kind.COUNTER,
    help="Answers with which the bot said that it did not understand.",
    labels=(lb.BOT, lb.PLATFORM),
)
ANSWERS = Metric(
    name="bot_answers_total",
    kind=Kind.COUNTER,
    help="Messages the bot sent, by where the answer came from.",
    labels=(lb.BOT, lb.ANSWER_SOURCE),
)
TURNS = Metric(
    name="bot_turns_total",
    kind=Kind.COUNTER,
    help="Turns that ended: answered, failed, or unanswered for 60 s.",
    labels=(lb.BOT, lb.PLATFORM),
    sli=True,
    source=Source.TURNS,
)
TURN_FAILURES = Metric(
    name="bot_turn_failures_total",
    kind=Kind.COUNTER,
    help="Turns unanswered for 60 s or answered with a failure.",
    labels=(lb.BOT, lb.PLATFORM),
    sli=True,
    source=Source.TURNS,
)
RESPONSE_DURATION = Metric(
    name="bot_response_duration_seconds",
    kind=Kind.HISTOGRAM,
    unit=Unit.SECONDS,
    help="Time from a user's message to the bot's answer, of turns that did not fail.",
    labels=(lb.BOT, lb.PLATFORM),
    buckets=RESPONSE_BUCKETS,
    sli=True,
    source=Source.TURNS,
)
SLI_LATE = Metric(
    name="bot_sli_late_events_total",
    kind=Kind.COUNTER,
    help="Messages that arrived over 15 minutes late and therefore make no turn.",
    labels=(lb.BOT,),
    source=Source.TURNS,
)
INTENTS = Metric(
    name="bot_intents_total",
    kind=Kind.COUNTER,
    help="Intents detected.",
    labels=(lb.BOT, lb.INTENT),
)
INTENT_CONFIDENCE = Metric(
    name="bot_intent_confidence_ratio",
    kind=Kind.HISTOGRAM,
    unit=Unit.RATIO,
    help="Confidence of detected intents.",
    labels=(lb.BOT,),
    buckets=CONFIDENCE_BUCKETS,
)
INTENTS_LABELLED = Metric(
    name="bot_intents_labelled_total",
    kind=Kind.COUNTER,
    help="Detected intents that a person judged.",
    labels=(lb.BOT, lb.LABELLED),
)
LLM_REQUESTS = Metric(
    name="bot_llm_requests_total",
    kind=Kind.COUNTER,
    help="Calls to language models, failed ones included.",
    labels=(lb.BOT, lb.MODEL),
)
LLM_FAILURES = Metric(
    name="bot_llm_request_failures_total",
    kind=Kind.COUNTER,
    help="Calls to language models that failed.",
    labels=(lb.BOT, lb.MODEL, lb.LLM_REASON),
)
LLM_DURATION = Metric(
    name="bot_llm_request_duration_seconds",
    kind=Kind.HISTOGRAM,
    unit=Unit.SECONDS,
    help="Time from request to last token.",
    labels=(lb.BOT, lb.MODEL),
    buckets=RESPONSE_BUCKETS,
)
LLM_FIRST_TOKEN = Metric(
    name="bot_llm_first_token_duration_seconds",
    kind=Kind.HISTOGRAM,
    unit=Unit.SECONDS,
    help="Time from request to first token.",
    labels=(lb.BOT, lb.MODEL),
    buckets=RESPONSE_BUCKETS,
)
LLM_TOKENS = Metric(
    name="bot_llm_tokens_total",
    kind=Kind.COUNTER,
    help="Tokens by direction; cached ones are part of input, reasoning ones of output.",
    labels=(lb.BOT, lb.MODEL, lb.DIRECTION),
)
LLM_COST = Metric(
    name="bot_llm_cost_usd_total",
    kind=Kind.COUNTER,
    unit=Unit.USD,
    help="Price of the calls to language models.",
    labels=(lb.BOT, lb.MODEL),
)
ACTIONS = Metric(
    name="bot_actions_total",
    kind=Kind.COUNTER,
    help="Tools and methods called, failed calls included.",
    labels=(lb.BOT, lb.ACTION),
)
ACTION_FAILURES = Metric(
    name="bot_action_failures_total",
    kind=Kind.COUNTER,
    help="Calls of tools and methods that failed.",
    labels=(lb.BOT, lb.ACTION, lb.ACTION_REASON),
)
ACTION_DURATION = Metric(
    name="bot_action_duration_seconds",
    kind=Kind.HISTOGRAM,
    unit=Unit.SECONDS,
    help="Time a tool or method took.",
    labels=(lb.BOT,),
    buckets=RESPONSE_BUCKETS,
)
CONVERSATIONS_STARTED = Metric(
    name="bot_conversations_started_total",
    kind=Kind.COUNTER,
    help="Conversations that began.",
    labels=(lb.BOT, lb.PLATFORM),
)
CONVERSATIONS_BY_COUNTRY = Metric(
    name="bot_conversations_by_country_total",
    kind=Kind.COUNTER,
    help="Conversations that began, by country.",
    labels=(lb.BOT, lb.COUNTRY),
)
CONVERSATIONS_BY_LANGUAGE = Metric(
    name="bot_conversations_by_language_total",
    kind=Kind.COUNTER,
    help="Conversations that began, by language.",
    labels=(lb.BOT, lb.LANGUAGE),
)
CONVERSATIONS_BY_DEVICE = Metric(
    name="bot_conversations_by_device_total",
    kind=Kind.COUNTER,
    help="Conversations that began, by kind of device.",
    labels=(lb.BOT, lb.DEVICE),
)
CONVERSATIONS_BY_PLAN = Metric(
    name="bot_conversations_by_plan_total",
    kind=Kind.COUNTER,
    help="Conversations that began, by plan.",
    labels=(lb.BOT, lb.PLAN),
)
CONVERSATIONS_ENDED = Metric(
    name="bot_conversations_ended_total",
    kind=Kind.COUNTER,
    help="Conversations that were closed, by outcome.",
    labels=(lb.BOT, lb.PLATFORM, lb.OUTCOME),
)
CONVERSATION_DURATION = Metric(
    name="bot_conversation_duration_seconds",
    kind=Kind.HISTOGRAM,
    unit=Unit.SECONDS,
    help="From first to last message of closed conversations.",
    labels=(lb.BOT,),
    buckets=LONG_BUCKETS,
)
CONVERSATION_TURNS = Metric(
    name="bot_conversation_turns",
    kind=Kind.HISTOGRAM,
    help="Turns of the user in closed conversations.",
    labels=(lb.BOT,),
    buckets=TURN_BUCKETS,
)
ACTIVE_CONVERSATIONS = Metric(
    name="bot_active_conversations",
    kind=Kind.GAUGE,
    help="Conversations with an event in the last 5 minutes that did not end.",
    labels=(lb.BOT, lb.PLATFORM),
    source=Source.PRESENCE,
)
ACTIVE_SESSIONS = Metric(
    name="bot_active_sessions",
    kind=Kind.GAUGE,
    help="Sessions with an event in the last 30 minutes.",
    labels=(lb.BOT, lb.PLATFORM),
    source=Source.PRESENCE,
)
ESCALATIONS = Metric(
    name="bot_escalations_total",
    kind=Kind.COUNTER,
    help="Conversations handed to a person.",
    labels=(lb.BOT, lb.REASON),
)
ESCALATION_WAIT = Metric(
    name="bot_escalation_wait_seconds",
    kind=Kind.HISTOGRAM,
    unit=Unit.SECONDS,
    help="Time users waited for a person.",
    labels=(lb.BOT,),
    buckets=LONG_BUCKETS,
)
FEEDBACK_REQUESTED = Metric(
    name="bot_feedback_requested_total",
    kind=Kind.COUNTER,
    help="Ratings the bot asked for.",
    labels=(lb.BOT,),
)
CSAT = Metric(
    name="bot_csat_score",
    kind=Kind.HISTOGRAM,
    help="Satisfaction users gave, 1 to 5.",
    labels=(lb.BOT,),
    buckets=(1.0, 2.0, 3.0, 4.0, 5.0),
)
THUMBS = Metric(
    name="bot_thumbs_total",
    kind=Kind.COUNTER,
    help="Thumbs given to answers.",
    labels=(lb.BOT, lb.VERDICT),
)
NPS = Metric(
    name="bot_nps_responses_total",
    kind=Kind.COUNTER,
    help="Answers to 'would you recommend it', by class.",
    labels=(lb.BOT, lb.NPS_CLASS),
)
SENTIMENTS = Metric(
    name="bot_sentiments_total",
    kind=Kind.COUNTER,
    help="Estimated moods.",
    labels=(lb.BOT, lb.SENTIMENT),
)

CONVERSATIONS = (
    EVENTS,
    LAST_EVENT,
    VERSION_INFO,
    MESSAGES_RECEIVED,
    MESSAGES_SENT,
    FALLBACKS,
    ANSWERS,
    TURNS,
    TURN_FAILURES,
    RESPONSE_DURATION,
    SLI_LATE,
    INTENTS,
    INTENT_CONFIDENCE,
    INTENTS_LABELLED,
    LLM_REQUESTS,
    LLM_FAILURES,
    LLM_DURATION,
    LLM_FIRST_TOKEN,
    LLM_TOKENS,
    LLM_COST,
    ACTIONS,
    ACTION_FAILURES,
    ACTION_DURATION,
    CONVERSATIONS_STARTED,
    CONVERSATIONS_BY_COUNTRY,
    CONVERSATIONS_BY_LANGUAGE,
    CONVERSATIONS_BY_DEVICE,
    CONVERSATIONS_BY_PLAN,
    CONVERSATIONS_ENDED,
    CONVERSATION_DURATION,
    CONVERSATION_TURNS,
    ACTIVE_CONVERSATIONS,
    ACTIVE_SESSIONS,
    ESCALATIONS,
    ESCALATION_WAIT,
    FEEDBACK_REQUESTED,
    CSAT,
    THUMBS,
    NPS,
    SENTIMENTS,
)

ALL = (*CONVERSATIONS, *BUSINESS, *OPERATIONS)
