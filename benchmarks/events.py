"""
A realistic mix of events, as request bodies with a slot for a serial number.

A body holds whole conversations of 12 events with about 20 fields each. Every id, session and
conversation contains `SLOT`; a sender replaces it by a number of its own, so that no two requests
share an id and deduplication has its full work to do.
"""

import json
import time
from random import Random
from typing import Any

Event = dict[str, Any]

SLOT = b"@@@@@@@@@@@@"
SEED = 20_261_122
BOTS = tuple(f"{name}-bot" for name in ("shop", "bank", "travel", "news", "help", "voice"))
PLATFORMS = ("telegram", "web", "whatsapp")
INTENTS = tuple(f"intent_{number:02}" for number in range(40))
MODELS = ("small-1", "large-2", "open-7b", "embed-3")
ACTIONS = tuple(f"action_{number:02}" for number in range(12))
COUNTRIES = (("DE", "de"), ("FR", "fr"), ("US", "en-US"), ("IN", "en-IN"), ("BR", "pt-BR"))
PROPERTIES = {"screen": "start", "attempt": 2, "returning": True}
WITH_PROPERTIES = ("conversation_started", "message_received", "message_sent")
CONVERSATION_EVENTS = 12
TEMPLATES = 24  # Bodies that differ; enough that nothing is special about one of them.


def conversation(rng: Random, number: int) -> list[Event]:
    """Return the events of one conversation; *number* tells it from others of the same body."""
    now = time.time() - 120
    country, language = rng.choice(COUNTRIES)
    shared = {
        "bot": rng.choice(BOTS),
        "platform": rng.choice(PLATFORMS),
        "user": f"user-{rng.randrange(50_000)}",
        "session": f"s-{SLOT.decode()}-{number}",
        "conversation": f"c-{SLOT.decode()}-{number}",
        "version": rng.choice(("2.3.0", "2.3.1")),
        "country": country,
        "language": language,
        "device": rng.choice(("phone", "desktop")),
        "plan": rng.choice(("free", "pro")),
        "trace_id": f"{rng.getrandbits(128):032x}",
    }
    told = [
        {"type": "conversation_started", "referrer": "campaign"},
        *_turn(rng),
        *_turn(rng),
        _closing(rng),
    ]
    return [
        {
            "id": f"e-{SLOT.decode()}-{number}-{place}",
            "ts": round(now + 3.1 * place, 3),
            **shared,
            **event,
            **({"properties": PROPERTIES} if event["type"] in WITH_PROPERTIES else {}),
        }
        for place, event in enumerate(told)
    ]


def bodies(events_per_request: int) -> list[bytes]:
    """Return the request bodies to send in turn."""
    rng = Random(SEED)
    count = max(TEMPLATES, CONVERSATION_EVENTS) if events_per_request == 1 else TEMPLATES
    wanted = count * events_per_request
    told = [
        event
        for number in range(-(-wanted // CONVERSATION_EVENTS))
        for event in conversation(rng, number)
    ]
    return [
        _encoded(told[start : start + events_per_request])
        for start in range(0, wanted, events_per_request)
    ]


def many_series() -> bytes:
    """Return one body whose events make more than 5,000 series."""
    now = time.time()
    return _encoded(
        [
            {
                "type": "integration_call",
                "id": f"fill-{bot}-{number}",
                "ts": now,
                "bot": bot,
                "integration": f"partner_{number:02}",
                "duration_seconds": 0.2,
            }
            for bot in BOTS
            for number in range(30)
        ]
        + [
            {
                "type": "llm_call",
                "id": f"fill-{bot}-{number}",
                "ts": now,
                "bot": bot,
                "model": f"model_{number:02}",
                "duration_seconds": 0.2,
            }
            for bot in BOTS
            for number in range(20)
        ]
    )


def stamped(body: bytes, serial: int) -> bytes:
    """Return *body* with *serial* in every slot."""
    return body.replace(SLOT, b"%012x" % serial)


def _encoded(events: list[Event]) -> bytes:
    return json.dumps(events if len(events) > 1 else events[0], separators=(",", ":")).encode()


def _turn(rng: Random) -> list[Event]:
    """Return the five events of a question and its answer."""
    return [
        {"type": "message_received", "kind": "text", "text": "Where is my order number 4711?"},
        {
            "type": "intent_detected",
            "intent": rng.choice(INTENTS),
            "confidence": round(rng.uniform(0.3, 1.0), 4),
            "correct": True,
        },
        {
            "type": "llm_call",
            "model": rng.choice(MODELS),
            "provider": "acme",
            "outcome": _mostly(rng, "ok", "timeout"),
            "duration_seconds": round(rng.lognormvariate(0.0, 0.7), 4),
            "first_token_seconds": round(rng.uniform(0.1, 0.6), 4),
            "input_tokens": rng.randrange(200, 4000),
            "output_tokens": rng.randrange(5, 600),
            "cached_tokens": 128,
            "reasoning_tokens": 64,
            "cost_usd": round(rng.uniform(0.0001, 0.02), 6),
        },
        {
            "type": "action",
            "action": rng.choice(ACTIONS),
            "outcome": _mostly(rng, "ok", "error"),
            "duration_seconds": round(rng.lognormvariate(-1.0, 0.8), 4),
            "results": rng.randrange(10),
        },
        {
            "type": "message_sent",
            "kind": "text",
            "status": _mostly(rng, "ok", "fallback"),
            "source": rng.choice(("flow", "llm", "retrieval")),
            "text": "It is on its way and arrives on Tuesday.",
        },
    ]


def _closing(rng: Random) -> Event:
    kind = rng.randrange(4)
    if kind == 0:
        return {"type": "feedback", "csat": rng.randrange(1, 6), "comment": "quick answer"}
    if kind == 1:
        return {"type": "purchase", "amount": 24.5, "currency": "EUR", "product": "book"}
    outcome = rng.choice(("resolved", "unresolved", "abandoned"))
    return {"type": "conversation_ended", "outcome": outcome, "duration_seconds": 74.5, "turns": 2}


def _mostly(rng: Random, usual: str, rare: str) -> str:
    return rng.choices((usual, rare), (24, 1))[0]
