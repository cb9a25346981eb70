"""Series about how much a bot is used, what its plan allows and what a deploy did to it."""

from .alert_spec import Recording, RuleGroup
from .rules_recording_business import INTERVAL, counted
from .usual import share, usual

DAY = 86_400
HORIZON_DAYS = 3
ALLOWANCE = "max without (instance) (bot_plan_allowance)"

# A counter that fell was restored from a backup, and `increase` takes all of it for new. Such an
# hour has no value: neither a peak today nor a lesson for the weeks to come.
MESSAGES_1H = Recording(
    name="bot:bot_messages_received:increase1h",
    expr=(
        f"{counted('bot_messages_received_total', '1h', 'platform')}\n"
        "unless sum without (instance, platform) (resets(bot_messages_received_total[1h])) > 0"
    ),
    doc="Messages of users in an hour.",
)
PLAN_SHARE = Recording(
    name="bot_resource:bot_plan_used_per_allowance:ratio",
    expr=f"max without (instance) (bot_plan_used)\n/ ({ALLOWANCE} > 0)",
    doc="Share of a plan's allowance that is used.",
)
# The line needs a whole day: a quiet night or a busy noon alone would draw it wrongly.
PLAN_FORECAST = Recording(
    name="bot_resource:bot_plan_used_per_allowance:ratio_in_3d",
    expr=(
        "max without (instance) (\n"
        f"  predict_linear(bot_plan_used[1d], {HORIZON_DAYS * DAY}) "
        "and bot_plan_used offset 20h\n"
        f")\n/ ({ALLOWANCE} > 0)"
    ),
    doc="Share of a plan's allowance that will be used in 3 days if use goes on like today.",
)
TURNS_30M = Recording(
    name="bot:bot_turns:increase30m",
    expr=counted("bot_turns_total", "30m", "platform"),
    doc="Turns of half an hour.",
)
FAILED_30M = Recording(
    name="bot:bot_turn_failures:increase30m",
    expr=counted("bot_turn_failures_total", "30m", "platform"),
    doc="Failed turns of half an hour.",
)
FAILED_SHARE = Recording(
    name="bot:bot_turn_failures_per_turns:ratio_increase30m",
    expr=share(FAILED_30M.name, TURNS_30M.name),
    doc="Share of the turns of half an hour that failed.",
)

COUNTS_GROUP = RuleGroup(
    name="bot_recording_usage",
    interval=INTERVAL,
    rules=(MESSAGES_1H, PLAN_SHARE, PLAN_FORECAST, TURNS_30M, FAILED_30M),
)
USUAL_GROUP = RuleGroup(
    name="bot_recording_usage_usual",
    interval=INTERVAL,
    rules=(FAILED_SHARE, usual(MESSAGES_1H)),
)
USAGE_GROUPS = (COUNTS_GROUP, USUAL_GROUP)
