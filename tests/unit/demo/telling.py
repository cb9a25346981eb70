"""Streams of the demo from a fixed moment, as lists."""

from collections.abc import Iterator
from itertools import takewhile

from exporter.demo.story import HOUR, Event
from exporter.demo.stream import Settings, Stream

WEDNESDAY = 1_772_582_400.0  # 2026-03-04T00:00:00Z
AFTERNOON = WEDNESDAY + 15 * HOUR  # All three bots are awake.
SEED = 11  # Its first incident is on Thursday.

Moment = tuple[float, Event]


def settings(*, start: float = AFTERNOON, rate: float = 20.0, seed: int = SEED) -> Settings:
    """Return settings that start with conversations under way."""
    return Settings(seed=seed, start=start, rate=rate, is_warm=True)


def moments(chosen: Settings, duration_seconds: float) -> Iterator[Moment]:
    """Yield what happens in the first *duration_seconds*."""
    until = chosen.start + duration_seconds
    return takewhile(lambda moment: moment[0] < until, Stream(chosen))


def of_type(told: list[Moment], *types: str) -> list[Event]:
    """Return the events of these types."""
    return [event for _, event in told if event["type"] in types]
