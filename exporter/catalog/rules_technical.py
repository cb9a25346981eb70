"""Alerts on what users feel at once: silence, failures, slow answers, growing queues."""

from .alert_spec import Alert, RuleFile, RuleGroup, Severity, Team, Threshold

ERROR_RATIO = Threshold(
    name="error_ratio",
    value=0.05,
    most=1.0,
    doc="Share of turns that may fail over 5 minutes.",
)

TECHNICAL = RuleFile(
    name="technical",
    doc="What users feel at once.",
    groups=(
        RuleGroup(
            name="bot_technical",
            rules=(
                Alert(
                    name="BotErrorRatioHigh",
                    severity=Severity.WARNING,
                    team=Team.BOTS,
                    value="bot:bot_turn_failures_per_turns:ratio_rate5m",
                    threshold=ERROR_RATIO,
                    only_if="bot:bot_turns:increase5m >= 20",
                    summary="{{ $labels.bot }} fails to answer.",
                    description=(
                        "{{ $value | humanizePercentage }} of the turns of {{ $labels.bot }} "
                        "failed in the last 5 minutes. Look at its errors and its last deploy."
                    ),
                    dashboard="bot-detail",
                ),
            ),
        ),
    ),
)
