"""Snapshots at the right moment, of one moment, and never two at a time."""

import errno
from collections.abc import Sequence

from exporter.log.commit import Batch, LogSettings
from exporter.log.keeper import SnapshotSettings, Snapshotter
from exporter.log.recover import recover
from exporter.log.seen import Seen
from exporter.log.segment import list_segments
from exporter.log.snapshot import snapshot_positions
from exporter.log.storage import Storage

from .fakes import ManualClock, Rig, key_of, text_of, texts_in, turns
from .sim import SimDisk


class Keeper:
    """A log whose state is the list of its events, with snapshots."""

    def __init__(self, storage: Storage, *, events: int = 3, segment_bytes: int = 10**6) -> None:
        self.clock = ManualClock()
        self.state: list[str] = []
        self.errors: list[OSError] = []
        self.pruned: list[int] = []
        self.seen = Seen(storage, self.clock)
        self.rig = Rig(
            storage,
            clock=self.clock,
            apply=self._apply,
            settings=LogSettings(segment_bytes=segment_bytes),
        )
        self.snapshotter = Snapshotter(
            storage=storage,
            clock=self.clock,
            seen=self.seen,
            take_state=lambda: [" ".join(self.state).encode()],
            failed=self.errors.append,
            pruned=self._pruned,
            settings=SnapshotSettings(seconds=60, events=events),
            runner=self.rig.runners,
        )

    async def close(self) -> None:
        """Stop as the service does."""
        await self.rig.writer.close()
        await self.snapshotter.finish()

    def _pruned(self, numbers: Sequence[int]) -> None:
        self.pruned += numbers
        self.rig.writer.pruned(numbers)

    async def _apply(self, batch: Batch) -> None:
        text = text_of(batch.body)
        self.state.append(text)
        self.seen.commit([key_of(int(text))])
        self.snapshotter.applied(batch)


async def test_a_snapshot_is_due_after_so_many_events() -> None:
    """It holds the state as of the batch applied last, and replay begins behind it."""
    disk = SimDisk()
    keeper = Keeper(disk, events=3)

    await keeper.rig.store("1", "2", "3", "4")
    await turns()

    assert 1 == keeper.snapshotter.snapshots
    recovery = recover(disk)
    assert recovery.snapshot is not None
    assert b"1 2 3" == recovery.snapshot.state
    assert ["4"] == texts_in(recovery.frames())
    await keeper.close()


async def test_a_snapshot_is_due_after_a_while() -> None:
    """Also when nothing more comes: a timer asks."""
    disk = SimDisk()
    keeper = Keeper(disk, events=99)
    await keeper.rig.store("1")
    keeper.snapshotter.tick()
    await turns()
    before = keeper.snapshotter.snapshots

    keeper.clock.advance(60)
    keeper.snapshotter.tick()
    await turns()
    keeper.clock.advance(60)
    keeper.snapshotter.tick()
    await turns()

    assert (0, 1) == (before, keeper.snapshotter.snapshots)
    assert keeper.clock.wall() - 60 == keeper.snapshotter.last_snapshot_at
    await keeper.close()


async def test_a_stop_takes_the_last_snapshot() -> None:
    """The next start has nothing to replay, and knows every id."""
    disk = SimDisk()
    keeper = Keeper(disk, events=99)
    await keeper.rig.store("1", "2")

    await keeper.close()

    recovery = recover(disk)
    assert recovery.snapshot is not None
    assert b"1 2" == recovery.snapshot.state
    assert [] == list(recovery.frames())
    assert [0, 1] == Seen(disk, keeper.clock).admit([key_of(1), key_of(2)]).durable


async def test_only_one_snapshot_is_in_progress() -> None:
    """Batches go on being applied; the next snapshot waits for its turn."""
    disk = SimDisk()
    keeper = Keeper(disk, events=1)
    thread = keeper.rig.runners("log-snapshot")
    thread.holds = True

    await keeper.rig.store("1", "2", "3")

    assert 1 == len(thread.waiting)
    thread.holds = False
    thread.release()
    await keeper.rig.store("4")
    await turns()
    assert 2 == keeper.snapshotter.snapshots
    await keeper.close()


async def test_a_failed_snapshot_is_tried_again() -> None:
    """It is told, the old state stays, and the next occasion covers everything."""
    disk = SimDisk()
    keeper = Keeper(disk, events=2)
    await keeper.rig.store("1")
    disk.fail_all = {"rename": errno.EIO}
    await keeper.rig.store("2")
    await turns()
    failures = (keeper.snapshotter.failures, [error.errno for error in keeper.errors])
    disk.fail_all = {}

    keeper.snapshotter.tick()
    await turns()

    assert (1, [errno.EIO]) == failures
    recovery = recover(disk)
    assert recovery.snapshot is not None
    assert b"1 2" == recovery.snapshot.state
    assert [0, 1] == Seen(disk, keeper.clock).admit([key_of(1), key_of(2)]).durable
    await keeper.close()


async def test_a_snapshot_never_stands_for_ids_that_nobody_remembers() -> None:
    """Whichever of its calls fails: what is replayed and what the runs hold is every id."""
    behind_the_commit = 2  # Its write and its sync.
    has_failed, failing = True, 0
    while has_failed:
        failing += 1
        disk = SimDisk(failing)
        keeper = Keeper(disk, events=2)
        await keeper.rig.store("1")
        disk.fail_at[disk.calls + behind_the_commit + failing] = errno.EIO
        await keeper.rig.store("2")
        await turns()
        has_failed = bool(keeper.errors)

        killed = disk.after_kill()
        replayed = texts_in(recover(killed).frames())
        seen = Seen(killed, keeper.clock)
        seen.remember([key_of(int(text)) for text in replayed], keeper.clock.wall())

        assert [0, 1] == seen.admit([key_of(1), key_of(2)]).durable, disk.log[-1]
        await keeper.close()

    assert failing > 8


async def test_what_no_snapshot_needs_is_removed() -> None:
    """The log stays short: only what lies behind the older of two snapshots."""
    disk = SimDisk()
    keeper = Keeper(disk, events=3, segment_bytes=200)

    for number in range(30):
        await keeper.rig.store(str(number))
        await turns()

    older = snapshot_positions(disk)[-1]
    assert 2 == len(snapshot_positions(disk))
    assert older.segment <= min(list_segments(disk))
    assert list(range(1, len(keeper.pruned) + 1)) == keeper.pruned
    assert keeper.rig.writer.log_bytes < 1500
    await keeper.close()


async def test_run_files_are_checked_in_the_background() -> None:
    """After the start, without blocking it."""
    disk = SimDisk()
    keeper = Keeper(disk, events=1)
    await keeper.rig.store("1")
    await keeper.close()
    again = Keeper(disk)

    again.snapshotter.warm()
    before = again.seen.is_warm
    await turns()

    assert (False, True) == (before, again.seen.is_warm)
    await again.close()
