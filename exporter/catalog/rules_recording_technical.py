"""Series about answers, partners and tools, each computed once for alerts and panels."""

from .alert_spec import Recording, RuleGroup
from .usual import share

BUCKETS = Recording(
    name="bot:bot_response_duration_seconds_bucket:rate5m",
    expr="sum without (instance, platform) (rate(bot_response_duration_seconds_bucket[5m]))",
    doc="Answers a second, by how long they took at most.",
)
ANSWERED = Recording(
    name="bot:bot_response_duration_seconds_count:increase5m",
    expr="sum without (instance, platform) (increase(bot_response_duration_seconds_count[5m]))",
    doc="Answers in 5 minutes.",
)
P95 = Recording(
    name="bot:bot_response_duration_seconds:p95_rate5m",
    expr=f"histogram_quantile(0.95, {BUCKETS.name})",
    doc="Time in which 95 % of the answers of 5 minutes came.",
)

CALLS = Recording(
    name="bot_integration:bot_integration_calls:increase15m",
    expr="sum without (instance) (increase(bot_integration_calls_total[15m]))",
    doc="Calls to a partner in 15 minutes.",
)
CALL_FAILURES = Recording(
    name="bot_integration:bot_integration_call_failures:increase15m",
    expr="sum without (instance, reason) (increase(bot_integration_call_failures_total[15m]))",
    doc="Failed calls to a partner in 15 minutes.",
)
CALL_FAILURE_SHARE = Recording(
    name="bot_integration:bot_integration_call_failures_per_integration_calls:ratio_increase15m",
    expr=share(CALL_FAILURES.name, CALLS.name),
    doc="Share of the calls to a partner that failed in 15 minutes.",
)
ACTIONS = Recording(
    name="bot_action:bot_actions:increase15m",
    expr="sum without (instance) (increase(bot_actions_total[15m]))",
    doc="Calls of a tool in 15 minutes.",
)
# A rejected call was refused on purpose: the tool works.
ACTION_FAILURES = Recording(
    name="bot_action:bot_action_failures:unwanted_increase15m",
    expr=(
        "sum without (instance, reason) "
        '(increase(bot_action_failures_total{reason!="rejected"}[15m]))'
    ),
    doc="Calls of a tool that failed in 15 minutes, rejected ones left out.",
)
ACTION_FAILURE_SHARE = Recording(
    name="bot_action:bot_action_failures_per_actions:unwanted_ratio_increase15m",
    expr=share(ACTION_FAILURES.name, ACTIONS.name),
    doc="Share of the calls of a tool that failed in 15 minutes.",
)

RESPONSE_GROUP = RuleGroup(name="bot_recording_response", rules=(BUCKETS, ANSWERED, P95))
CALLS_GROUP = RuleGroup(
    name="bot_recording_calls",
    rules=(
        *(CALLS, CALL_FAILURES, CALL_FAILURE_SHARE),
        *(ACTIONS, ACTION_FAILURES, ACTION_FAILURE_SHARE),
    ),
)
TECHNICAL_GROUPS = (RESPONSE_GROUP, CALLS_GROUP)
