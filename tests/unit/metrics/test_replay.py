"""
A crash at any moment changes nothing: the snapshot and the tail of the log give the same page.

Random frames, operations and ticks run once without and once with crashes. A crash restores any
earlier snapshot and replays the frames behind it; ticks are not in the log.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from exporter.catalog.build import event_structs
from exporter.catalog.builtin import CATALOG
from exporter.catalog.spec import EVERY_EVENT, Source
from exporter.metrics.state import freeze, thaw

from .test_guard import track
from .world import DAY, World, answer, message

# A part of the catalogue, because every crash builds a new world.
TYPES = (
    "message_received",
    "message_sent",
    "conversation_ended",
    "llm_call",
    "queue",
    "track",
)
FEEDS = tuple(feed for feed in CATALOG.feeds if feed.event in (*TYPES, EVERY_EVENT))
FED = {feed.metric for feed in FEEDS}
SMALL = replace(
    CATALOG,
    events=tuple(event for event in CATALOG.events if event.name in TYPES),
    metrics=tuple(m for m in CATALOG.metrics if m.source is not Source.EVENTS or m.name in FED),
    feeds=FEEDS,
)
STRUCTS = event_structs(SMALL, strict=True)

BOTS = ("shop", "help", "care")
PLATFORMS = ("web", "voice", "fax")
GAPS = (0.0, 0.0, 0.5, 7.0, 30.0, 60.0, 61.0, 299.0, 3_600.0, 31 * DAY)

Event = Callable[[float], Mapping[str, Any]]  # Given the log time of its frame.


@dataclass(frozen=True)
class Step:
    """Something that happens *gap* seconds after what came before it."""

    gap: float
    events: tuple[Event, ...] = ()
    operation: Mapping[str, Any] = field(default_factory=dict)
    crash: int | None = None  # How many snapshots back the restart begins.
    snapshot: bool = False

    @property
    def is_logged(self) -> bool:
        """Tell whether it is a frame of the log: ticks, crashes and snapshots are not."""
        return bool(self.events or self.operation)


def happenings(seed: int, length: int = 200) -> Iterator[Step]:
    """Yield what happens: frames above all, under limits so small that their order decides."""
    rng = random.Random(seed)
    yield Step(0.0, operation=_limits(rng))
    for _ in range(length):
        kind = rng.choices(("frame", "operation", "tick", "snapshot", "crash"), (60, 14, 8, 9, 9))[
            0
        ]
        gap = rng.choice(GAPS)
        match kind:
            case "frame":
                yield Step(gap, events=tuple(_event(rng) for _ in range(rng.randint(1, 4))))
            case "operation":
                yield Step(gap, operation=_operation(rng))
            case "tick":
                yield Step(gap)
            case "snapshot":
                yield Step(0.0, snapshot=True)
            case _:
                yield Step(0.0, crash=rng.choice((0, 0, 1, 2)))
    yield Step(0.0, crash=1)


def _event(rng: random.Random) -> Event:
    return rng.choice((_said, _said, _tracked, _tracked, _called, _queued, _ended))(rng)


def _said(rng: random.Random) -> Event:
    """Return a message of either side, stamped up to 17 minutes before it arrives."""
    fields = {"bot": rng.choice(BOTS), "platform": rng.choice(PLATFORMS), "user": rng.choice("ab")}
    lag = rng.choice((0, 0, 0, 1, 5, 59, 1_000))
    conversation = rng.choice(("a", "b", None))
    if rng.random() < 0.5:
        return lambda now: message(conversation, at=now - lag, **fields)
    more = {
        "status": rng.choice(("ok", "ok", "failed")),
        "response_seconds": rng.choice((None, None, 0.3, 70)),
    }
    return lambda now: answer(conversation, at=now - lag, **fields, **more)


def _tracked(rng: random.Random) -> Event:
    event = track(rng.choice("stuvw"), rng.choice(BOTS))
    return lambda _: event


def _called(rng: random.Random) -> Event:
    event = {
        "type": "llm_call",
        "bot": rng.choice(BOTS),
        "model": rng.choice("mn"),
        "outcome": rng.choice(("ok", "error")),
        "duration_seconds": rng.choice((None, 0.1, 3.3, 100.0)),
        "input_tokens": rng.randrange(10**9),
    }
    return lambda _: event


def _queued(rng: random.Random) -> Event:
    event = {
        "type": "queue",
        "bot": rng.choice(BOTS),
        "queue": rng.choice("pq"),
        "depth": rng.randrange(9),
        "oldest_seconds": rng.choice((None, 4.5)),
    }
    return lambda _: event


def _ended(rng: random.Random) -> Event:
    event = {
        "type": "conversation_ended",
        "bot": rng.choice(BOTS),
        "platform": rng.choice(PLATFORMS),
        "conversation": rng.choice(("a", "b", None)),
        "outcome": "resolved",
    }
    return lambda _: event


def _operation(rng: random.Random) -> Mapping[str, Any]:
    kind = rng.choice(("limits", "register", "register", "sweep"))
    if kind == "limits":
        return _limits(rng)
    if kind == "register":
        some = rng.sample(BOTS, rng.randint(0, 2))
        return {"op": kind, "bots": {bot: rng.sample(PLATFORMS, 1) for bot in some}}
    return {"op": kind}


def _limits(rng: random.Random) -> Mapping[str, Any]:
    labels = {"bot": rng.randint(0, 2), "name": rng.randint(1, 3), "platform": rng.randint(1, 2)}
    metrics = {
        "bot_tracked_total": rng.choice((2, 4, 99)),
        "bot_llm_tokens_total": rng.choice((4, 99)),
    }
    return {"op": "limits", "limits": {"labels": labels, "metrics": metrics}}


class Run:
    """A world and the log it is a function of."""

    def __init__(self, *, crashes: bool) -> None:
        self.world = World(SMALL, structs=STRUCTS)
        self.now = 0.0
        self._crashes = crashes
        self._log: list[tuple[float, Step]] = []
        self._snapshots: list[tuple[int, bytes]] = [(0, freeze(self.world.live))]

    def take(self, step: Step) -> None:
        """Let the step happen."""
        self.now += step.gap
        if step.is_logged:
            self._log.append((self.now, step))
            _carry_out(self.world, self.now, step)
        elif step.snapshot:
            self._snapshots.append((len(self._log), freeze(self.world.live)))
        elif step.crash is not None and self._crashes:
            self._restart(step.crash)
        else:
            self.world.live.advance(self.now)

    def _restart(self, back: int) -> None:
        position, state = self._snapshots[-1 - back % len(self._snapshots)]
        self.world = World(SMALL, structs=STRUCTS)
        thaw(self.world.live, state)
        for now, step in self._log[position:]:
            _carry_out(self.world, now, step)
        # The exporter lets the time that passed pass again before it answers.
        self.world.live.advance(self.now)


def _carry_out(world: World, now: float, step: Step) -> None:
    if step.operation:
        world.control(now, **step.operation)
    else:
        world.send(*(event(now) for event in step.events), now=now)


@pytest.mark.parametrize("seed", range(10))
def test_a_crash_at_any_moment_ends_in_the_same_page(seed: int) -> None:
    """The state is a pure function of the log, whichever snapshot a restart begins with."""
    calm, crashing = Run(crashes=False), Run(crashes=True)

    for step in happenings(seed):
        calm.take(step)
        crashing.take(step)

        if step.crash is not None:
            # A tick is not in the log: let the time that passed pass in both.
            calm.world.live.advance(calm.now)
            assert calm.world.series(calm.now) == crashing.world.series(crashing.now)


@pytest.mark.parametrize("seed", range(100, 103))
def test_no_counter_ever_decreases_while_it_is_exposed(seed: int) -> None:
    """Not over a crash either; a series that left may return, at 0 or more."""
    run = Run(crashes=True)
    before = _counters(run)

    for step in happenings(seed):
        run.take(step)

        after = _counters(run)
        fallen = {name: (before[name], n) for name, n in after.items() if n < before.get(name, 0)}
        assert {} == fallen
        before = after


@pytest.mark.parametrize("seed", range(200, 203))
def test_no_event_is_lost_from_the_totals(seed: int) -> None:
    """Without a sweep, all series of a family together equal what was sent, over any crash."""
    run = Run(crashes=True)
    steps = [step for step in happenings(seed) if step.operation.get("op") != "sweep"]

    for step in steps:
        run.take(step)

    shown = _counters(run)
    sent = sum(len(step.events) for step in steps)
    assert sent == sum(n for name, n in shown.items() if name.startswith("bot_events_total"))


def _counters(run: Run) -> dict[str, float]:
    gauges = ("bot_last_event", "bot_version", "bot_queue", "bot_active")
    series = run.world.series(run.now).items()
    return {name: value for name, value in series if not name.startswith(gauges)}
