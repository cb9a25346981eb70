"""What the tracker of turns keeps in memory is bounded: `exporter.metrics.turns`."""

from dataclasses import dataclass

from exporter.catalog.own import TURNS_DROPPED
from exporter.metrics.turns import Turns

from .world import EPOCH, World


def few(world: World, most: int) -> Turns:
    """Put a tracker of at most *most* open turns beside the one of *world*."""
    drops = TURNS_DROPPED
    return Turns(
        world.live.tables, world.live.guard.row, on_drop=lambda: world.own.add(drops), most=most
    )


@dataclass(kw_only=True)
class Note:
    """A message as the tracker sees it, of either side."""

    ts: float
    conversation: str | None
    id: str = "i"
    bot: str = "shop"
    platform: str = "web"
    user: str | None = None
    session: str | None = None
    trace_id: str | None = None
    status: str = "ok"
    response_seconds: float | None = None


def note(conversation: str, at: float) -> Note:
    """Return a message of the shop's bot."""
    return Note(ts=EPOCH + at, conversation=conversation)


def test_more_open_turns_than_the_limit_are_dropped_and_counted() -> None:
    """Memory is bounded; an answered turn frees its place."""
    world = World()
    turns = few(world, most=2)

    for conversation in ("a", "b", "c"):
        turns.received(note(conversation, 0.0), 0.0, EPOCH)
    turns.sent(note("a", 1.0), 1.0, EPOCH + 1.0)
    turns.received(note("d", 2.0), 2.0, EPOCH + 2.0)

    assert 2 == len(turns)
    assert 1 == world.own.value(TURNS_DROPPED)


def test_early_answers_beyond_the_limit_are_not_remembered() -> None:
    """A broadcast to a million users must not fill the memory."""
    turns = few(World(), most=1)

    for conversation in ("a", "b"):
        turns.sent(note(conversation, 1.0), 1.0, EPOCH + 1.0)

    assert 1 == len(turns.state()["answers"])
    turns.expire(61.0)
    assert {"open": [], "answers": []} == turns.state()
