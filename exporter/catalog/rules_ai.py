"""Alerts on models and understanding: failing and slow providers, cost, fallbacks, guardrails."""

from . import rules_recording_ai as recorded
from .alert_spec import Alert, RuleFile, RuleGroup, Severity, Team, Threshold
from .usual import above_chance, times_usual

LEAST_FALLBACK_SHARE = 0.01
LEAST_TURN_COST_USD = 0.0001

LLM_FAILURE_RATIO = Threshold(
    name="llm_failure_ratio",
    value=0.1,
    most=1.0,
    doc="Share of the calls to a model that may fail over 15 minutes, filtered ones left out.",
)
LLM_SECONDS = Threshold(
    name="llm_p95_seconds",
    value=10.0,
    histogram="bot_llm_request_duration_seconds",
    doc="Time in seconds within which 95 % of the calls to a model have to end.",
)
LLM_FILTERED_RATIO = Threshold(
    name="llm_filtered_ratio",
    value=0.05,
    most=1.0,
    doc="Share of the calls to a model whose answer the provider may hold back over 15 minutes.",
)
LLM_COST_FACTOR = Threshold(
    name="llm_cost_factor",
    value=2,
    least=1.0,
    doc="How many times the usual price a turn may cost over an hour.",
)
FALLBACK_FACTOR = Threshold(
    name="fallback_factor",
    value=1.5,
    least=1.0,
    doc="How many times the usual share of messages may be fallbacks over an hour.",
)
LOW_CONFIDENCE_RATIO = Threshold(
    name="low_confidence_ratio",
    value=0.3,
    most=1.0,
    doc="Share of the intents that may have a confidence of 0.6 or less over 30 minutes.",
)
GUARDRAIL_RATIO = Threshold(
    name="guardrail_ratio",
    value=0.1,
    most=1.0,
    doc="Share of the messages in which a guardrail may speak over 30 minutes.",
)

MODELS = (
    Alert(
        name="BotLlmFailures",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value=recorded.BROKEN_SHARE.name,
        threshold=LLM_FAILURE_RATIO,
        match=("bot", "model"),
        summary="{{ $labels.model }} fails for {{ $labels.bot }}.",
        description=(
            "{{ $value | humanizePercentage }} of the calls of {{ $labels.bot }} to "
            "{{ $labels.model }} failed in 15 minutes. Look at the status of the provider and "
            "at the limits of the key."
        ),
        dashboard="ai",
    ),
    Alert(
        name="BotLlmSlow",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value=recorded.P95.name,
        threshold=LLM_SECONDS,
        only_if=f"{recorded.TIMED.name} >= 20",
        match=("bot", "model"),
        wait="10m",
        summary="{{ $labels.model }} is slow for {{ $labels.bot }}.",
        description=(
            "5 % of the calls of {{ $labels.bot }} to {{ $labels.model }} take "
            "{{ $value | humanizeDuration }} or longer. Look at the provider and at the length "
            "of the prompts."
        ),
        dashboard="ai",
    ),
    Alert(
        name="BotLlmFiltered",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value=recorded.FILTERED_SHARE.name,
        threshold=LLM_FILTERED_RATIO,
        match=("bot", "model"),
        wait="10m",
        summary="The provider holds back answers of {{ $labels.model }}.",
        description=(
            "{{ $value | humanizePercentage }} of the answers of {{ $labels.model }} to "
            "{{ $labels.bot }} were filtered in 15 minutes. Look for an attack, or for a prompt "
            "that the filter takes for one."
        ),
        dashboard="ai",
    ),
    Alert(
        name="BotLlmCostSpike",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value=times_usual(recorded.TURN_COST, least=LEAST_TURN_COST_USD),
        threshold=LLM_COST_FACTOR,
        # Nobody needs to hear of cents.
        only_if=f"{recorded.COST.name} >= 1",
        wait="15m",
        summary="A turn of {{ $labels.bot }} costs more than usual.",
        description=(
            'A turn of {{ $labels.bot }} costs {{ $value | printf "%.1f" }} times what it '
            "usually does at this hour. Look for longer prompts, a dearer model or a loop."
        ),
        dashboard="ai",
    ),
)
UNDERSTANDING = (
    Alert(
        name="BotFallbackSpike",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value=times_usual(recorded.FALLBACK_SHARE, least=LEAST_FALLBACK_SHARE),
        threshold=FALLBACK_FACTOR,
        only_if=above_chance(recorded.FALLBACKS, recorded.SENT, recorded.FALLBACK_SHARE),
        wait="15m",
        summary="{{ $labels.bot }} understands less than usual.",
        description=(
            "{{ $labels.bot }} does not know an answer "
            '{{ $value | printf "%.1f" }} times as often as it usually does at this hour. '
            "Look at its top queries and its last deploy."
        ),
        dashboard="ai",
    ),
    Alert(
        name="BotConfidenceLow",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value=recorded.UNSURE_SHARE.name,
        threshold=LOW_CONFIDENCE_RATIO,
        wait="15m",
        summary="{{ $labels.bot }} guesses what users want.",
        description=(
            "{{ $value | humanizePercentage }} of the intents of {{ $labels.bot }} had a "
            "confidence of 0.6 or less in 30 minutes. Look at which intents users ask for."
        ),
        dashboard="ai",
    ),
    Alert(
        name="BotGuardrailOften",
        severity=Severity.INFO,
        team=Team.BOTS,
        value=recorded.GUARDED_SHARE.name,
        threshold=GUARDRAIL_RATIO,
        wait="15m",
        summary="The guardrails of {{ $labels.bot }} speak often.",
        description=(
            "In {{ $value | humanizePercentage }} of the messages of {{ $labels.bot }} a "
            "guardrail spoke in 30 minutes. Look for an attack, or for a rule that is too strict."
        ),
        dashboard="ai",
    ),
)

AI = RuleFile(
    name="ai",
    doc="Models, understanding, cost.",
    groups=(
        RuleGroup(name="bot_models", rules=MODELS),
        RuleGroup(name="bot_understanding", rules=UNDERSTANDING),
    ),
)
