"""One example of each event type, for people and for tests: all of them valid."""

from collections.abc import Mapping
from typing import Any

from .spec import Catalog, EventType, Field, FieldType

AT = "2026-03-02T09:30:00Z"
ENVELOPE: Mapping[str, Any] = {
    "id": "8d1f0c52-41",
    "ts": AT,
    "bot": "shop",
    "platform": "telegram",
    "user": "u-1042",
    "conversation": "c-77",
}
OWN_FIELDS: Mapping[str, Mapping[str, Any]] = {
    "message_received": {"kind": "text", "text": "Where is my order?"},
    "message_sent": {"status": "ok", "source": "llm", "response_seconds": 1.4},
    "intent_detected": {"intent": "order_status", "confidence": 0.93},
    "llm_call": {
        "model": "small-2",
        "outcome": "ok",
        "duration_seconds": 1.1,
        "input_tokens": 820,
        "output_tokens": 64,
        "cost_usd": 0.0007,
    },
    "action": {"action": "find_order", "outcome": "ok", "duration_seconds": 0.2, "results": 1},
    "conversation_started": {"referrer": "spring_campaign", "country": "DE", "language": "de"},
    "conversation_ended": {"outcome": "resolved", "duration_seconds": 94, "turns": 3},
    "escalation": {"reason": "user_request", "team": "returns", "wait_seconds": 40},
    "feedback": {"csat": 5},
    "sentiment": {"sentiment": "positive", "emotion": "joy", "strength": 0.8},
    "funnel_step": {"funnel": "checkout", "step": "address"},
    "goal": {"goal": "newsletter", "value": 2},
    "purchase": {"amount": 59.9, "currency": "EUR", "product": "shoes", "order": "A-3310"},
    "refund": {"amount": 59.9, "currency": "EUR", "order": "A-3310"},
    "product_viewed": {"product": "shoes"},
    "lead": {"source": "form", "quality": 0.7, "lead": "L-12", "email": "ann@example.org"},
    "lead_followup": {"outcome": "qualified", "lead": "L-12"},
    "experiment_exposure": {"experiment": "greeting", "variant": "short"},
    "plan_usage": {"resource": "messages", "used": 8200, "allowance": 10000},
    "track": {"name": "coupon_shown", "amount": 1},
    "error": {"component": "payments", "error": "CardDeclined", "fatal": False},
    "queue": {"queue": "outgoing", "depth": 12, "oldest_seconds": 3.5},
    "integration_call": {
        "integration": "crm",
        "outcome": "timeout",
        "status_code": 504,
        "duration_seconds": 10,
    },
    "knowledge_base": {"source": "faq", "documents": 240, "coverage": 0.87, "updated_at": AT},
    "deploy": {"version": "2.4.0"},
    "heartbeat": {"version": "2.4.0"},
}
# Nobody talks to the bot in these.
WITHOUT_PEOPLE = frozenset(("deploy", "heartbeat", "queue", "knowledge_base", "plan_usage"))
PEOPLE = ("platform", "user", "conversation")


def example(event: EventType, catalog: Catalog) -> dict[str, Any]:
    """Return an event of that type as a bot sends it."""
    envelope = {
        name: value
        for name, value in ENVELOPE.items()
        if name in {field.name for field in catalog.envelope}
        and not (event.name in WITHOUT_PEOPLE and name in PEOPLE)
    }
    own = OWN_FIELDS.get(event.name) if event.builtin else None
    if own is None:
        own = {field.name: _value(field) for field in event.fields if field.required}
    return {"type": event.name, **envelope, **own}


def _value(field: Field) -> object:
    """Return a value that the field allows."""
    match field.type:
        case FieldType.STRING:
            return field.choices[0] if field.choices else field.name[: field.max_length]
        case FieldType.INTEGER:
            return int(_within(field))
        case FieldType.NUMBER:
            return _within(field)
        case FieldType.BOOLEAN:
            return True
        case FieldType.TIMESTAMP:
            return AT
        case FieldType.PROPERTIES:
            return {}


def _within(field: Field) -> float:
    low = field.minimum if field.minimum is not None else 0
    high = field.maximum if field.maximum is not None else low
    return max(low, min(1, high))
