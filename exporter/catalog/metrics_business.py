"""Families about funnels, money, leads and experiments: the only place these names are born."""

from ..model.units import Unit
from . import labels as lb
from .spec import Kind, Metric

DAY = 86_400.0

FUNNEL_STEPS = Metric(
    name="bot_funnel_steps_total",
    kind=Kind.COUNTER,
    help="Steps of funnels reached; users who repeat a step count again.",
    labels=(lb.BOT, lb.FUNNEL, lb.STEP),
)
GOALS = Metric(
    name="bot_goals_total",
    kind=Kind.COUNTER,
    help="Goals reached.",
    labels=(lb.BOT, lb.GOAL),
)
PURCHASES = Metric(
    name="bot_purchases_total",
    kind=Kind.COUNTER,
    help="Payments of users.",
    labels=(lb.BOT, lb.CURRENCY),
)
REVENUE = Metric(
    name="bot_revenue_total",
    kind=Kind.COUNTER,
    help="Gross amount paid, in units of the currency.",
    labels=(lb.BOT, lb.CURRENCY),
)
PURCHASES_BY_PRODUCT = Metric(
    name="bot_purchases_by_product_total",
    kind=Kind.COUNTER,
    help="Payments of users, by product.",
    labels=(lb.BOT, lb.PRODUCT),
)
REFUNDS = Metric(
    name="bot_refunds_total",
    kind=Kind.COUNTER,
    help="Amount paid back, in units of the currency.",
    labels=(lb.BOT, lb.CURRENCY),
)
PRODUCT_VIEWS = Metric(
    name="bot_product_views_total",
    kind=Kind.COUNTER,
    help="Products the bot showed.",
    labels=(lb.BOT, lb.PRODUCT),
)
LEADS = Metric(
    name="bot_leads_total",
    kind=Kind.COUNTER,
    help="Leads won.",
    labels=(lb.BOT, lb.SOURCE),
)
LEAD_QUALITY = Metric(
    name="bot_lead_quality_ratio",
    kind=Kind.HISTOGRAM,
    unit=Unit.RATIO,
    help="Score of leads, 0 to 1.",
    labels=(lb.BOT,),
    buckets=(0.2, 0.4, 0.6, 0.8, 1.0),
)
LEAD_FOLLOWUPS = Metric(
    name="bot_lead_followups_total",
    kind=Kind.COUNTER,
    help="Steps of leads after they were won.",
    labels=(lb.BOT, lb.FOLLOWUP),
)
EXPOSURES = Metric(
    name="bot_experiment_exposures_total",
    kind=Kind.COUNTER,
    help="Exposures to variants; users who meet one again count again.",
    labels=(lb.BOT, lb.EXPERIMENT, lb.VARIANT),
)
PLAN_USED = Metric(
    name="bot_plan_used",
    kind=Kind.GAUGE,
    help="Amount of a plan's allowance used in the current period.",
    labels=(lb.BOT, lb.RESOURCE),
    ttl_seconds=2 * DAY,
)
PLAN_ALLOWANCE = Metric(
    name="bot_plan_allowance",
    kind=Kind.GAUGE,
    help="Amount the plan allows in a period.",
    labels=(lb.BOT, lb.RESOURCE),
    ttl_seconds=2 * DAY,
)
TRACKED = Metric(
    name="bot_tracked_total",
    kind=Kind.COUNTER,
    help="Events of type track, by name.",
    labels=(lb.BOT, lb.NAME),
)

BUSINESS = (
    FUNNEL_STEPS,
    GOALS,
    PURCHASES,
    REVENUE,
    PURCHASES_BY_PRODUCT,
    REFUNDS,
    PRODUCT_VIEWS,
    LEADS,
    LEAD_QUALITY,
    LEAD_FOLLOWUPS,
    EXPOSURES,
    PLAN_USED,
    PLAN_ALLOWANCE,
    TRACKED,
)
