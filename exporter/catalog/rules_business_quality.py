"""Alerts on whether users got what they came for, and what they say about it."""

from .alert_spec import Alert, RuleGroup, Severity, Team, Threshold
from .rules_recording_business import (
    ABANDONED_6H,
    ABANDONED_SHARE,
    DETRACTOR_SHARE,
    ENDED_1H,
    ENDED_6H,
    ESCALATED_6H,
    ESCALATED_SHARE,
    LOW_CSAT_SHARE,
    MEAN_CSAT,
    MOODS_6H,
    NEGATIVE_6H,
    NEGATIVE_SHARE,
    RESOLVED_SHARE_1D,
    RESOLVED_SHARE_1H,
    STARTED_6H,
    THUMBS_DOWN_SHARE,
)
from .usual import LEAST_SAMPLES, above_chance, times_usual

# A share below 1 % is taken as 1 %.
LEAST_SHARE = 0.01
KIND = {"kind": "business"}

RESOLVED = Threshold(
    name="resolved_ratio",
    value=0.7,
    most=1.0,
    doc="Share of ended conversations that must be resolved.",
)
CSAT = Threshold(
    name="csat_mean",
    value=4.0,
    least=1.0,
    most=5.0,
    doc="Mean satisfaction of a day, 1 to 5, below which it is too low.",
)
LOW_CSAT = Threshold(
    name="csat_low_ratio",
    value=0.3,
    most=1.0,
    doc="Share of ratings over 6 hours that may be 1 or 2 of 5.",
)
THUMBS_DOWN = Threshold(
    name="thumbs_down_ratio",
    value=0.4,
    most=1.0,
    doc="Share of thumbs over 6 hours that may point down.",
)
DETRACTORS = Threshold(
    name="nps_detractor_ratio",
    value=0.5,
    most=1.0,
    doc="Share of a day's answers to 'would you recommend it' that may be 6 or less of 10.",
)
ESCALATED = Threshold(
    name="escalations_times_usual",
    value=1.2,
    least=1.0,
    doc="Escalations per conversation over 6 hours, as a multiple of the usual at this hour.",
)
NEGATIVE = Threshold(
    name="negative_sentiment_times_usual",
    value=1.5,
    least=1.0,
    doc="Share of negative moods over 6 hours, as a multiple of the usual at this hour.",
)
ABANDONED = Threshold(
    name="abandoned_times_usual",
    value=1.5,
    least=1.0,
    doc="Share of abandoned conversations over 6 hours, as a multiple of the usual at this hour.",
)

QUALITY = RuleGroup(
    name="bot_business_quality",
    rules=(
        Alert(
            name="BotResolutionLow",
            severity=Severity.WARNING,
            team=Team.BUSINESS,
            # A bot that never has enough conversations in an hour is judged by the day.
            value=(
                f"{RESOLVED_SHARE_1H.name}\n  or ({RESOLVED_SHARE_1D.name} unless "
                f"max_over_time({ENDED_1H.name}[1d]) >= {LEAST_SAMPLES})"
            ),
            op="<",
            threshold=RESOLVED,
            wait="30m",
            summary="{{ $labels.bot }} resolves too few conversations.",
            description=(
                "Only {{ $value | humanizePercentage }} of the conversations that ended with "
                "{{ $labels.bot }} in the last hour were resolved (in the last day, for a bot "
                "with fewer than 20 an hour). Look at the outcomes and at what users asked."
            ),
            dashboard="business",
            labels=KIND,
        ),
        Alert(
            name="BotSatisfactionLow",
            severity=Severity.WARNING,
            team=Team.BUSINESS,
            value=MEAN_CSAT.name,
            op="<",
            threshold=CSAT,
            wait="30m",
            summary="Users of {{ $labels.bot }} are less satisfied than they should be.",
            description=(
                'The mean rating of {{ $labels.bot }} is {{ $value | printf "%.2f" }} of 5 over '
                "the last day. Read the conversations with the lowest ratings."
            ),
            dashboard="business",
            labels=KIND,
        ),
        Alert(
            name="BotRatingsCritical",
            severity=Severity.WARNING,
            team=Team.BUSINESS,
            value=LOW_CSAT_SHARE.name,
            threshold=LOW_CSAT,
            wait="15m",
            summary="Many users rate {{ $labels.bot }} 1 or 2 of 5.",
            description=(
                "{{ $value | humanizePercentage }} of the ratings of {{ $labels.bot }} in the "
                "last 6 hours are 1 or 2 of 5. Read these conversations first."
            ),
            dashboard="business",
            labels=KIND,
        ),
        Alert(
            name="BotThumbsDownHigh",
            severity=Severity.WARNING,
            team=Team.BUSINESS,
            value=THUMBS_DOWN_SHARE.name,
            threshold=THUMBS_DOWN,
            wait="15m",
            summary="Users reject many answers of {{ $labels.bot }}.",
            description=(
                "{{ $value | humanizePercentage }} of the thumbs for answers of {{ $labels.bot }} "
                "in the last 6 hours point down. Look for the answers that got them."
            ),
            dashboard="conversations",
            labels=KIND,
        ),
        Alert(
            name="BotDetractorsHigh",
            severity=Severity.INFO,
            team=Team.BUSINESS,
            value=DETRACTOR_SHARE.name,
            threshold=DETRACTORS,
            wait="30m",
            summary="Most users would not recommend {{ $labels.bot }}.",
            description=(
                "{{ $value | humanizePercentage }} of the answers about {{ $labels.bot }} in the "
                "last day are 6 or less of 10. Compare with the ratings and with last week."
            ),
            dashboard="business",
            labels=KIND,
        ),
        Alert(
            name="BotEscalationsAboveUsual",
            severity=Severity.WARNING,
            team=Team.BUSINESS,
            value=times_usual(ESCALATED_SHARE, least=LEAST_SHARE),
            threshold=ESCALATED,
            only_if=above_chance(ESCALATED_6H, STARTED_6H, ESCALATED_SHARE),
            wait="30m",
            summary="{{ $labels.bot }} hands more conversations to people than usual.",
            description=(
                "{{ $labels.bot }} escalates {{ $value | humanize }} times as many of its "
                "conversations as usual at this hour. Look at the reasons and warn the agents."
            ),
            dashboard="conversations",
            labels=KIND,
        ),
        Alert(
            name="BotNegativeSentimentAboveUsual",
            severity=Severity.WARNING,
            team=Team.BUSINESS,
            value=times_usual(NEGATIVE_SHARE, least=LEAST_SHARE),
            threshold=NEGATIVE,
            only_if=above_chance(NEGATIVE_6H, MOODS_6H, NEGATIVE_SHARE),
            wait="30m",
            summary="Users of {{ $labels.bot }} are angrier than usual.",
            description=(
                "The share of negative moods at {{ $labels.bot }} is {{ $value | humanize }} "
                "times the usual at this hour. Look at failures, prices and news of today."
            ),
            dashboard="conversations",
            labels=KIND,
        ),
        Alert(
            name="BotAbandonmentAboveUsual",
            severity=Severity.INFO,
            team=Team.BUSINESS,
            value=times_usual(ABANDONED_SHARE, least=LEAST_SHARE),
            threshold=ABANDONED,
            only_if=above_chance(ABANDONED_6H, ENDED_6H, ABANDONED_SHARE),
            wait="30m",
            summary="More users than usual walk away from {{ $labels.bot }}.",
            description=(
                "Users abandon {{ $value | humanize }} times as many conversations with "
                "{{ $labels.bot }} as usual at this hour. Look for the step where they leave."
            ),
            dashboard="conversations",
            labels=KIND,
        ),
    ),
)
