"""Series that several rules and panels share, each computed once."""

from .alert_spec import Recording, RuleFile, RuleGroup
from .rules_recording_ai import AI_GROUPS
from .rules_recording_business import BUSINESS_GROUPS
from .rules_recording_technical import TECHNICAL_GROUPS
from .rules_recording_usage import USAGE_GROUPS

RECORDING = RuleFile(
    name="recording",
    doc="Series that rules and panels share.",
    groups=(
        RuleGroup(
            name="bot_turns",
            rules=(
                Recording(
                    name="bot:bot_turn_failures:rate5m",
                    expr="sum without (instance, platform) (rate(bot_turn_failures_total[5m]))",
                    doc="Failed turns a second.",
                ),
                Recording(
                    name="bot:bot_turns:rate5m",
                    expr="sum without (instance, platform) (rate(bot_turns_total[5m]))",
                    doc="Turns a second.",
                ),
                Recording(
                    name="bot:bot_turns:increase5m",
                    expr="sum without (instance, platform) (increase(bot_turns_total[5m]))",
                    doc="Turns in 5 minutes.",
                ),
                Recording(
                    name="bot:bot_turn_failures_per_turns:ratio_rate5m",
                    expr="bot:bot_turn_failures:rate5m / (bot:bot_turns:rate5m > 0)",
                    doc="Share of turns that failed.",
                ),
            ),
        ),
        *TECHNICAL_GROUPS,
        *AI_GROUPS,
        *BUSINESS_GROUPS,
        *USAGE_GROUPS,
    ),
)
