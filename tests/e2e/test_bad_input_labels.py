"""Label values without end: series stay within their limits, totals stay exact."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.door import Door
from tests.support.scraping import Scrape
from tests.support.server import Exporter

Event = dict[str, object]

INTENTS, BATCH = 100_000, 1000
LIMIT = 100
REGISTERED = ("calm", "flood", "rich", "strange")
SETTINGS = f"""
ingest: {{rate_limit: {{events_per_second: 1000000, burst: 1000000}}}}
bots: [{", ".join(f"{{name: {name}}}" for name in REGISTERED)}]
"""


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, promtool: Path) -> Iterator[Door]:
    """Return the door of an exporter that serves the whole module."""
    with Exporter(tmp_path_factory.mktemp("labels"), settings=SETTINGS) as exporter:
        yield Door(exporter, promtool)


@pytest.fixture(autouse=True)
def _unharmed(door: Door) -> Iterator[None]:
    """After each test: the next event is taken, and every total is right."""
    yield
    door.check_unharmed()


def values(scrape: Scrape, name: str, label: str, bot: str) -> dict[str, float]:
    """Return the values of one family of *bot* by one of its labels."""
    found: dict[str, float] = {}
    for (series, labels), value in scrape.values.items():
        pairs = dict(labels)
        if series == name and pairs.get("bot") == bot:
            found[pairs[label]] = found.get(pairs[label], 0) + value
    return found


def send(door: Door, events: list[Event]) -> None:
    """Send *events* in batches; all are accepted."""
    for start in range(0, len(events), BATCH):
        answer = door.post(json.dumps(events[start : start + BATCH]).encode())
        assert 202 == answer.status
        assert [] == answer.json()["rejected"]


def test_a_hundred_thousand_intents_make_a_hundred_series(door: Door) -> None:
    """The others count under `_other`; the events themselves are kept."""
    kind: Event = {"type": "intent_detected", "bot": "flood"}

    send(door, [kind | {"intent": f"intent {n}"} for n in range(INTENTS)])

    scrape = door.check_text()
    counted = values(scrape, "bot_intents_total", "intent", "flood")
    dropped = "bot_exporter_series_dropped_total"
    assert LIMIT + 1 == len(counted)
    assert INTENTS == sum(counted.values())
    assert INTENTS - LIMIT == counted["_other"]
    assert INTENTS - LIMIT == scrape.value(dropped, metric="bot_intents_total", label="intent")
    assert INTENTS == scrape.value("bot_events_total", bot="flood", event="intent_detected")


def test_a_limit_of_one_bot_takes_nothing_from_another(door: Door) -> None:
    """Limits of labels count per bot."""
    kind: Event = {"type": "intent_detected", "bot": "calm"}

    send(door, [kind | {"intent": name} for name in ("buy", "sell", "buy")])

    counted = values(door.check_text(), "bot_intents_total", "intent", "calm")
    assert {"buy": 2, "sell": 1} == counted


def test_bots_beyond_the_limit_count_together(door: Door) -> None:
    """Whoever holds a token can invent names; registered bots keep theirs."""
    send(door, [{"type": "heartbeat", "bot": f"bot-{n}"} for n in range(500)])

    scrape = door.check_text()
    bots = {dict(labels)["bot"] for (name, labels) in scrape.values if name == "bot_events_total"}
    assert {"_other", *REGISTERED} >= bots - {f"bot-{n}" for n in range(500)} - {"good"}
    assert "_other" in bots
    assert 50 + len(REGISTERED) == scrape.value("bot_exporter_bots")


def test_every_open_label_is_bounded(door: Door) -> None:
    """No field of an event is a way around the guard."""
    events: list[Event] = []
    for n in range(500):
        base: Event = {"bot": "flood", "platform": f"p{n}", "version": f"v{n}", "country": f"c{n}"}
        events += [
            base | {"type": "llm_call", "model": f"m{n}", "cost_usd": 0.5, "input_tokens": 1},
            base | {"type": "error", "error": f"e{n}", "component": f"c{n}"},
            base | {"type": "purchase", "amount": 1, "currency": f"x{n}", "product": f"p{n}"},
            base | {"type": "message_received", "conversation": f"c{n}", "language": f"l{n}"},
            base | {"type": "escalation", "reason": f"r{n}"},
            base | {"type": "track", "name": f"n{n}"},
            base | {"type": "queue", "queue": f"q{n}", "depth": n},
        ]

    send(door, events)

    scrape = door.check_text()
    limits = {
        dict(labels)["metric"]: value
        for (name, labels), value in scrape.values.items()
        if name == "bot_exporter_series_limit"
    }
    for metric, limit in limits.items():
        assert scrape.value("bot_exporter_series", metric=metric) <= limit + len(limits)
    assert 250 == sum(values(scrape, "bot_llm_cost_usd_total", "model", "flood").values())
    assert len(scrape.body) < 5_000_000


def test_strange_values_are_labels_like_others(door: Door) -> None:
    """Addresses are masked, controls are replaced, and the scrape can be read."""
    names = ["ann@shop.example", "https://shop.example/u/1", "a\u0000b\u202ec\n", '"\\{}', "{" * 64]

    send(door, [{"type": "track", "bot": "strange", "name": name} for name in names])

    found = set(values(door.check_text(), "bot_tracked_total", "name", "strange"))
    assert {"[masked]", "a\ufffdb\ufffdc\ufffd", '"\\{}', "{" * 64} == found


def test_the_largest_numbers_leave_every_sum_finite(door: Door) -> None:
    """A thousand of each."""
    largest = [
        {"type": "purchase", "bot": "rich", "amount": 10**12, "currency": "EUR"},
        {
            "type": "llm_call",
            "bot": "rich",
            "model": "m",
            "cost_usd": 10**6,
            "duration_seconds": 86_400,
        },
        {"type": "track", "bot": "rich", "name": "n", "amount": 10**9},
        {"type": "goal", "bot": "rich", "goal": "g", "value": 1e-320},
    ]

    send(door, largest * BATCH)

    scrape = door.check_unharmed()
    assert 10**15 == scrape.value("bot_revenue_total", bot="rich", currency="EUR")
