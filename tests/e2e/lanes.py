"""Conversations -> lanes of batches: mixed within a lane, in order within a conversation."""

from collections.abc import Iterator
from itertools import islice
from random import Random

from tests.e2e.people import Event
from tests.e2e.replay import Told

AT_ONCE = 12  # Conversations that a lane interleaves.


def lanes(told: list[Told], *, count: int, rng: Random) -> list[list[list[Event]]]:
    """Return *count* lanes of batches of 100 to 500 events; a conversation stays in its lane."""
    return [list(_batches(_mixed(told[first::count], rng), rng)) for first in range(count)]


def stages(told: list[Told], *, count: int) -> list[list[Told]]:
    """
    Return the conversations in *count* parts.

    Those that end without an answer come first, so that their turns time out during the rest.
    """
    ordered = sorted(told, key=lambda one: not one.ends_unanswered)
    size = -(-len(ordered) // count)
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


def _mixed(told: list[Told], rng: Random) -> Iterator[Event]:
    waiting = iter(told)
    running = [iter(one.events) for one in islice(waiting, AT_ONCE)]
    while running:
        place = rng.randrange(len(running))
        event = next(running[place], None)
        if event is not None:
            yield event
            continue
        del running[place]
        running += [iter(one.events) for one in islice(waiting, 1)]


def _batches(events: Iterator[Event], rng: Random) -> Iterator[list[Event]]:
    while batch := list(islice(events, rng.randrange(100, 500))):
        yield batch
