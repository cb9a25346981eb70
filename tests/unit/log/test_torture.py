"""Kill, cut the power, fail calls, at any moment: acknowledged <= recovered <= sent, each once."""

import asyncio
import json
import random
from dataclasses import dataclass, field

from exporter.log.commit import Batch, LogSettings
from exporter.log.keeper import SnapshotSettings, Snapshotter
from exporter.log.recover import Recovery, recover
from exporter.log.seen import Seen
from exporter.log.tiers import SeenSettings
from exporter.model.errors import StorageError

from .fakes import ManualClock, Rig, batch_of, key_of, text_of, turns
from .sim import PowerCut, SimDisk

STATES = 300
ERRORS = (5, 28, 24)


@dataclass
class Sender:
    """What the outside world knows: the numbers it sent, and those it got a yes for."""

    sent: set[int] = field(default_factory=set)
    acknowledged: set[int] = field(default_factory=set)


class Life:
    """One process, from recovery to its end: counts events and remembers their ids."""

    def __init__(self, disk: SimDisk, sender: Sender, seed: int) -> None:
        self.disk = disk
        self.sender = sender
        self.random = random.Random(seed)
        self.clock = ManualClock()
        self.seen = Seen(disk, self.clock, SeenSettings(max_ids=10_000, pause_seconds=0))
        self.counted: list[int] = []

    async def run(self, steps: int) -> None:
        """Send numbers, old and new ones, and learn which are stored."""
        recovery = recover(self.disk)
        self.counted, replayed = counted(recovery)
        # The ids of the snapshot are in the runs, or they are lost.
        for number in replayed:
            self.seen.remember([key_of(number)], self.clock.wall())
        # Duplicates are answered with a yes from here on.
        self.sender.acknowledged |= set(self.counted)
        settings = LogSettings(segment_bytes=self.random.choice((300, 2000)))
        self.rig = Rig(
            self.disk, clock=self.clock, settings=settings, start=recovery.start, apply=self._apply
        )
        self.snapshotter = Snapshotter(
            storage=self.disk,
            clock=self.clock,
            seen=self.seen,
            take_state=lambda: [json.dumps(self.counted).encode()],
            failed=lambda error: None,
            pruned=self.rig.writer.pruned,
            settings=SnapshotSettings(events=self.random.choice((3, 10))),
            runner=self.rig.runners,
        )
        number = 0
        for _ in range(steps):
            # Half of the time the same again: what was refused, or is known.
            number = self.random.choice((number, self.random.randrange(60)))
            await self._send(number)
            await turns(self.random.randrange(4))
        await self.rig.writer.close()
        await self.snapshotter.finish()

    async def _send(self, number: int) -> None:
        key = key_of(number)
        admission = self.seen.admit([key])
        if admission.durable:
            assert number in self.sender.acknowledged
            return
        self.sender.sent.add(number)
        batch = batch_of(str(number))
        batch.payload = number
        try:
            commit = self.rig.writer.submit(batch)
            self.seen.begin([key], commit)
            await commit
        except StorageError:
            self.seen.abort([key])
            self.clock.advance(1.0)
        else:
            self.sender.acknowledged.add(number)

    async def _apply(self, batch: Batch) -> None:
        number = int(text_of(batch.body))
        self.counted.append(number)
        self.seen.commit([key_of(number)])
        self.snapshotter.applied(batch)


def counted(recovery: Recovery) -> tuple[list[int], list[int]]:
    """Return all events, of the snapshot and the log behind it, and those of the log alone."""
    state = [] if recovery.snapshot is None else json.loads(recovery.snapshot.state)
    replayed = [int(text_of(frame.body)) for frame in recovery.frames()]
    return [*state, *replayed], replayed


def test_no_crash_loses_or_doubles_an_event() -> None:
    """After each of 300 crashes in seeded lives the count is what was acknowledged, or sent."""
    states = 0
    seed = 0
    while states < STATES:
        seed += 1
        states += _live_and_crash(seed, lives=5)


def _live_and_crash(seed: int, lives: int) -> int:
    """Let a directory live through several crashes; return how many there were."""
    generator = random.Random(seed)
    disk, sender = SimDisk(seed), Sender()
    crashes = 0
    for _ in range(lives):
        disk.cut_at = generator.randrange(1, 150)
        failing = generator.random() < 0.5
        disk.fail_at = {generator.randrange(8, 150): generator.choice(ERRORS)} if failing else {}
        crashes += _live(disk, sender, generator.randrange(1 << 30))
        disk = disk.after_power_cut() if generator.random() < 0.6 else disk.after_kill()
        found, _ = counted(recover(disk))
        assert len(found) == len(set(found)), f"seed {seed}: counted twice"
        assert sender.acknowledged <= set(found), f"seed {seed}: lost"
        assert set(found) <= sender.sent, f"seed {seed}: made up"
    return crashes


def _live(disk: SimDisk, sender: Sender, seed: int) -> bool:
    """Live until the power goes; return whether it did."""
    loop = asyncio.new_event_loop()
    # What was going on is gone with the process; nobody is to be told.
    loop.set_exception_handler(lambda *_: None)
    try:
        loop.run_until_complete(Life(disk, sender, seed).run(steps=40))
    except (PowerCut, OSError):
        return True
    finally:
        loop.close()
    return False
