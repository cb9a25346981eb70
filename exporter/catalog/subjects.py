"""Which part of a bot's life a metric or an event is about."""

from enum import Enum

from . import events, events_business, events_operations
from .metrics_business import BUSINESS
from .metrics_operations import OPERATIONS
from .own import ALL as OWN
from .spec import Catalog, EventType, Metric


class Subject(Enum):
    """Chapters of the reference, in order; the value is the heading."""

    CONVERSATIONS = "Conversations"
    AI = "AI"
    BUSINESS = "Business"
    OPERATIONS = "Operations"
    EXPORTER = "The exporter itself"
    YOURS = "Your own"


_AI_EVENTS = (events.INTENT_DETECTED, events.LLM_CALL, events.ACTION)


def subject_of_event(event: EventType) -> Subject:
    """Return the chapter of an event type."""
    if not event.builtin:
        return Subject.YOURS
    if event in _AI_EVENTS:
        return Subject.AI
    if event in events_business.BUSINESS:
        return Subject.BUSINESS
    if event in events_operations.OPERATIONS:
        return Subject.OPERATIONS
    return Subject.CONVERSATIONS


def subject_of_metric(metric: Metric, catalog: Catalog) -> Subject:
    """Return the chapter of a family; what only AI events move is about AI."""
    if not metric.builtin:
        return Subject.YOURS
    for group, subject in (
        (OWN, Subject.EXPORTER),
        (BUSINESS, Subject.BUSINESS),
        (OPERATIONS, Subject.OPERATIONS),
    ):
        if metric in group:
            return subject
    feeding = {feed.event for feed in catalog.feeds if feed.metric == metric.name}
    is_ai = feeding and feeding <= {event.name for event in _AI_EVENTS}
    return Subject.AI if is_ai else Subject.CONVERSATIONS
