"""Alerts on money and leads: less than usual, or more of it going back."""

from .alert_spec import Alert, RuleGroup, Severity, Team, Threshold
from .rules_recording_business import (
    BOUGHT_1D,
    BOUGHT_SHARE,
    LEADS_1D,
    LEADS_SHARE,
    REFUNDED_1D,
    REFUNDED_SHARE,
    REVENUE_1D,
    SALES_1D,
    STARTED_1D,
)
from .usual import LEAST_SAMPLES, above_chance, below_chance, times_usual, usual

KIND = {"kind": "business"}
# Only keeps a usual 0 from dividing; below the usual, nothing usual is never an alert.
TINY = 1e-9
# A few refunds are part of every business.
LEAST_REFUNDS = 0.05

CONVERSION = Threshold(
    name="conversion_times_usual",
    value=0.5,
    most=1.0,
    doc="Payments per conversation of a day, as a multiple of the usual.",
)
LEADS = Threshold(
    name="leads_times_usual",
    value=0.5,
    most=1.0,
    doc="Leads per conversation of a day, as a multiple of the usual.",
)
REVENUE = Threshold(
    name="revenue_times_usual",
    value=0.5,
    most=1.0,
    doc="Revenue of a day in one currency, as a multiple of the usual.",
)
REFUNDS = Threshold(
    name="refunds_times_usual",
    value=2.0,
    least=1.0,
    doc="Refunds per payment of a day, as a multiple of the usual; less than 5 % is taken as 5 %.",
)

SALES = RuleGroup(
    name="bot_business_sales",
    rules=(
        Alert(
            name="BotConversionBelowUsual",
            severity=Severity.WARNING,
            team=Team.BUSINESS,
            value=times_usual(BOUGHT_SHARE, least=TINY),
            op="<",
            threshold=CONVERSION,
            only_if=below_chance(BOUGHT_1D, STARTED_1D, BOUGHT_SHARE),
            wait="30m",
            summary="Fewer users than usual buy at {{ $labels.bot }}.",
            description=(
                "Payments per conversation at {{ $labels.bot }} are down to "
                "{{ $value | humanizePercentage }} of the usual over the last day. "
                "Buy something yourself, then look at the funnel."
            ),
            dashboard="business",
            labels=KIND,
        ),
        Alert(
            name="BotLeadsBelowUsual",
            severity=Severity.INFO,
            team=Team.BUSINESS,
            value=times_usual(LEADS_SHARE, least=TINY),
            op="<",
            threshold=LEADS,
            only_if=below_chance(LEADS_1D, STARTED_1D, LEADS_SHARE),
            wait="30m",
            summary="{{ $labels.bot }} wins fewer leads than usual.",
            description=(
                "Leads per conversation at {{ $labels.bot }} are down to "
                "{{ $value | humanizePercentage }} of the usual over the last day. "
                "Fill in the form yourself."
            ),
            dashboard="business",
            labels=KIND,
        ),
        Alert(
            name="BotRevenueBelowUsual",
            severity=Severity.WARNING,
            team=Team.BUSINESS,
            value=times_usual(REVENUE_1D, least=TINY),
            op="<",
            threshold=REVENUE,
            only_if=f"{usual(SALES_1D).name} >= {LEAST_SAMPLES}",
            match=("bot", "currency"),
            wait="30m",
            summary="{{ $labels.bot }} earns less {{ $labels.currency }} than usual.",
            description=(
                "Revenue of {{ $labels.bot }} in {{ $labels.currency }} over the last day is down "
                "to {{ $value | humanizePercentage }} of the usual for this weekday. "
                "Look at traffic, conversion and the payment provider, in this order."
            ),
            dashboard="business",
            labels={**KIND, "depends_on": "exporter"},
        ),
        Alert(
            name="BotRefundsAboveUsual",
            severity=Severity.WARNING,
            team=Team.BUSINESS,
            value=times_usual(REFUNDED_SHARE, least=LEAST_REFUNDS),
            threshold=REFUNDS,
            only_if=above_chance(REFUNDED_1D, BOUGHT_1D, REFUNDED_SHARE),
            wait="30m",
            summary="More payments at {{ $labels.bot }} are refunded than usual.",
            description=(
                "Refunds per payment at {{ $labels.bot }} are {{ $value | humanize }} times the "
                "usual over the last day. Look at the products and at double payments."
            ),
            dashboard="business",
            labels=KIND,
        ),
    ),
)
