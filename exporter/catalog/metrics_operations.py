"""Families about errors, queues, integrations and upkeep: the only place these names are born."""

from ..model.units import Unit
from . import labels as lb
from .spec import Kind, Metric, Source

HOUR = 3600.0
DAY = 24 * HOUR
CALL_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)

ERRORS = Metric(
    name="bot_errors_total",
    kind=Kind.COUNTER,
    help="Errors of the bot.",
    labels=(lb.BOT, lb.COMPONENT, lb.ERROR),
)
FATAL_ERRORS = Metric(
    name="bot_fatal_errors_total",
    kind=Kind.COUNTER,
    help="Errors that left a user without an answer.",
    labels=(lb.BOT,),
)
QUEUE_DEPTH = Metric(
    name="bot_queue_depth",
    kind=Kind.GAUGE,
    help="Items that wait in a queue of the bot.",
    labels=(lb.BOT, lb.QUEUE),
    ttl_seconds=HOUR,
)
QUEUE_OLDEST = Metric(
    name="bot_queue_oldest_item_age_seconds",
    kind=Kind.GAUGE,
    unit=Unit.SECONDS,
    help="Age of the oldest item in a queue of the bot.",
    labels=(lb.BOT, lb.QUEUE),
    ttl_seconds=HOUR,
)
INTEGRATION_CALLS = Metric(
    name="bot_integration_calls_total",
    kind=Kind.COUNTER,
    help="Calls to partners, failed ones included.",
    labels=(lb.BOT, lb.INTEGRATION),
)
INTEGRATION_FAILURES = Metric(
    name="bot_integration_call_failures_total",
    kind=Kind.COUNTER,
    help="Calls to partners that failed.",
    labels=(lb.BOT, lb.INTEGRATION, lb.INTEGRATION_REASON),
)
INTEGRATION_DURATION = Metric(
    name="bot_integration_call_duration_seconds",
    kind=Kind.HISTOGRAM,
    unit=Unit.SECONDS,
    help="Time a call to a partner took.",
    labels=(lb.BOT, lb.INTEGRATION),
    buckets=CALL_BUCKETS,
)
QUOTA_REMAINING = Metric(
    name="bot_integration_quota_remaining",
    kind=Kind.GAUGE,
    help="Calls a partner still allows in the current period.",
    labels=(lb.BOT, lb.INTEGRATION),
    ttl_seconds=DAY,
)
QUOTA_LIMIT = Metric(
    name="bot_integration_quota_limit",
    kind=Kind.GAUGE,
    help="Calls a partner allows in a period.",
    labels=(lb.BOT, lb.INTEGRATION),
    ttl_seconds=DAY,
)
KNOWLEDGE_DOCUMENTS = Metric(
    name="bot_knowledge_base_documents",
    kind=Kind.GAUGE,
    help="Documents a source of knowledge holds.",
    labels=(lb.BOT, lb.SOURCE),
    ttl_seconds=7 * DAY,
)
KNOWLEDGE_COVERAGE = Metric(
    name="bot_knowledge_base_coverage_ratio",
    kind=Kind.GAUGE,
    unit=Unit.RATIO,
    help="Share of questions a source of knowledge can answer.",
    labels=(lb.BOT, lb.SOURCE),
    ttl_seconds=7 * DAY,
)
KNOWLEDGE_UPDATED = Metric(
    name="bot_knowledge_base_updated_timestamp_seconds",
    kind=Kind.GAUGE,
    unit=Unit.TIMESTAMP,
    help="Last update of a source of knowledge.",
    labels=(lb.BOT, lb.SOURCE),
    ttl_seconds=7 * DAY,
)
KNOWLEDGE_EXPIRED_URLS = Metric(
    name="bot_knowledge_base_expired_urls",
    kind=Kind.GAUGE,
    help="Links of a source of knowledge that no longer answer.",
    labels=(lb.BOT, lb.SOURCE),
    ttl_seconds=7 * DAY,
)
KNOWLEDGE_PENDING = Metric(
    name="bot_knowledge_base_pending_uploads",
    kind=Kind.GAUGE,
    help="Files that wait to become knowledge.",
    labels=(lb.BOT, lb.SOURCE),
    ttl_seconds=7 * DAY,
)
DEPLOYS = Metric(
    name="bot_deploys_total",
    kind=Kind.COUNTER,
    help="Versions of the bot that went live.",
    labels=(lb.BOT,),
)
EXPECTED_SILENCE = Metric(
    name="bot_expected_silence_seconds",
    kind=Kind.GAUGE,
    unit=Unit.SECONDS,
    help="Longest time without an event that is normal for the bot, as configured.",
    labels=(lb.BOT,),
    source=Source.PROCESS,
)
MAINTENANCE = Metric(
    name="bot_maintenance_active",
    kind=Kind.GAUGE,
    help="1 while planned work on the bot is under way, as configured, otherwise 0.",
    labels=(lb.BOT,),
    source=Source.PROCESS,
)

OPERATIONS = (
    ERRORS,
    FATAL_ERRORS,
    QUEUE_DEPTH,
    QUEUE_OLDEST,
    INTEGRATION_CALLS,
    INTEGRATION_FAILURES,
    INTEGRATION_DURATION,
    QUOTA_REMAINING,
    QUOTA_LIMIT,
    KNOWLEDGE_DOCUMENTS,
    KNOWLEDGE_COVERAGE,
    KNOWLEDGE_UPDATED,
    KNOWLEDGE_EXPIRED_URLS,
    KNOWLEDGE_PENDING,
    DEPLOYS,
    EXPECTED_SILENCE,
    MAINTENANCE,
)
