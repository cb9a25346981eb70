"""Every built-in event type of funnels, money, leads and experiments."""

from .fields import amount, choice, contact, count, internal, name_of, ratio, text
from .spec import EventType, Field, FieldType

CURRENCY = Field(
    name="currency",
    type=FieldType.STRING,
    doc="ISO 4217 code.",
    required=True,
    max_length=8,
)

FUNNEL_STEP = EventType(
    name="funnel_step",
    doc="A user reached a step of a funnel.",
    fields=(
        name_of("funnel", "Name of the funnel.", required=True),
        name_of("step", "Name of the step.", required=True),
    ),
)
GOAL = EventType(
    name="goal",
    doc="A user reached a goal you defined.",
    fields=(
        name_of("goal", "Name of the goal.", required=True),
        amount("value", "What it is worth, in your unit."),
    ),
)
PURCHASE = EventType(
    name="purchase",
    doc="A user paid.",
    fields=(
        amount("amount", "Gross amount in units of the currency.", required=True),
        CURRENCY,
        name_of("product", "Product or group of products."),
        internal("order", "Your order number."),
    ),
)
REFUND = EventType(
    name="refund",
    doc="Money went back to a user.",
    fields=(
        amount("amount", "Amount in units of the currency, positive.", required=True),
        CURRENCY,
        internal("order", "Your order number."),
    ),
)
PRODUCT_VIEWED = EventType(
    name="product_viewed",
    doc="The bot showed a product.",
    fields=(name_of("product", "Product or group of products.", required=True),),
)
LEAD = EventType(
    name="lead",
    doc="A user left contact data or asked to be contacted.",
    fields=(
        name_of("source", "What produced the lead: form, chat, campaign ..."),
        ratio("quality", "Score of the lead, 0 to 1."),
        amount("value", "Expected value in your reporting currency."),
        internal("lead", "Your identifier of the lead."),
        contact("name", "Name of the person."),
        contact("email", "E-mail address."),
        contact("phone", "Telephone number."),
    ),
)
LEAD_FOLLOWUP = EventType(
    name="lead_followup",
    doc="A lead moved on.",
    fields=(
        choice(
            "outcome",
            "Where it moved.",
            "contacted",
            "qualified",
            "won",
            "lost",
            required=True,
        ),
        amount("value", "Value won or lost."),
        internal("lead", "Your identifier of the lead."),
    ),
)
EXPERIMENT_EXPOSURE = EventType(
    name="experiment_exposure",
    doc="A user met a variant of an experiment.",
    fields=(
        name_of("experiment", "Name of the experiment.", required=True),
        name_of("variant", "Name of the variant.", required=True),
    ),
)
PLAN_USAGE = EventType(
    name="plan_usage",
    doc="How much of a plan's allowance is used.",
    fields=(
        name_of("resource", "What is limited: conversations, messages, tokens ...", required=True),
        amount("used", "Amount used in the current period.", required=True),
        amount("allowance", "Amount the plan allows."),
    ),
)
TRACK = EventType(
    name="track",
    doc="Anything else worth counting.",
    fields=(
        name_of("name", "What happened.", required=True),
        text("text", "Free text that belongs to it."),
        count("amount", "How many.", minimum=0),
    ),
)

BUSINESS = (
    FUNNEL_STEP,
    GOAL,
    PURCHASE,
    REFUND,
    PRODUCT_VIEWED,
    LEAD,
    LEAD_FOLLOWUP,
    EXPERIMENT_EXPOSURE,
    PLAN_USAGE,
    TRACK,
)
