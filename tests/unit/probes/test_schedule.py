"""The plan is kept whatever targets do; hours pass in virtual time."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from exporter.catalog import metrics_probes as names
from exporter.catalog.metrics_probes import ALL
from exporter.catalog.spec import Metric
from exporter.config.probes import Check, Probes
from exporter.metrics.own import OwnMetrics
from exporter.model.probing import ProbeReason, ProbeState
from exporter.probes.attempt import Attempts
from exporter.probes.build import Workshop
from exporter.probes.names import NameResolver
from exporter.probes.notes import Notes
from exporter.probes.outcome import FailedError
from exporter.probes.plan import FIRST_SECONDS, Plan
from exporter.probes.prober import Prober, Ran
from exporter.probes.record import Record
from exporter.probes.webhook import Callbacks, WayBack
from tests.unit.service.virtual import LoopClock, let_pass, run

from .rig import Lines, check_of, probes_of


@dataclass
class Script:
    """A target whose runs take as long, and end, as they are told."""

    seconds: float = 0.01
    fails: bool = False
    is_broken: bool = False
    is_deaf: bool = False
    running: int = 0
    most: int = 0
    starts: list[float] = field(default_factory=list)

    async def run(self, notes: Notes) -> None:
        self.starts.append(asyncio.get_running_loop().time())
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self._work()
        finally:
            self.running -= 1

    async def _work(self) -> None:
        while True:
            try:
                await let_pass(self.seconds)
            except asyncio.CancelledError:
                if not self.is_deaf:
                    raise
            else:
                break
        if self.is_broken:
            raise RuntimeError("a mistake of ours")
        if self.fails:
            raise FailedError(ProbeReason.STATUS, "status 500")


class Shop(Workshop):
    """A workshop whose probes are scripts."""

    scripts: dict[str, Script]

    def check(self, check: Check) -> Script:
        """Return the script of *check*."""
        return self.scripts[check.name]


class World:
    """A prober with everything around it, in virtual time."""

    def __init__(self, scripts: dict[str, Script]) -> None:
        self.clock = LoopClock()
        self.lines = Lines()
        self.own = OwnMetrics(ALL)
        self.maintained: set[str | None] = set()
        self.ran: list[Ran] = []
        self.shop = Shop(
            resolver=NameResolver(),
            clock=self.clock,
            last_seen=lambda _bot, _event: None,
            back=WayBack("", Callbacks()),
        )
        object.__setattr__(self.shop, "scripts", scripts)
        self.prober = Prober(
            attempts=Attempts(clock=self.clock, log=self.lines),
            record=Record(self.own),
            clock=self.clock,
            is_maintained=lambda bot: bot in self.maintained,
        )
        self.prober.listeners.append(self.ran.append)

    def configure(self, *checks: Check, **settings: Any) -> Probes:  # noqa: ANN401 - as in YAML
        """Take over *checks*."""
        probes = probes_of(*checks, **settings)
        self.prober.configure(probes, self.shop)
        return probes

    async def live(self, seconds: float) -> None:
        """Let the checks run for so long."""
        task = asyncio.create_task(self.prober.run())
        await let_pass(seconds)
        self.prober.refresh()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def state(self, name: str) -> str:
        """Return the one state that is shown."""
        (state,) = [s for s in ProbeState if self.own.value(names.STATES, name, s) == 1]
        return state

    def count(self, metric: Metric, *labels: str) -> float:
        """Return a number that is shown."""
        return self.own.value(metric, *labels)


def plain(name: str, **settings: Any) -> Check:  # noqa: ANN401 - as in YAML
    """Return a check that runs every minute."""
    return check_of(name=name, target="127.0.0.1:1", tcp={}, **settings)


def lags(own: OwnMetrics) -> tuple[float, float]:
    """Return how many runs began, and how many of them within a second of their plan."""
    (table,) = [t for t in own.tables if t.slots[0].metric is names.SCHEDULE_LAG]
    (row,) = table.rows.values()
    counts = row[1 : len(names.LAG_BUCKETS) + 2]
    in_time = names.LAG_BUCKETS.index(1.0) + 1
    return sum(counts), sum(counts[:in_time])


def test_a_thousand_checks_keep_their_plan_while_a_tenth_hangs() -> None:
    """What hangs costs its own slot and nobody else's time."""

    async def scene() -> tuple[World, dict[str, Script]]:
        scripts = {f"p{i}": Script(seconds=1e9 if i % 10 == 0 else 0.2) for i in range(1000)}
        world = World(scripts)
        world.configure(*(plain(name) for name in scripts), concurrency=200)
        await world.live(600)
        return world, scripts

    world, scripts = run(scene())

    runs, in_time = lags(world.own)
    assert runs >= 10_000
    assert in_time >= 0.99 * runs
    assert {1} == {script.most for script in scripts.values()}
    assert 10 <= min(len(script.starts) for script in scripts.values())
    assert 0 == sum(script.running for script in scripts.values())
    assert "down" == world.state("p0")
    assert "up" == world.state("p1")


def test_a_run_that_ignores_its_end_holds_nobody_up() -> None:
    """Even code that swallows its cancellation costs only itself."""

    async def scene() -> World:
        scripts = {"deaf": Script(seconds=300.0, is_deaf=True), "other": Script()}
        world = World(scripts)
        world.configure(plain("deaf"), plain("other"), concurrency=1)
        await world.live(600)
        return world

    world = run(scene())

    assert 10 <= world.count(names.RUNS, "other")
    assert 10 <= world.count(names.RUNS, "deaf")


def test_too_few_slots_show_as_lag() -> None:
    """An overload is seen, not hidden."""

    async def scene() -> World:
        scripts = {f"p{i}": Script(seconds=1e9) for i in range(20)}
        world = World(scripts)
        world.configure(*(plain(name) for name in scripts), concurrency=1)
        await world.live(600)
        return world

    runs, in_time = lags(run(scene()).own)

    assert in_time < 0.5 * runs


def test_states_need_several_failures_and_one_success() -> None:
    """Down after three in a row, up at once."""

    async def scene() -> tuple[list[str], World]:
        script = Script(fails=True)
        world = World({"it": script})
        world.configure(plain("it"))
        shown = []
        task = asyncio.create_task(world.prober.run())
        await let_pass(FIRST_SECONDS)  # Those after the first run come every minute.
        for failing in (True, True, True, False, False, True, True):
            script.fails = failing
            await let_pass(60)
            world.prober.refresh()
            shown.append(world.state("it"))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return shown, world

    shown, world = run(scene())

    changes = [(fields["before"], fields["state"]) for _, fields in world.lines.told]
    assert [("unknown", "down"), ("down", "up")] == changes
    assert ["down", "up", "up", "up", "up"] == shown[2:]


def test_a_mistake_of_ours_is_never_a_down() -> None:
    """Only the target can be down; the exporter can only not know."""

    async def scene() -> World:
        world = World({"it": Script(is_broken=True)})
        world.configure(plain("it"))
        await world.live(600)
        return world

    world = run(scene())

    assert "unknown" == world.state("it")
    assert 10 <= world.count(names.FAILURES, "it", "internal")
    assert "probe_broken" == world.lines.lines[0][0]


def test_maintenance_is_shown_while_it_lasts() -> None:
    """Planned work hides no result: the runs go on."""

    async def scene() -> tuple[str, str, float]:
        world = World({"it": Script(fails=True)})
        world.configure(plain("it", bot="shop-bot"))
        world.maintained.add("shop-bot")
        await world.live(300)
        during = world.state("it")
        world.maintained.clear()
        world.prober.refresh()
        return during, world.state("it"), world.count(names.RUNS, "it")

    during, after, runs = run(scene())

    assert ("maintenance", "down") == (during, after)
    assert runs >= 5


def test_an_outage_of_the_platform_explains_its_bots() -> None:
    """One cause, one page: also across several steps."""

    async def scene() -> World:
        world = World({"platform": Script(fails=True), "bot": Script(fails=True), "far": Script()})
        world.configure(
            plain("platform"),
            plain("bot", depends_on=["platform"]),
            plain("far", depends_on=["bot"]),
        )
        await world.live(600)
        return world

    world = run(scene())

    assert 0 == world.count(names.EXPLAINED, "platform")
    assert 1 == world.count(names.EXPLAINED, "bot")
    assert 1 == world.count(names.EXPLAINED, "far")


def test_a_check_that_stays_keeps_its_state_through_a_reload() -> None:
    """New checks begin, old ones go with their series, the others do not notice."""

    async def scene() -> World:
        world = World({"old": Script(), "stays": Script(), "new": Script()})
        world.configure(plain("old"), plain("stays"))
        task = asyncio.create_task(world.prober.run())
        await let_pass(300)
        world.configure(plain("stays"), plain("new"))
        world.prober.refresh()
        assert "up" == world.state("stays")
        assert "unknown" == world.state("new")
        await let_pass(300)
        world.prober.refresh()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return world

    world = run(scene())

    assert 10 <= world.count(names.RUNS, "stays")
    assert "up" == world.state("new")
    shown = {row for t in world.own.tables for row in t.texts.values()}
    assert not [text for text in shown if '"old"' in text]


def test_a_failed_run_is_tried_again_before_it_counts() -> None:
    """Retries hide a blip, and are one run."""

    async def scene() -> tuple[World, Script]:
        script = Script(fails=True)
        world = World({"it": script})
        world.configure(plain("it", retries=2))
        await world.live(30)
        return world, script

    world, script = run(scene())

    assert 3 * world.count(names.RUNS, "it") == len(script.starts)


def test_a_slow_success_is_degraded() -> None:
    """It works, but not as it should; that counts as up."""

    async def scene() -> World:
        world = World({"it": Script(seconds=3.0)})
        world.configure(plain("it", slow_seconds=2.0))
        await world.live(120)
        return world

    assert "degraded" == run(scene()).state("it")


def test_listeners_hear_of_every_run() -> None:
    """The history is written by somebody else."""

    async def scene() -> World:
        world = World({"it": Script()})
        world.configure(plain("it"))
        await world.live(600)
        return world

    world = run(scene())

    assert world.count(names.RUNS, "it") == len(world.ran)


@pytest.mark.parametrize("jitter", [0.0, 0.5])
def test_the_grid_is_the_same_after_every_restart(jitter: float) -> None:
    """Only the name decides when a check runs; different names spread over the interval."""
    starts = {}
    for name in (f"p{i}" for i in range(200)):
        plans = [Plan(name, interval=60, jitter_ratio=jitter, began=0) for _ in range(2)]
        first, second = ([p.next(0.0)[0], p.next(100.0)[0], p.next(500.0)[0]] for p in plans)
        assert first == second
        starts[name] = first[0]

    slots = {int(start // 10) for start in starts.values()}
    assert set(range(6)) <= slots


def test_missed_starts_are_counted_and_not_made_up_for() -> None:
    """After a stall the next run is one, at its usual time."""
    plan = Plan("it", interval=10, jitter_ratio=0, began=0)

    first, _ = plan.next(0)
    planned, missed = plan.next(first + 35)

    assert 3 == missed
    assert first + 40 == planned
