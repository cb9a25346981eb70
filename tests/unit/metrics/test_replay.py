"""
A crash at any moment changes nothing: the snapshot and the tail of the log give the same page.

Random frames, operations and ticks run once without and once with crashes. A crash restores any
earlier snapshot and replays the frames behind it; ticks are not in the log.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

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

NAMES = st.sampled_from("abc")
BOTS = st.sampled_from(["shop", "help", "care"])
PLATFORMS = st.sampled_from(["web", "voice", "fax"])
GAPS = st.sampled_from([0.0, 0.5, 7.0, 30.0, 60.0, 61.0, 299.0, 1_800.0, 3_600.0, 31 * DAY])


@dataclass(frozen=True)
class Step:
    """Something that happens *gap* seconds after what came before it."""

    gap: float
    events: tuple[Mapping[str, Any], ...] = ()
    operation: Mapping[str, Any] = field(default_factory=dict)
    crash: int | None = None  # How many snapshots back the restart begins.
    snapshot: bool = False

    @property
    def is_logged(self) -> bool:
        """Tell whether it is a frame of the log: ticks, crashes and snapshots are not."""
        return bool(self.events or self.operation)


def said() -> st.SearchStrategy[dict[str, Any]]:
    """Generate messages of either side, stamped up to 20 minutes before they arrive."""
    fields = st.fixed_dictionaries(
        {"bot": BOTS, "platform": PLATFORMS, "lag": st.sampled_from([0, 0, 0, 1, 5, 59, 1_000])},
        optional={"session": NAMES, "user": NAMES},
    )
    asked = st.builds(lambda name, f: {"by": message, "name": name, **f}, NAMES | st.none(), fields)
    more = st.fixed_dictionaries(
        {"status": st.sampled_from(["ok", "failed"])},
        optional={"response_seconds": st.floats(0, 70)},
    )
    answered = st.builds(
        lambda name, f, m: {"by": answer, "name": name, **f, **m}, NAMES | st.none(), fields, more
    )
    return asked | answered


def other() -> st.SearchStrategy[dict[str, Any]]:
    """Generate events with open labels, closed children, expiring gauges and ends."""
    tracked = st.builds(track, st.sampled_from("stuvwxyz"), BOTS)
    called = st.fixed_dictionaries(
        {
            "type": st.just("llm_call"),
            "bot": BOTS,
            "model": NAMES,
            "outcome": st.sampled_from(["ok", "error"]),
        },
        optional={"duration_seconds": st.floats(0, 100), "input_tokens": st.integers(0, 10**9)},
    )
    queued = st.fixed_dictionaries(
        {"type": st.just("queue"), "bot": BOTS, "queue": NAMES, "depth": st.integers(0, 9)},
        optional={"oldest_seconds": st.floats(0, 9)},
    )
    ended = st.fixed_dictionaries(
        {
            "type": st.just("conversation_ended"),
            "bot": BOTS,
            "platform": PLATFORMS,
            "outcome": st.just("resolved"),
        },
        optional={"conversation": NAMES},
    )
    return tracked | called | queued | ended


def operations() -> st.SearchStrategy[dict[str, Any]]:
    """Generate operations on the live metrics, small limits above all."""
    small = st.integers(0, 3)
    labels = st.dictionaries(st.sampled_from(["bot", "platform", "name", "model", "queue"]), small)
    metrics = st.dictionaries(
        st.sampled_from(["bot_tracked_total", "bot_turns_total", "bot_llm_tokens_total"]), small
    )
    limits = st.fixed_dictionaries({"labels": labels, "metrics": metrics})
    return st.one_of(
        st.just({"op": "sweep"}),
        st.builds(lambda limits: {"op": "limits", "limits": limits}, limits),
        st.builds(
            lambda bots: {"op": "register", "bots": bots},
            st.dictionaries(BOTS, st.lists(PLATFORMS, max_size=2, unique=True)),
        ),
    )


STEPS = st.lists(
    st.one_of(
        st.builds(
            lambda gap, events: Step(gap, events=tuple(events)),
            GAPS,
            st.lists(said() | other(), min_size=1, max_size=5),
        ),
        st.builds(lambda gap, operation: Step(gap, operation=operation), GAPS, operations()),
        st.builds(Step, GAPS),
        st.builds(lambda back: Step(0.0, crash=back), st.integers(0, 3)),
        st.just(Step(0.0, snapshot=True)),
    ),
    min_size=5,
    max_size=25,
)


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
        world.send(*(_event(event, now) for event in step.events), now=now)


def _event(event: Mapping[str, Any], now: float) -> Mapping[str, Any]:
    if "by" not in event:
        return event
    fields = {k: v for k, v in event.items() if k not in ("by", "name", "lag")}
    said: dict[str, Any] = event["by"](event["name"], at=now - event["lag"], **fields)
    return said


@settings(max_examples=80)
@given(STEPS)
def test_a_crash_at_any_moment_ends_in_the_same_page(steps: list[Step]) -> None:
    """The state is a pure function of the log, whichever snapshot a restart begins with."""
    calm, crashing = Run(crashes=False), Run(crashes=True)

    for step in steps:
        calm.take(step)
        crashing.take(step)

    assert calm.world.series(calm.now) == crashing.world.series(crashing.now)


@settings(max_examples=30)
@given(STEPS)
def test_no_counter_ever_decreases_while_it_is_exposed(steps: list[Step]) -> None:
    """Not over a crash either; a series that left may return, at 0 or more."""
    run = Run(crashes=True)
    before = _counters(run)

    for step in steps:
        run.take(step)

        after = _counters(run)
        fallen = {name: (before[name], n) for name, n in after.items() if n < before.get(name, 0)}
        assert {} == fallen
        before = after


@settings(max_examples=30)
@given(STEPS)
def test_no_message_is_lost_from_the_totals(steps: list[Step]) -> None:
    """Without a sweep, all series of a family together equal what was sent, over any crash."""
    run = Run(crashes=True)
    kept = [step for step in steps if "sweep" not in step.operation.values()]

    for step in kept:
        run.take(step)

    sent = sum(len(step.events) for step in kept)
    shown = _counters(run)
    assert sent == sum(n for name, n in shown.items() if name.startswith("bot_events_total"))


def _counters(run: Run) -> dict[str, float]:
    gauges = ("bot_last_event", "bot_version", "bot_queue", "bot_active")
    series = run.world.series(run.now).items()
    return {name: value for name, value in series if not name.startswith(gauges)}
