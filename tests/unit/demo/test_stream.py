"""The stream: the same for the same settings, in order, as fast as asked, and never larger."""

import hashlib
from itertools import islice, pairwise

import msgspec
import pytest

from exporter.demo.story import DAY, HOUR
from exporter.demo.stream import DELAY_SECONDS, Settings, Stream

from .telling import WEDNESDAY, Moment, moments, settings

# Of the first 10,000 events; whoever changes what the demo tells changes it, and says why.
GOLDEN = "32bc1f1f2a3b7e578d3017479adfc9f668eba0f6f4a0b458e984c23a51334679"


def digest(chosen: Settings, count: int) -> str:
    """Return the digest of the first *count* events as they go over the wire."""
    told = hashlib.sha256()
    for _, event in islice(Stream(chosen), count):
        told.update(msgspec.json.encode(event) + b"\n")
    return told.hexdigest()


def test_the_first_ten_thousand_events_are_known() -> None:
    """On every machine and under every version of Python, byte by byte."""
    assert GOLDEN == digest(settings(), 10_000)


def test_two_streams_of_the_same_settings_tell_the_same() -> None:
    """Also when they run one after the other in the same process."""
    assert digest(settings(), 3_000) == digest(settings(), 3_000)


@pytest.mark.parametrize(
    "other", [settings(seed=8), settings(start=WEDNESDAY), settings(rate=21.0)], ids=str
)
def test_other_settings_tell_something_else(other: Settings) -> None:
    """Seed, start and rate all matter."""
    assert digest(settings(), 300) != digest(other, 300)


def test_no_two_streams_share_an_id() -> None:
    """Or the exporter would take the second demo for a repetition of the first."""
    first = {event["id"] for _, event in islice(Stream(settings()), 2_000)}
    second = {event["id"] for _, event in islice(Stream(settings(seed=8)), 2_000)}

    assert 4_000 == len(first | second)


def test_events_come_in_the_order_of_time(afternoon: list[Moment]) -> None:
    """What arrives later never happened before what arrived earlier, phones offline excepted."""
    assert all(one <= two for (one, _), (two, _) in pairwise(afternoon))
    lags = [at - float(event["ts"]) for at, event in afternoon]
    assert {0, DELAY_SECONDS} == {abs(round(lag)) for lag in lags}


def test_every_id_is_used_once(afternoon: list[Moment]) -> None:
    """The id is the key under which the exporter recognises a repetition."""
    assert len(afternoon) == len({event["id"] for _, event in afternoon})


@pytest.mark.parametrize("rate", [0.5, 1.0])
def test_a_working_day_has_the_rate_that_was_asked_for(rate: float) -> None:
    """Within a tenth: a day is a sample."""
    chosen = settings(start=WEDNESDAY, rate=rate)

    told = sum(1 for _ in moments(chosen, DAY))

    assert rate * DAY == pytest.approx(told, rel=0.1)


def test_a_week_needs_no_more_memory_than_a_day() -> None:
    """Only what is under way is kept."""
    stream = Stream(settings(start=WEDNESDAY, rate=0.25))
    most = [0] * 7

    for at, _ in stream:
        day = int((at - WEDNESDAY) // DAY)
        if day == len(most):
            break
        most[day] = max(most[day], stream.in_flight)

    assert max(most) < 33 + 25  # The regular reports of three bots, and people.
    assert most[-1] <= most[0] + 5


def test_a_busy_stream_keeps_what_three_minutes_bring() -> None:
    """Conversations in flight are visits per second times their length (Little's law)."""
    stream = Stream(settings(rate=100.0))

    most = max(stream.in_flight for _ in islice(stream, 10_000))

    assert most < 1_000


def test_a_cold_start_has_no_conversation_without_a_beginning() -> None:
    """History begins with beginnings."""
    chosen = Settings(seed=7, start=WEDNESDAY, rate=20.0)
    begun = set()

    for _, event in moments(chosen, HOUR / 4):
        if event["type"] == "conversation_started":
            begun.add(event["conversation"])
        assert event.get("conversation") in begun | {None}
