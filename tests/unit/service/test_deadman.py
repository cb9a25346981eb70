"""A Watchdog that does not come: `exporter.service.deadman`, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable

from exporter.catalog.builtin import CATALOG
from exporter.catalog.own_alerting import (
    HEARTBEAT_CONFIGURED,
    WATCHDOG_MISSING,
    WATCHDOG_TIMESTAMP,
)
from exporter.integrations.outbound import SendingError
from exporter.metrics.own import OwnMetrics
from exporter.model.errors import StorageError
from exporter.service.deadman import RETRY_SECONDS, Deadman, Patience
from tests.unit.service.alerting_rig import KeptLog
from tests.unit.service.virtual import LoopClock, let_pass, run

AFTER, REPEAT = 300.0, 3600.0


class World:
    """A dead-man's switch with everything around it at hand."""

    def __init__(self, *, expected: bool = False, has_url: bool = True) -> None:
        self.clock = LoopClock()
        self.own = OwnMetrics(CATALOG.metrics)
        self.log = KeptLog()
        self.told: list[str] = []
        self.ways_work = True
        self.beats: list[float] = []
        self.beat_fails = False
        self.remembered: list[float] = []
        self.disk_fails = False
        self.deadman = Deadman(
            Patience(after_seconds=AFTER, repeat_seconds=REPEAT, expected=expected),
            warner=self,
            beat=self.beat if has_url else None,
            remember=self.remember,
            own=self.own,
            clock=self.clock,
            log=self.log,
        )

    async def tell(self, subject: str, text: str) -> bool:
        """Be the warner."""
        self.told.append(subject)
        assert text.endswith("\n")
        return self.ways_work

    async def beat(self) -> None:
        """Be the heartbeat on another machine."""
        if self.beat_fails:
            raise SendingError("it answered with status 500")
        self.beats.append(self.clock.wall())

    async def remember(self, at: float) -> None:
        """Be the database."""
        if self.disk_fails:
            raise StorageError("full")
        self.remembered.append(at)

    async def minutes(self, count: int) -> None:
        """Let a Watchdog come every minute."""
        for _ in range(count):
            self.deadman.seen()
            await let_pass(60.0)

    @property
    def missing(self) -> float:
        """Return what `/metrics` says."""
        return self.own.value(WATCHDOG_MISSING)

    @property
    def events(self) -> list[str]:
        """Return what was logged."""
        return [event for event, _ in self.log.lines]


def lived(
    scenario: Callable[[World], Awaitable[None]], *, expected: bool = False, has_url: bool = True
) -> World:
    """Run *scenario* beside the task and return what became of the world."""

    async def live() -> World:
        world = World(expected=expected, has_url=has_url)
        task = asyncio.create_task(world.deadman.run())
        await scenario(world)
        task.cancel()
        return world

    return run(live())


def test_while_watchdogs_come_nobody_is_told() -> None:
    """Hours of them."""
    world = lived(lambda w: w.minutes(180))

    assert [] == world.told
    assert 0 == world.missing
    assert world.clock.wall() - 60 <= world.own.value(WATCHDOG_TIMESTAMP)


def test_silence_is_an_alarm_once_and_again_every_hour() -> None:
    """A log line that a human must act on, a metric, and a message."""

    async def scenario(world: World) -> None:
        await world.minutes(3)
        await let_pass(AFTER + 30)
        assert 1 == len(world.told)
        await let_pass(REPEAT)

    world = lived(scenario)

    assert ["watchdog_missing"] == world.events
    assert [True, True] == ["No Watchdog for" in subject for subject in world.told]
    assert 1 == world.missing


def test_silence_that_ends_in_time_is_none() -> None:
    """A restart of Alertmanager takes a minute or two."""

    async def scenario(world: World) -> None:
        await world.minutes(2)
        await let_pass(AFTER - 90)
        await world.minutes(5)

    assert [] == lived(scenario).told


def test_before_the_first_one_nobody_misses_it() -> None:
    """Who runs no Alertmanager is not told about it."""
    assert [] == lived(lambda _: let_pass(10 * AFTER)).told


def test_one_that_is_expected_is_missed_from_the_start() -> None:
    """The operator says that there is an Alertmanager."""
    world = lived(lambda _: let_pass(AFTER + 60), expected=True)

    assert 1 == len(world.told)


def test_one_that_came_before_the_restart_is_missed_after_it() -> None:
    """It gets the full time again, because the exporter itself was away."""

    async def scenario(world: World) -> None:
        world.deadman.recall(world.clock.wall() - 10_000)
        await let_pass(AFTER - 30)
        assert [] == world.told
        await let_pass(60)

    assert 1 == len(lived(scenario).told)


def test_people_hear_that_it_is_over() -> None:
    """Otherwise they go on looking."""

    async def scenario(world: World) -> None:
        await world.minutes(1)
        await let_pass(AFTER + 60)
        await world.minutes(2)

    world = lived(scenario)

    assert ["watchdog_missing", "watchdog_back"] == world.events
    assert "is back" in world.told[-1]
    assert 0 == world.missing


def test_what_could_not_be_told_is_tried_again_soon() -> None:
    """Both messages, the bad and the good one."""

    async def scenario(world: World) -> None:
        await world.minutes(1)
        world.ways_work = False
        await let_pass(AFTER + 4 * RETRY_SECONDS)
        assert len(world.told) >= 3
        await world.minutes(2)
        world.ways_work = True
        before = len(world.told)
        await world.minutes(3)
        assert before + 1 == len(world.told)

    assert "is back" in lived(scenario).told[-1]


def test_the_heart_beats_elsewhere_as_long_as_watchdogs_come() -> None:
    """Its silence tells another machine that something here is dead."""

    async def scenario(world: World) -> None:
        await world.minutes(5)
        await let_pass(10 * AFTER)

    world = lived(scenario)

    assert 5 == len(world.beats)
    assert 1 == world.own.value(HEARTBEAT_CONFIGURED)


def test_a_heartbeat_that_fails_is_written_down_once() -> None:
    """And does not keep the switch from working."""

    async def scenario(world: World) -> None:
        world.beat_fails = True
        await world.minutes(5)
        await let_pass(AFTER + 60)

    world = lived(scenario)

    assert ["heartbeat_failed", "watchdog_missing"] == world.events
    assert 1 == len(world.told)


def test_without_a_url_nothing_beats_and_everybody_can_see_it() -> None:
    """The dashboard shows that nobody would notice the end of everything."""
    world = lived(lambda w: w.minutes(2), has_url=False)

    assert [] == world.beats
    assert 0 == world.own.value(HEARTBEAT_CONFIGURED)


def test_the_last_watchdog_is_remembered_and_a_full_disk_does_not_matter() -> None:
    """The next start knows that one is to be expected."""

    async def scenario(world: World) -> None:
        world.disk_fails = True
        await world.minutes(2)
        world.disk_fails = False
        await world.minutes(2)

    world = lived(scenario)

    assert len(world.remembered) >= 1
    assert "watchdog_not_remembered" in world.events
