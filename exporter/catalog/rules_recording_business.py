"""
Series about results, money and use, each computed once for alerts and panels.

They are counted over windows of hours: opinions and purchases are rare. A ratio has a value only
where enough was counted, so that no rule has to ask again.
"""

from .alert_spec import Recording, RuleGroup
from .usual import share, usual

# Windows of hours move slowly, and every two minutes a series is still fresh for each alert.
INTERVAL = "2m"


def counted(selector: str, window: str, *dropped: str) -> str:
    """Return PromQL for how far *selector* moved in *window*, without the labels *dropped*."""
    without = ", ".join(("instance", *dropped))
    return f"sum without ({without}) (increase({selector}[{window}]))"


def share_or_none(part: Recording, whole: Recording) -> str:
    """Return `share`, 0 for a *part* whose labels come with its first event and that had none."""
    return share(f"({part.name} or 0 * {whole.name})", whole.name)


ENDED_1H = Recording(
    name="bot:bot_conversations_ended:increase1h",
    expr=counted("bot_conversations_ended_total", "1h", "platform", "outcome"),
    doc="Conversations that ended in an hour.",
)
ENDED_6H = Recording(
    name="bot:bot_conversations_ended:increase6h",
    expr=counted("bot_conversations_ended_total", "6h", "platform", "outcome"),
    doc="Conversations that ended in 6 hours.",
)
RESOLVED_SHARE_1H = Recording(
    name="bot:bot_conversations_resolved_per_ended:ratio_increase1h",
    expr=share(
        counted('bot_conversations_ended_total{outcome="resolved"}', "1h", "platform", "outcome"),
        ENDED_1H.name,
    ),
    doc="Share of the conversations ended in an hour that were resolved.",
)
RESOLVED_SHARE_1D = Recording(
    name="bot:bot_conversations_resolved_per_ended:ratio_increase1d",
    expr=share(
        counted('bot_conversations_ended_total{outcome="resolved"}', "1d", "platform", "outcome"),
        counted("bot_conversations_ended_total", "1d", "platform", "outcome"),
    ),
    doc="Share of the conversations ended in a day that were resolved.",
)
ABANDONED_6H = Recording(
    name="bot:bot_conversations_abandoned:increase6h",
    expr=counted('bot_conversations_ended_total{outcome="abandoned"}', "6h", "platform", "outcome"),
    doc="Conversations that users abandoned in 6 hours.",
)
ABANDONED_SHARE = Recording(
    name="bot:bot_conversations_abandoned_per_ended:ratio_increase6h",
    expr=share(ABANDONED_6H.name, ENDED_6H.name),
    doc="Share of the conversations ended in 6 hours that users abandoned.",
)
STARTED_6H = Recording(
    name="bot:bot_conversations_started:increase6h",
    expr=counted("bot_conversations_started_total", "6h", "platform"),
    doc="Conversations that began in 6 hours.",
)
ESCALATED_6H = Recording(
    name="bot:bot_escalations:increase6h",
    expr=counted("bot_escalations_total", "6h", "reason"),
    doc="Conversations handed to a person in 6 hours.",
)
ESCALATED_SHARE = Recording(
    name="bot:bot_escalations_per_conversations:ratio_increase6h",
    expr=share_or_none(ESCALATED_6H, STARTED_6H),
    doc="Escalations per conversation in 6 hours.",
)
MEAN_CSAT = Recording(
    name="bot:bot_csat_score:mean_increase1d",
    expr=share(counted("bot_csat_score_sum", "1d"), counted("bot_csat_score_count", "1d")),
    doc="Mean satisfaction of a day, 1 to 5.",
)
LOW_CSAT_SHARE = Recording(
    name="bot:bot_csat_score_low_per_ratings:ratio_increase6h",
    expr=share(
        counted('bot_csat_score_bucket{le="2.0"}', "6h", "le"),
        counted("bot_csat_score_count", "6h"),
    ),
    doc="Share of the ratings of 6 hours that are 1 or 2 of 5.",
)
THUMBS_DOWN_SHARE = Recording(
    name="bot:bot_thumbs_down_per_thumbs:ratio_increase6h",
    expr=share(
        counted('bot_thumbs_total{verdict="down"}', "6h", "verdict"),
        counted("bot_thumbs_total", "6h", "verdict"),
    ),
    doc="Share of the thumbs of 6 hours that point down.",
)
DETRACTOR_SHARE = Recording(
    name="bot:bot_nps_detractors_per_responses:ratio_increase1d",
    expr=share(
        counted('bot_nps_responses_total{class="detractor"}', "1d", "class"),
        counted("bot_nps_responses_total", "1d", "class"),
    ),
    doc="Share of a day's answers to 'would you recommend it' that are 6 or less of 10.",
)
MOODS_6H = Recording(
    name="bot:bot_sentiments:increase6h",
    expr=counted("bot_sentiments_total", "6h", "sentiment"),
    doc="Moods estimated in 6 hours.",
)
NEGATIVE_6H = Recording(
    name="bot:bot_sentiments_negative:increase6h",
    expr=counted('bot_sentiments_total{sentiment="negative"}', "6h", "sentiment"),
    doc="Negative moods estimated in 6 hours.",
)
NEGATIVE_SHARE = Recording(
    name="bot:bot_sentiments_negative_per_sentiments:ratio_increase6h",
    expr=share(NEGATIVE_6H.name, MOODS_6H.name),
    doc="Share of the moods of 6 hours that are negative.",
)

STARTED_1D = Recording(
    name="bot:bot_conversations_started:increase1d",
    expr=counted("bot_conversations_started_total", "1d", "platform"),
    doc="Conversations that began in a day.",
)
BOUGHT_1D = Recording(
    name="bot:bot_purchases:increase1d",
    expr=counted("bot_purchases_total", "1d", "currency"),
    doc="Payments of a day.",
)
BOUGHT_SHARE = Recording(
    name="bot:bot_purchases_per_conversations:ratio_increase1d",
    expr=share_or_none(BOUGHT_1D, STARTED_1D),
    doc="Payments per conversation in a day.",
)
LEADS_1D = Recording(
    name="bot:bot_leads:increase1d",
    expr=counted("bot_leads_total", "1d", "source"),
    doc="Leads of a day.",
)
LEADS_SHARE = Recording(
    name="bot:bot_leads_per_conversations:ratio_increase1d",
    expr=share_or_none(LEADS_1D, STARTED_1D),
    doc="Leads per conversation in a day.",
)
# bot_refunds_total is money; the events tell how often.
REFUNDED_1D = Recording(
    name="bot:bot_events:refund_increase1d",
    expr=counted('bot_events_total{event="refund"}', "1d", "event"),
    doc="Refunds of a day: how many, not how much.",
)
REFUNDED_SHARE = Recording(
    name="bot:bot_events_per_purchases:refund_ratio_increase1d",
    expr=share_or_none(REFUNDED_1D, BOUGHT_1D),
    doc="Refunds per payment in a day.",
)
# Beyond the limit of the label, currencies share one value; their sum is not money.
SALES_1D = Recording(
    name="bot_currency:bot_purchases:increase1d",
    expr=counted('bot_purchases_total{currency!="_other"}', "1d"),
    doc="Payments of a day in a currency.",
)
REVENUE_1D = Recording(
    name="bot_currency:bot_revenue:increase1d",
    expr=counted('bot_revenue_total{currency!="_other"}', "1d"),
    doc="Gross revenue of a day in a currency.",
)

COUNTS_GROUP = RuleGroup(
    name="bot_recording_business",
    interval=INTERVAL,
    rules=(
        *(ENDED_1H, ENDED_6H, ABANDONED_6H, STARTED_6H, ESCALATED_6H, MOODS_6H, NEGATIVE_6H),
        *(RESOLVED_SHARE_1D, MEAN_CSAT, LOW_CSAT_SHARE, THUMBS_DOWN_SHARE, DETRACTOR_SHARE),
        *(STARTED_1D, BOUGHT_1D, LEADS_1D, REFUNDED_1D, SALES_1D, REVENUE_1D),
    ),
)
SHARES_GROUP = RuleGroup(
    name="bot_recording_business_shares",
    interval=INTERVAL,
    rules=(
        *(RESOLVED_SHARE_1H, ABANDONED_SHARE, ESCALATED_SHARE, NEGATIVE_SHARE),
        *(BOUGHT_SHARE, LEADS_SHARE, REFUNDED_SHARE),
    ),
)
USUAL_GROUP = RuleGroup(
    name="bot_recording_business_usual",
    interval=INTERVAL,
    rules=(
        *map(usual, (ABANDONED_SHARE, ESCALATED_SHARE, NEGATIVE_SHARE)),
        *map(usual, (BOUGHT_SHARE, LEADS_SHARE, REFUNDED_SHARE, SALES_1D, REVENUE_1D)),
    ),
)
BUSINESS_GROUPS = (COUNTS_GROUP, SHARES_GROUP, USUAL_GROUP)
