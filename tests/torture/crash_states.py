"""Every state a crash can leave, on a simulated disk with the whole durable core on it (F3)."""

import asyncio
import copy
from collections.abc import Coroutine
from dataclasses import dataclass, field
from random import Random

from exporter.log.keeper import SnapshotSettings
from exporter.model.errors import StorageError
from exporter.model.verdicts import RefusedError
from tests.torture.scenario import Figures, Scenario, Stage
from tests.unit.ingest.parts import sample
from tests.unit.log.fakes import ManualClock, turns
from tests.unit.log.sim import PowerCut, SimDisk
from tests.unit.log.test_torture import _live_and_crash
from tests.unit.service.rig import CoreRig, open_core

ERRORS = (5, 28, 24)  # EIO, ENOSPC, EMFILE
LIVES, STEPS, IDS = 5, 25, 80
LOG_LIVES = 12
KINDS = ("heartbeat", "message_received", "message_sent")


@dataclass
class World:
    """What the bots know: ids that were sent, and those they got a yes for."""

    sent: set[int] = field(default_factory=set)
    acknowledged: set[int] = field(default_factory=set)


async def run(stage: Stage) -> Figures:
    """Live, crash anywhere, recover, and compare what is counted with what was acknowledged."""
    wanted = stage.pick(short=300, long=20_000)
    states, events, seed = 0, 0, stage.seed
    while states < wanted:
        crashes, acknowledged = await asyncio.to_thread(live_and_crash, seed)
        # Compiling the metrics takes most of a state: the log alone goes through many more.
        for _ in range(LOG_LIVES):
            crashes += await asyncio.to_thread(_live_and_crash, seed, LIVES)
            seed += 1
        states, events = states + crashes, events + acknowledged
    return Figures(states, events, facts=f"seeds {stage.seed} to {seed - 1}")


def live_and_crash(seed: int) -> tuple[int, int]:
    """Let one directory live through crashes; return how many, and the acknowledged events."""
    rng = Random(seed)
    disk, world = SimDisk(seed), World()
    for _ in range(LIVES):
        disk.cut_at = rng.randrange(1, 150)
        is_failing = rng.random() < 0.5
        disk.fail_at = {rng.randrange(8, 150): rng.choice(ERRORS)} if is_failing else {}
        _in_a_loop(_live(disk, world, rng))
        disk = disk.after_power_cut() if rng.random() < 0.6 else disk.after_kill()
        _in_a_loop(_check(copy.deepcopy(disk), world, seed))
    return LIVES, len(world.acknowledged)


def _in_a_loop(work: Coroutine[None, None, None]) -> None:
    loop = asyncio.new_event_loop()
    # What was going on is gone with the process; nobody is to be told.
    loop.set_exception_handler(lambda *_: None)
    try:
        loop.run_until_complete(work)
    except (PowerCut, OSError):
        return
    finally:
        loop.close()


async def _live(disk: SimDisk, world: World, rng: Random) -> None:
    """One process, from recovery to its end or the power's."""
    clock = ManualClock()
    rig = await open_core(disk, clock, SnapshotSettings(events=rng.choice((5, 20))))
    for _ in range(STEPS):
        await _step(rig, world, rng)
        await turns(rng.randrange(4))
    await rig.close()
    await rig.snapshotter.finish()


async def _step(rig: CoreRig, world: World, rng: Random) -> None:
    numbers = rng.sample(range(IDS), rng.randrange(1, 5))
    kind = rng.random()
    try:
        if kind < 0.05:
            await rig.control(op="register", bots={"shop": ["web"]})
        elif kind < 0.1:
            rig.journal.writer.rotate()
        else:
            world.sent.update(numbers)
            await rig.send(*map(event_of, numbers))
            world.acknowledged.update(numbers)
    except (RefusedError, StorageError):
        rig.clock.advance(1.0)


async def _check(disk: SimDisk, world: World, seed: int) -> None:
    """What was acknowledged is counted once, what was only sent at most once."""
    rig = await open_core(disk)
    total = rig.total()
    for number in sorted(world.acknowledged):
        outcome = await rig.send(event_of(number))
        assert 1 == outcome.duplicates, f"seed {seed}: event {number} is lost"
    unsure = world.sent - world.acknowledged
    stored = 0
    for number in sorted(unsure):
        stored += (await rig.send(event_of(number))).duplicates
    assert len(world.acknowledged) + stored == total, f"seed {seed}: {total} counted"
    assert len(world.sent) == rig.total(), f"seed {seed}"


def event_of(number: int) -> dict[str, object]:
    """Return the event with this number, always the same."""
    event = sample(KINDS[number % len(KINDS)], id=str(number), bot="shop", platform="web")
    return event | {"conversation": f"c{number % 7}"}


SCENARIO = Scenario("crash_states", run)
