"""Alerts on what users feel at once: silence, failures, slow answers, growing queues."""

from . import rules_recording_technical as recorded
from .alert_spec import Alert, RuleFile, RuleGroup, Severity, Team, Threshold

# Whoever works on a bot knows that it is down.
NO_MAINTENANCE = "unless on (bot) max_over_time(bot_maintenance_active[5m]) == 1"
# A burn of the error budget says the same more surely; Alertmanager then holds these back.
OF_SLO = {"symptom_of": "slo"}

ERROR_RATIO = Threshold(
    name="error_ratio",
    value=0.05,
    most=1.0,
    doc="Share of turns that may fail over 5 minutes.",
)
# A quantile compared with the bound of a bucket is exact; between bounds it is a guess.
RESPONSE_SECONDS = Threshold(
    name="response_p95_seconds",
    value=2.0,
    histogram="bot_response_duration_seconds",
    doc="Time in seconds within which 95 % of the answers have to come.",
)
RESPONSE_WORST_SECONDS = Threshold(
    name="response_p95_worst_seconds",
    value=10.0,
    histogram="bot_response_duration_seconds",
    doc="Time in seconds beyond which users have left before 5 % of the answers come.",
)
FATAL_ERRORS = Threshold(
    name="fatal_errors",
    value=2,
    doc="Errors that left a user without an answer, in 15 minutes.",
)
QUEUE_DEPTH = Threshold(
    name="queue_depth",
    value=50,
    doc="Items that may wait in a queue that is growing.",
)
CALL_FAILURE_RATIO = Threshold(
    name="integration_failure_ratio",
    value=0.1,
    most=1.0,
    doc="Share of the calls to a partner that may fail over 15 minutes.",
)
AUTH_ERRORS = Threshold(
    name="integration_auth_errors",
    value=2,
    doc="Calls that a partner may refuse for their credentials, in 15 minutes.",
)
QUOTA_RATIO = Threshold(
    name="integration_quota_ratio",
    value=0.1,
    most=1.0,
    doc="Share of a partner's quota that has to be left.",
)
ACTION_FAILURE_RATIO = Threshold(
    name="action_failure_ratio",
    value=0.1,
    most=1.0,
    doc="Share of the calls of a tool that may fail over 15 minutes.",
)

ANSWERS = (
    Alert(
        name="BotDown",
        severity=Severity.CRITICAL,
        team=Team.BOTS,
        # Two exporters may know a bot that moved; the younger of the two moments counts.
        value=(
            "(time() - max without (instance) (bot_last_event_timestamp_seconds))\n"
            "  > on (bot) group_left () max by (bot) (bot_expected_silence_seconds)\n"
            f"{NO_MAINTENANCE}"
        ),
        wait="1m",
        # A scrape that fails is no sign of life: without this it would end the page, and begin
        # another.
        keep="2m",
        summary="{{ $labels.bot }} is silent.",
        description=(
            "Nothing came from {{ $labels.bot }} for {{ $value | humanizeDuration }}, "
            "longer than is normal for it. Check whether it runs and reaches its platform."
        ),
        labels={"signal": "silence", "depends_on": "exporter"},
        dashboard="bot-detail",
    ),
    Alert(
        name="BotErrorRatioHigh",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value="bot:bot_turn_failures_per_turns:ratio_rate5m",
        threshold=ERROR_RATIO,
        only_if=f"bot:bot_turns:increase5m >= 20 {NO_MAINTENANCE}",
        summary="{{ $labels.bot }} fails to answer.",
        description=(
            "{{ $value | humanizePercentage }} of the turns of {{ $labels.bot }} "
            "failed in the last 5 minutes. Look at its errors and its last deploy."
        ),
        # What an exporter did not hear looks like turns without an answer.
        labels={**OF_SLO, "depends_on": "exporter"},
        dashboard="bot-detail",
    ),
    Alert(
        name="BotFatalErrors",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value="round(sum without (instance) (increase(bot_fatal_errors_total[15m])))",
        threshold=FATAL_ERRORS,
        wait="1m",
        summary="{{ $labels.bot }} leaves users without an answer.",
        description=(
            "{{ $labels.bot }} reported {{ $value | humanize }} fatal errors in 15 minutes. "
            "Look at the component that reports them."
        ),
        dashboard="bot-detail",
    ),
)
LATENCY = (
    Alert(
        name="BotResponseSlow",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value=recorded.P95.name,
        threshold=RESPONSE_SECONDS,
        only_if=f"{recorded.ANSWERED.name} >= 20",
        wait="3m",
        summary="{{ $labels.bot }} answers slowly.",
        description=(
            "5 % of the answers of {{ $labels.bot }} take {{ $value | humanizeDuration }} or "
            "longer. Look at its model, its partners and its queues."
        ),
        labels=OF_SLO,
        dashboard="bot-detail",
    ),
    Alert(
        name="BotResponseStillSlow",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        value=recorded.P95.name,
        threshold=RESPONSE_SECONDS,
        only_if=f"{recorded.ANSWERED.name} >= 20",
        wait="10m",
        summary="{{ $labels.bot }} has answered slowly for 10 minutes.",
        description=(
            "5 % of the answers of {{ $labels.bot }} still take "
            "{{ $value | humanizeDuration }} or longer. The team of the bot has not mended it: "
            "look at the machines, the network and the model together."
        ),
        labels=OF_SLO,
        dashboard="bot-detail",
    ),
    Alert(
        name="BotResponseVerySlow",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value=recorded.P95.name,
        threshold=RESPONSE_WORST_SECONDS,
        only_if=f"{recorded.ANSWERED.name} >= 20",
        wait="1m",
        summary="{{ $labels.bot }} answers so slowly that users leave.",
        description=(
            "5 % of the answers of {{ $labels.bot }} take {{ $value | humanizeDuration }} or "
            "longer. Look for a partner or a model that hangs."
        ),
        labels=OF_SLO,
        dashboard="bot-detail",
    ),
    Alert(
        name="BotQueueGrowing",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value="max without (instance) (bot_queue_depth)",
        threshold=QUEUE_DEPTH,
        # Six items more a minute: what is added will not be worked off.
        only_if="max without (instance) (deriv(bot_queue_depth[10m])) > 0.1",
        match=("bot", "queue"),
        summary="The queue {{ $labels.queue }} of {{ $labels.bot }} is growing.",
        description=(
            "{{ $value | humanize }} items wait in the queue {{ $labels.queue }} of "
            "{{ $labels.bot }}, and more come than leave. Scale up the agents that work it off."
        ),
        dashboard="bot-detail",
    ),
)
CALLS = (
    Alert(
        name="BotIntegrationFailures",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value=recorded.CALL_FAILURE_SHARE.name,
        threshold=CALL_FAILURE_RATIO,
        match=("bot", "integration"),
        summary="{{ $labels.bot }} cannot reach {{ $labels.integration }}.",
        description=(
            "{{ $value | humanizePercentage }} of the calls of {{ $labels.bot }} to "
            "{{ $labels.integration }} failed in 15 minutes. Look at the status of the partner."
        ),
        dashboard="bot-detail",
    ),
    Alert(
        name="BotIntegrationAuthErrors",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value=(
            "round(sum without (instance, reason) (\n"
            '  increase(bot_integration_call_failures_total{reason="auth_error"}[15m])\n))'
        ),
        threshold=AUTH_ERRORS,
        match=("bot", "integration"),
        wait="1m",
        summary="{{ $labels.integration }} refuses the credentials of {{ $labels.bot }}.",
        description=(
            "{{ $labels.integration }} refused {{ $value | humanize }} calls of "
            "{{ $labels.bot }} in 15 minutes. Renew the token or the key."
        ),
        dashboard="bot-detail",
    ),
    Alert(
        name="BotIntegrationQuotaLow",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value=(
            "min without (instance) (bot_integration_quota_remaining)\n"
            "/ (max without (instance) (bot_integration_quota_limit) > 0)"
        ),
        op="<",
        threshold=QUOTA_RATIO,
        match=("bot", "integration"),
        summary="{{ $labels.bot }} has used up most of its quota at {{ $labels.integration }}.",
        description=(
            "{{ $value | humanizePercentage }} of the quota of {{ $labels.bot }} at "
            "{{ $labels.integration }} is left. Raise it, or send less, before calls are refused."
        ),
        dashboard="bot-detail",
    ),
    Alert(
        name="BotActionFailures",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value=recorded.ACTION_FAILURE_SHARE.name,
        threshold=ACTION_FAILURE_RATIO,
        match=("bot", "action"),
        summary="The tool {{ $labels.action }} of {{ $labels.bot }} fails.",
        description=(
            "{{ $value | humanizePercentage }} of the calls of {{ $labels.action }} by "
            "{{ $labels.bot }} failed in 15 minutes. Look at the system behind the tool."
        ),
        dashboard="bot-detail",
    ),
)

TECHNICAL = RuleFile(
    name="technical",
    doc="What users feel at once.",
    groups=(
        RuleGroup(name="bot_answers", rules=ANSWERS),
        RuleGroup(name="bot_latency", rules=LATENCY),
        RuleGroup(name="bot_calls", rules=CALLS),
    ),
)
