"""Every label with its limit. A limit counts per bot; beyond it the value is `_other`."""

from . import events, events_business, events_operations
from .spec import EventType, Label


def _choices(event: EventType, name: str) -> tuple[str, ...]:
    return next(field.choices for field in event.fields if field.name == name)


def _closed(name: str, doc: str, choices: tuple[str, ...]) -> Label:
    return Label(name=name, doc=doc, limit=len(choices), choices=choices)


BOT = Label(name="bot", doc="Name of the bot.", limit=50)
PLATFORM = Label(name="platform", doc="Channel the user writes on.", limit=15)
EVENT = Label(name="event", doc="Event type.", limit=100)
INTENT = Label(name="intent", doc="Name of the intent.", limit=100)
MODEL = Label(name="model", doc="Name of the language model.", limit=30)
ACTION = Label(name="action", doc="Name of the tool or method.", limit=60)
REASON = Label(name="reason", doc="Why it failed or was handed over.", limit=30)
COMPONENT = Label(name="component", doc="Part of the bot.", limit=20)
ERROR = Label(name="error", doc="Class of the error.", limit=50)
CURRENCY = Label(name="currency", doc="ISO 4217 code.", limit=20)
PRODUCT = Label(name="product", doc="Product or group of products.", limit=50)
FUNNEL = Label(name="funnel", doc="Name of the funnel.", limit=10)
STEP = Label(name="step", doc="Step of a funnel.", limit=30)
GOAL = Label(name="goal", doc="Name of the goal.", limit=30)
EXPERIMENT = Label(name="experiment", doc="Name of the experiment.", limit=20)
VARIANT = Label(name="variant", doc="Variant of an experiment.", limit=20)
QUEUE = Label(name="queue", doc="Name of the queue.", limit=20)
INTEGRATION = Label(name="integration", doc="Partner or API.", limit=30)
SOURCE = Label(name="source", doc="Origin of a lead or of knowledge.", limit=30)
RESOURCE = Label(name="resource", doc="What a plan limits.", limit=20)
NAME = Label(name="name", doc="Name of a tracked event.", limit=100)
VERSION = Label(name="version", doc="Version of the bot.", limit=20)
COUNTRY = Label(name="country", doc="Country of the user, ISO 3166-1 alpha-2.", limit=60)
LANGUAGE = Label(name="language", doc="Language of the user, BCP 47.", limit=30)
DEVICE = Label(name="device", doc="Kind of device.", limit=10)
PLAN = Label(name="plan", doc="Plan the user is on.", limit=10)

OUTCOME = _closed(
    "outcome", "How a conversation ended.", _choices(events.CONVERSATION_ENDED, "outcome")
)
FOLLOWUP = _closed(
    "followup", "Where a lead moved.", _choices(events_business.LEAD_FOLLOWUP, "outcome")
)
ANSWER_SOURCE = _closed(
    "source", "Where an answer came from.", _choices(events.MESSAGE_SENT, "source")
)
SENTIMENT = _closed("sentiment", "Direction.", _choices(events.SENTIMENT, "sentiment"))
VERDICT = _closed("verdict", "Thumbs up or down.", _choices(events.FEEDBACK, "thumbs"))
NPS_CLASS = _closed(
    "class", "Net promoter class: 9-10, 7-8, 0-6.", ("promoter", "passive", "detractor")
)
DIRECTION = _closed("direction", "Kind of token.", ("input", "output", "cached", "reasoning"))
LABELLED = _closed("correct", "Verdict of a person on an intent.", ("true", "false"))
INTEGRATION_REASON = _closed(
    "reason",
    "Why a call failed.",
    tuple(c for c in _choices(events_operations.INTEGRATION_CALL, "outcome") if c != "ok"),
)
ACTION_REASON = _closed(
    "reason",
    "Why an action failed.",
    tuple(c for c in _choices(events.ACTION, "outcome") if c != "ok"),
)
LLM_REASON = _closed(
    "reason",
    "Why a call to a model failed.",
    tuple(c for c in _choices(events.LLM_CALL, "outcome") if c != "ok"),
)
