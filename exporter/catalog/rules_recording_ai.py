"""Series about models, intents and what the bot did not understand, for alerts and panels."""

from .alert_spec import Recording, RuleGroup
from .usual import share, usual

# Windows of an hour move slowly, and every two minutes a series is still fresh for each alert.
INTERVAL = "2m"

REQUESTS = Recording(
    name="bot_model:bot_llm_requests:increase15m",
    expr="sum without (instance) (increase(bot_llm_requests_total[15m]))",
    doc="Calls to a model in 15 minutes.",
)
# A filtered answer is a decision of the provider; it has a series of its own.
BROKEN = Recording(
    name="bot_model:bot_llm_request_failures:unfiltered_increase15m",
    expr=(
        "sum without (instance, reason) "
        '(increase(bot_llm_request_failures_total{reason!="filtered"}[15m]))'
    ),
    doc="Calls to a model that failed in 15 minutes, filtered ones left out.",
)
BROKEN_SHARE = Recording(
    name="bot_model:bot_llm_request_failures_per_llm_requests:unfiltered_ratio_increase15m",
    expr=share(BROKEN.name, REQUESTS.name),
    doc="Share of the calls to a model that failed in 15 minutes.",
)
FILTERED = Recording(
    name="bot_model:bot_llm_request_failures:filtered_increase15m",
    expr=(
        "sum without (instance, reason) "
        '(increase(bot_llm_request_failures_total{reason="filtered"}[15m]))'
    ),
    doc="Calls to a model whose answer the provider held back in 15 minutes.",
)
FILTERED_SHARE = Recording(
    name="bot_model:bot_llm_request_failures_per_llm_requests:filtered_ratio_increase15m",
    expr=share(FILTERED.name, REQUESTS.name),
    doc="Share of the calls to a model whose answer the provider held back in 15 minutes.",
)
BUCKETS = Recording(
    name="bot_model:bot_llm_request_duration_seconds_bucket:rate15m",
    expr="sum without (instance) (rate(bot_llm_request_duration_seconds_bucket[15m]))",
    doc="Calls to a model a second, by how long they took at most.",
)
TIMED = Recording(
    name="bot_model:bot_llm_request_duration_seconds_count:increase15m",
    expr="sum without (instance) (increase(bot_llm_request_duration_seconds_count[15m]))",
    doc="Calls to a model in 15 minutes whose time is known.",
)
P95 = Recording(
    name="bot_model:bot_llm_request_duration_seconds:p95_rate15m",
    expr=f"histogram_quantile(0.95, {BUCKETS.name})",
    doc="Time in which 95 % of the calls to a model of 15 minutes ended.",
)

ANSWERS = Recording(
    name="bot:bot_answers:increase30m",
    expr="sum without (instance, source) (increase(bot_answers_total[30m]))",
    doc="Messages the bot sent in 30 minutes.",
)
GUARDED = Recording(
    name="bot:bot_answers:guardrail_increase30m",
    expr=('sum without (instance, source) (increase(bot_answers_total{source="guardrail"}[30m]))'),
    doc="Messages of 30 minutes in which a guardrail spoke instead of the bot.",
)
GUARDED_SHARE = Recording(
    name="bot:bot_answers:guardrail_ratio_increase30m",
    expr=share(GUARDED.name, ANSWERS.name),
    doc="Share of the messages of 30 minutes in which a guardrail spoke instead of the bot.",
)
INTENTS = Recording(
    name="bot:bot_intent_confidence_ratio_count:increase30m",
    expr="sum without (instance) (increase(bot_intent_confidence_ratio_count[30m]))",
    doc="Intents in 30 minutes whose confidence is known.",
)
UNSURE = Recording(
    name="bot:bot_intent_confidence_ratio_bucket:unsure_increase30m",
    expr=(
        'sum without (instance, le) (increase(bot_intent_confidence_ratio_bucket{le="0.6"}[30m]))'
    ),
    doc="Intents in 30 minutes with a confidence of 0.6 at most.",
)
UNSURE_SHARE = Recording(
    name="bot:bot_intent_confidence_ratio:unsure_ratio_increase30m",
    expr=share(UNSURE.name, INTENTS.name),
    doc="Share of the intents of 30 minutes with a confidence of 0.6 at most.",
)

SENT = Recording(
    name="bot:bot_messages_sent:increase1h",
    expr="sum without (instance, platform) (increase(bot_messages_sent_total[1h]))",
    doc="Messages the bot sent in an hour.",
)
FALLBACKS = Recording(
    name="bot:bot_fallbacks:increase1h",
    expr="sum without (instance, platform) (increase(bot_fallbacks_total[1h]))",
    doc="Answers of an hour with which the bot said that it did not understand.",
)
FALLBACK_SHARE = Recording(
    name="bot:bot_fallbacks_per_messages_sent:ratio_increase1h",
    expr=share(FALLBACKS.name, SENT.name),
    doc="Share of the messages of an hour that said that the bot did not understand.",
)
TURNS = Recording(
    name="bot:bot_turns:increase1h",
    expr="sum without (instance, platform) (increase(bot_turns_total[1h]))",
    doc="Turns of an hour.",
)
COST = Recording(
    name="bot:bot_llm_cost_usd:increase1h",
    expr="sum without (instance, model) (increase(bot_llm_cost_usd_total[1h]))",
    doc="Price of the calls to models of an hour.",
)
TURN_COST = Recording(
    name="bot:bot_llm_cost_usd_per_turns:ratio_increase1h",
    expr=share(COST.name, TURNS.name),
    doc="Price of the calls to models per turn of an hour.",
)

MODEL_GROUP = RuleGroup(
    name="bot_recording_models",
    rules=(REQUESTS, BROKEN, BROKEN_SHARE, FILTERED, FILTERED_SHARE, BUCKETS, TIMED, P95),
)
UNDERSTANDING_GROUP = RuleGroup(
    name="bot_recording_understanding",
    rules=(ANSWERS, GUARDED, GUARDED_SHARE, INTENTS, UNSURE, UNSURE_SHARE),
)
# What is made of a series stands in a later group: within one, vmalert sees what a rule recorded
# only the next time.
HOUR_GROUP = RuleGroup(
    name="bot_recording_hour", interval=INTERVAL, rules=(SENT, FALLBACKS, TURNS, COST)
)
HOUR_SHARES_GROUP = RuleGroup(
    name="bot_recording_hour_shares", interval=INTERVAL, rules=(FALLBACK_SHARE, TURN_COST)
)
HOUR_USUAL_GROUP = RuleGroup(
    name="bot_recording_hour_usual",
    interval=INTERVAL,
    rules=(usual(FALLBACK_SHARE), usual(TURN_COST)),
)
AI_GROUPS = (
    MODEL_GROUP,
    UNDERSTANDING_GROUP,
    HOUR_GROUP,
    HOUR_SHARES_GROUP,
    HOUR_USUAL_GROUP,
)
