"""The n-th call that changes a file fails, for every n, until a run has no failure (F4)."""

import asyncio
import errno
import os
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, cast

from exporter.log.keeper import SnapshotSettings
from exporter.log.storage import DiskStorage
from exporter.model.verdicts import RefusedError
from tests.torture.crash_states import event_of
from tests.torture.faulty import LogFaults
from tests.torture.scenario import Figures, Scale, Scenario, Stage
from tests.unit.log.fakes import ManualClock, turns
from tests.unit.service.rig import CoreRig, open_core

if TYPE_CHECKING:
    from tests.unit.log.sim import SimDisk

ERRORS = (errno.EIO, errno.ENOSPC, errno.EMFILE)
EVENTS = 3  # Of a batch.
SNAPSHOTS = SnapshotSettings(events=2 * EVENTS)


class Nth:
    """Lets the n-th call fail, and the ones behind it work."""

    def __init__(self, n: int, number: int) -> None:
        self.calls = 0
        self._n = n
        self._number = number

    def __str__(self) -> str:
        """Return what failed."""
        return f"{os.strerror(self._number)} in call {self._n}"

    @property
    def has_failed(self) -> bool:
        """Return whether there were that many calls."""
        return self.calls >= self._n

    def __call__(self, call: str) -> None:
        """Count a call."""
        self.calls += 1
        if self.calls == self._n:
            raise OSError(self._number, f"{os.strerror(self._number)} ({call})")


async def run(stage: Stage) -> Figures:
    """Start, store, rotate, take snapshots and stop with one failing call; then start again."""
    rounds, acknowledged = 0, 0
    batches = stage.pick(short=4, long=10)
    errors = ERRORS if stage.scale is Scale.LONG else (Random(stage.seed).choice(ERRORS),)
    for number in errors:
        n, has_failed = 1, True
        while has_failed:
            directory = stage.directory / f"{number}-{n}"
            has_failed, stored = await _fail_one(directory, batches, Nth(n, number))
            n, rounds, acknowledged = n + 1, rounds + 1, acknowledged + stored
    return Figures(rounds, acknowledged, facts=f"up to {rounds // len(errors)} calls of a run")


async def _fail_one(directory: Path, batches: int, nth: Nth) -> tuple[bool, int]:
    path = directory / "log"
    faults = LogFaults(lambda: {"skip_sync": True}, nth)  # Counted and failed, but not waited for.
    acknowledged: set[int] = set()
    is_over = False
    faults.install()
    try:
        await _live(path, batches, acknowledged)
    except OSError:
        # The start or the stop failed, and with it the process.
        is_over = True
    finally:
        faults.remove()
    assert not is_over or nth.has_failed
    await _check(path, batches * EVENTS, acknowledged, str(nth))
    return nth.has_failed, len(acknowledged)


async def _live(path: Path, batches: int, acknowledged: set[int]) -> None:
    rig = await _open(path)
    for batch in range(batches):
        if batch == batches // 2:
            rig.journal.writer.rotate()
        numbers = range(batch * EVENTS, (batch + 1) * EVENTS)
        try:
            await rig.send(*map(event_of, numbers))
        except RefusedError:
            rig.clock.advance(1.0)
        else:
            acknowledged.update(numbers)
        await turns(4)
    await rig.close()
    await rig.snapshotter.finish()


async def _check(path: Path, sent: int, acknowledged: set[int], what: str) -> None:
    rig = await _open(path)
    total = rig.total()
    repeated = [(await rig.send(event_of(n))).duplicates for n in sorted(acknowledged)]
    assert len(acknowledged) == sum(repeated), f"lost after {what}"
    others = set(range(sent)) - acknowledged
    stored = [(await rig.send(event_of(n))).duplicates for n in sorted(others)]
    assert len(acknowledged) + sum(stored) == total, f"counted twice after {what}"
    assert sent == rig.total(), what
    await rig.close()
    await rig.snapshotter.finish()


async def _open(path: Path) -> CoreRig:
    storage = await asyncio.to_thread(DiskStorage, path)
    return await open_core(cast("SimDisk", storage), ManualClock(), SNAPSHOTS)


SCENARIO = Scenario("nth_call", run)
