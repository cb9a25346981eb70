"""Alerts on how much a bot is used: plans that end, peaks, and silence nobody planned."""

from .alert_spec import Alert, RuleFile, RuleGroup, Severity, Team, Threshold
from .rules_recording_usage import (
    DAY,
    FAILED_30M,
    FAILED_SHARE,
    MESSAGES_1H,
    PLAN_FORECAST,
    PLAN_SHARE,
    TURNS_30M,
)
from .usual import LEAST_SAMPLES, SIGMAS, times_usual, usual

KIND = {"kind": "usage"}
# Below half of the plan a busy day is no reason to worry.
FORECAST_FROM = 0.5
# After that the bot is gone, and everybody knows.
FORGOTTEN_DAYS = 30

PLAN = Threshold(
    name="plan_used_ratio",
    value=0.8,
    doc="Share of a plan's allowance that may be used.",
)
FORECAST = Threshold(
    name="plan_forecast_ratio",
    value=1.0,
    doc="Share of a plan's allowance that may be used up within 3 days, at today's pace.",
)
PEAK = Threshold(
    name="traffic_times_usual",
    value=3.0,
    least=1.0,
    doc=(
        "Messages of users in an hour, as a multiple of the usual at this hour; "
        "fewer than 20 are taken as 20."
    ),
)
LOW = Threshold(
    name="low_traffic_times_usual",
    value=0.3,
    most=1.0,
    doc="Messages of users in an hour, as a multiple of the usual at this hour.",
)
INACTIVE = Threshold(
    name="inactive_seconds",
    value=3.0 * DAY,
    doc="Seconds without an event, for bots without an expected silence of their own.",
)
WORSE = Threshold(
    name="failures_times_before_deploy",
    value=2.0,
    least=1.0,
    doc=(
        "Share of turns that fail in the hour after a deploy, as a multiple of the share before; "
        "less than 1 % is taken as 1 %."
    ),
)
# An hour ago is before every deploy of the last hour.
BEFORE = f"{FAILED_SHARE.name} offset 1h"
EXPECTED = f"{TURNS_30M.name} * {BEFORE}"

USAGE = RuleFile(
    name="usage",
    doc="How much the bots are used.",
    groups=(
        RuleGroup(
            name="bot_usage",
            rules=(
                Alert(
                    name="BotPlanLimitNear",
                    severity=Severity.WARNING,
                    team=Team.BUSINESS,
                    value=PLAN_SHARE.name,
                    op=">=",
                    threshold=PLAN,
                    match=("bot", "resource"),
                    wait="15m",
                    summary="{{ $labels.bot }} has used most of its {{ $labels.resource }}.",
                    description=(
                        "{{ $value | humanizePercentage }} of the {{ $labels.resource }} that the "
                        "plan of {{ $labels.bot }} allows are used. Raise the plan or slow down."
                    ),
                    dashboard="business",
                    labels=KIND,
                ),
                Alert(
                    name="BotPlanExhaustedSoon",
                    severity=Severity.WARNING,
                    team=Team.BUSINESS,
                    value=PLAN_FORECAST.name,
                    threshold=FORECAST,
                    only_if=f"{PLAN_SHARE.name} >= {FORECAST_FROM}",
                    match=("bot", "resource"),
                    wait="1h",
                    summary="{{ $labels.bot }} uses up its {{ $labels.resource }} within 3 days.",
                    description=(
                        "At today's pace {{ $labels.bot }} will have used "
                        "{{ $value | humanizePercentage }} of its {{ $labels.resource }} in 3 "
                        "days. Find out what uses them, then raise the plan or slow down."
                    ),
                    dashboard="business",
                    labels=KIND,
                ),
                Alert(
                    name="BotTrafficAboveUsual",
                    severity=Severity.WARNING,
                    team=Team.BOTS,
                    value=times_usual(MESSAGES_1H, least=LEAST_SAMPLES),
                    threshold=PEAK,
                    wait="10m",
                    summary="{{ $labels.bot }} has far more traffic than usual.",
                    description=(
                        "{{ $labels.bot }} gets {{ $value | humanize }} times the messages that "
                        "are usual at this hour. Find out whether it is success, abuse or a loop."
                    ),
                    dashboard="bot-detail",
                    labels=KIND,
                ),
                Alert(
                    name="BotTrafficBelowUsual",
                    severity=Severity.INFO,
                    team=Team.BOTS,
                    value=times_usual(MESSAGES_1H, least=LEAST_SAMPLES),
                    op="<",
                    threshold=LOW,
                    only_if=f"{usual(MESSAGES_1H).name} >= {LEAST_SAMPLES}",
                    wait="1h",
                    summary="{{ $labels.bot }} has far less traffic than usual.",
                    description=(
                        "{{ $labels.bot }} gets only {{ $value | humanizePercentage }} of the "
                        "messages that are usual at this hour. Write to it on each platform."
                    ),
                    dashboard="bot-detail",
                    labels={**KIND, "depends_on": "exporter"},
                ),
                Alert(
                    name="BotInactive",
                    severity=Severity.INFO,
                    team=Team.BOTS,
                    # Bots that say how long they may be silent have an alert that pages.
                    value=(
                        "time() - max without (instance) (bot_last_event_timestamp_seconds)\n"
                        "  unless on (bot) bot_expected_silence_seconds"
                    ),
                    threshold=INACTIVE,
                    only_if=(
                        "time() - max without (instance) (bot_last_event_timestamp_seconds) "
                        f"< {FORGOTTEN_DAYS * DAY}"
                    ),
                    wait="10m",
                    summary="{{ $labels.bot }} has been silent for days.",
                    description=(
                        "{{ $labels.bot }} sent its last event {{ $value | humanizeDuration }} "
                        "ago. Is it meant to be off? Otherwise set its expected_silence_seconds."
                    ),
                    dashboard="bot-detail",
                    labels={**KIND, "depends_on": "exporter"},
                ),
                Alert(
                    name="BotFailsMoreAfterDeploy",
                    severity=Severity.WARNING,
                    team=Team.BOTS,
                    value=f"{FAILED_SHARE.name}\n/ clamp_min({BEFORE}, 0.01)",
                    threshold=WORSE,
                    only_if=(
                        "sum without (instance) (increase(bot_deploys_total[1h])) > 0\n"
                        f"  and on (bot) ({FAILED_30M.name} - {EXPECTED}\n"
                        f"    > {SIGMAS} * sqrt({EXPECTED} + 1))"
                    ),
                    summary="{{ $labels.bot }} fails more often since its last deploy.",
                    description=(
                        "The share of failed turns of {{ $labels.bot }} is "
                        "{{ $value | humanize }} times that before the deploy of the last hour. "
                        "Go back to the version before."
                    ),
                    dashboard="bot-detail",
                    labels=KIND,
                ),
            ),
        ),
    ),
)
