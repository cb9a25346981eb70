"""Incidents: each raises what it claims to raise, and is over when it is over."""

from collections import defaultdict
from collections.abc import Callable

import pytest

from exporter.demo.cast import BOTS
from exporter.demo.incidents import CALM, Calendar, Incident, Kind, new_incident
from exporter.demo.story import DAY, Event
from exporter.demo.stream import Settings, Stream

from .telling import AFTERNOON, SEED, WEDNESDAY

WINDOW = 1500.0
SETTLE = 300.0  # Conversations of the window before are over.
ORDER = (None, *Kind)  # The first window is calm.

Telling = dict[Kind | None, list[Event]]


def window(kind: Kind | None) -> float:
    """Return when the window of *kind* begins."""
    return AFTERNOON + ORDER.index(kind) * WINDOW


@pytest.fixture(scope="module")
def told() -> Telling:
    """Return what happens in a calm window and in one of each kind of incident."""
    asked = tuple(Incident(k, window(k), window(k) + WINDOW, None) for k in Kind)
    settings = Settings(seed=SEED, start=AFTERNOON, rate=8.0, incidents=asked, is_warm=True)
    found: Telling = defaultdict(list)
    for at, event in Stream(settings):
        number, second = divmod(at - AFTERNOON, WINDOW)
        if number >= len(ORDER):
            return found
        if second >= SETTLE:
            found[ORDER[int(number)]].append(event)
    raise AssertionError("an endless stream has ended")


def share(events: list[Event], kind: str, matches: Callable[[Event], bool]) -> float:
    """Return the share of the events of a type that match."""
    found = [matches(event) for event in events if event["type"] == kind]
    return sum(found) / len(found)


def test_nothing_is_wrong_before(told: Telling) -> None:
    """The seed leaves this afternoon in peace, or the comparisons below would mean nothing."""
    assert [] == list(Calendar(SEED).between(WEDNESDAY + DAY / 2, WEDNESDAY + DAY))
    assert share(told[None], "message_sent", lambda e: e["status"] == "failed") < 0.005


def test_an_outage_of_the_model_fails_calls_and_answers(told: Telling) -> None:
    """Calls fail fifty times as often, and of the answers a tenth and more."""
    calm, outage = told[None], told[Kind.LLM_OUTAGE]

    def failed(event: Event) -> bool:
        return event["outcome"] != "ok"

    def no_answer(event: Event) -> bool:
        return event["status"] == "failed"

    assert share(outage, "llm_call", failed) > 50 * share(calm, "llm_call", failed) > 0
    assert share(outage, "message_sent", no_answer) > 0.1


def test_slow_answers_are_slow(told: Telling) -> None:
    """The median answer takes over 4 s, more than four times as long as before."""
    calm, slow = _response_seconds(told[None]), _response_seconds(told[Kind.SLOW_ANSWERS])

    assert slow > 4 * calm
    assert slow > 4.0


def test_an_error_spike_makes_errors(told: Telling) -> None:
    """Over twenty errors where there was one, far beyond 5 percent of the messages."""

    def errors_per_message(events: list[Event]) -> float:
        messages = sum(event["type"] == "message_received" for event in events)
        return sum(event["type"] == "error" for event in events) / messages

    assert errors_per_message(told[Kind.ERROR_SPIKE]) > 20 * errors_per_message(told[None]) > 0
    assert errors_per_message(told[Kind.ERROR_SPIKE]) > 0.3


def test_a_silent_bot_sends_nothing(told: Telling) -> None:
    """Not even a heartbeat."""
    assert told[None]
    assert [] == told[Kind.SILENCE]


def test_a_backlog_grows_and_drains(told: Telling) -> None:
    """Over 50 waiting and growing faster than 0.1 a second, as the alert wants it."""
    depths = {
        kind: [int(e["depth"]) for e in events if e["type"] == "queue" and e["queue"] == "outgoing"]
        for kind, events in told.items()
    }

    assert max(depths[None]) < 50
    assert depths[Kind.QUEUE_BACKLOG][-1] > 500
    assert (depths[Kind.QUEUE_BACKLOG][-1] - depths[Kind.QUEUE_BACKLOG][0]) / WINDOW > 0.1
    assert max(depths[Kind.FALLBACK_SPIKE]) < 50


def test_a_spike_of_fallbacks_is_one(told: Telling) -> None:
    """More than five times as many shrugs, with low confidence."""
    calm, spike = told[None], told[Kind.FALLBACK_SPIKE]

    def shrugs(event: Event) -> bool:
        return event["status"] == "fallback"

    def unsure(event: Event) -> bool:
        return float(event["confidence"]) < 0.7

    assert share(spike, "message_sent", shrugs) > 5 * share(calm, "message_sent", shrugs)
    assert share(spike, "intent_detected", unsure) > 4 * share(calm, "intent_detected", unsure)


def test_negative_feedback_is_negative(told: Telling) -> None:
    """Ratings fall below 3 of 5, and moods turn."""

    def score(events: list[Event]) -> float:
        scores = [int(event["csat"]) for event in events if "csat" in event]
        return sum(scores) / len(scores)

    def sad(event: Event) -> bool:
        return event["sentiment"] == "negative"

    calm, angry = told[None], told[Kind.NEGATIVE_FEEDBACK]
    assert score(calm) > 3.8
    assert score(angry) < 3.0
    assert share(angry, "sentiment", sad) > 5 * share(calm, "sentiment", sad)


def test_an_incident_of_one_bot_leaves_the_others_alone() -> None:
    """And begins and ends when it says; the end itself is outside."""
    incident = Incident(Kind.SILENCE, 100.0, 200.0, "demo-bank")
    calendar = Calendar(7, [incident])

    silent = [calendar.conditions("demo-bank", at).is_silent for at in (99.9, 100.0, 199.9, 200.0)]

    assert [False, True, True, False] == silent
    assert not calendar.conditions("demo-shop", 150.0).is_silent


def test_an_outage_of_the_model_hits_all_bots() -> None:
    """They call the same provider; everything else hits the bot that the seed chooses."""
    hit = {kind: new_incident(7, kind, 0.0, 60.0).bot for kind in Kind}

    assert hit.pop(Kind.LLM_OUTAGE) is None
    assert set(hit.values()) <= {bot.name for bot in BOTS}


def test_the_seed_brings_two_or_three_incidents_a_week() -> None:
    """Of every kind in the long run, none longer than an hour, none across midnight."""
    found = list(Calendar(7).between(WEDNESDAY, WEDNESDAY + 20 * 7 * DAY))

    assert 2.0 < len(found) / 20 < 3.0
    assert set(Kind) == {incident.kind for incident in found}
    assert all(900 <= one.end - one.start <= 3600 for one in found)
    assert all(one.start // DAY == one.end // DAY for one in found)


def test_calm_is_what_most_of_the_time_is() -> None:
    """Incidents are exceptions."""
    calendar = Calendar(7)
    moments = [WEDNESDAY + hour * 3600.0 for hour in range(4 * 7 * 24)]

    calm = sum(calendar.conditions("demo-shop", at) is CALM for at in moments)

    assert calm > 0.97 * len(moments)


def _response_seconds(events: list[Event]) -> float:
    """Return the median time from a message to its answer."""
    asked: dict[object, float] = {}
    waited: list[float] = []
    for event in events:
        if event["type"] == "message_received":
            asked[event["conversation"]] = float(event["ts"])
        elif event["type"] == "message_sent" and event["conversation"] in asked:
            waited.append(float(event["ts"]) - asked.pop(event["conversation"]))
    return sorted(waited)[len(waited) // 2]
