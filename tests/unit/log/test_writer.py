"""The writer: durable, then applied, then answered; many at once for one sync."""

import asyncio
from contextlib import suppress

import pytest

from exporter.log.commit import Batch, LogSettings
from exporter.log.frame import FrameKind, Position
from exporter.log.writer import GROUP_BYTES
from exporter.model.errors import LogFullError, LogUnavailableError

from .fakes import ManualClock, Rig, batch_of, stored, turns
from .sim import SimDisk


async def test_many_submits_share_one_sync() -> None:
    """Everything submitted in one turn of the loop is one write and one sync."""
    disk = SimDisk()
    rig = Rig(disk)
    await rig.store("first")
    before = len(disk.log)

    await asyncio.gather(*(rig.submit(str(number)) for number in range(100)))

    segment = "segment-0000000001.log"
    assert [f"write {segment}", f"sync {segment}"] == disk.log[before:]
    assert 2 == rig.writer.commits == len(rig.syncs)
    await rig.writer.close()


async def test_what_comes_during_a_sync_is_the_next_group() -> None:
    """Natural group commit: the next group begins the moment the sync ends."""
    rig = Rig(SimDisk())
    await rig.store("first")
    rig.runners.sync.holds = True
    running = rig.submit("running")
    await turns()
    waiting = [rig.submit(str(number)) for number in range(10)]
    await turns()

    rig.runners.sync.release()

    assert 1 == len(rig.runners.sync.waiting)
    assert 2 == rig.writer.commits
    await running
    assert not any(commit.done() for commit in waiting)
    rig.runners.sync.release()
    await asyncio.gather(*waiting)
    assert 3 == rig.writer.commits
    await rig.writer.close()


async def test_nothing_is_applied_before_its_sync() -> None:
    """What a power cut could still take is not visible to anyone."""
    rig = Rig(SimDisk())
    await rig.store("first")
    rig.runners.sync.holds = True

    commit = rig.submit("second")
    await turns()

    assert ["first"] == rig.applied
    assert not commit.done()
    rig.runners.sync.release()
    await commit
    assert ["first", "second"] == rig.applied
    await rig.writer.close()


async def test_batches_are_applied_in_log_order_one_at_a_time() -> None:
    """A slow batch holds back those behind it, while later syncs go on."""
    running: list[str] = []
    finished: list[str] = []

    async def apply(batch: Batch) -> None:
        name = batch.body.decode()
        running.append(name)
        assert 1 == len(running) - len(finished)
        await turns(3 if name == "0" else 1)
        finished.append(name)

    rig = Rig(SimDisk(), apply=apply)
    commits = []
    for number in range(20):
        body = str(number).encode()
        commits.append(rig.writer.submit(Batch(FrameKind.EVENTS, body, 1, 0.0)))
        await turns(number % 3)

    positions = await asyncio.gather(*commits)

    assert [str(number) for number in range(20)] == running == finished
    assert sorted(positions) == positions
    await rig.writer.close()


async def test_a_cancelled_waiter_cancels_nothing_but_itself() -> None:
    """The commit goes on, and another task that waits for it gets its answer."""
    rig = Rig(SimDisk())
    commit = rig.submit("a")

    async def wait() -> Position:
        return await commit

    gone, other = asyncio.create_task(wait()), asyncio.create_task(wait())
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone

    assert await commit == await other
    assert ["a"] == rig.applied
    await rig.writer.close()


async def test_a_batch_knows_where_it_lies() -> None:
    """The commit resolves to the position at which replay finds the frame."""
    disk = SimDisk()
    rig = Rig(disk)
    batch = batch_of("a")

    position = await rig.writer.submit(batch)

    assert batch.position == position
    assert batch.end == rig.writer.synced_position()
    await rig.writer.close()
    assert ["a"] == stored(disk)


async def test_too_much_waiting_is_refused() -> None:
    """Above queue_bytes a sender is told to come back, and nothing is lost of the others."""
    rig = Rig(SimDisk(), settings=LogSettings(queue_bytes=150))
    accepted = [rig.submit("a"), rig.submit("b"), rig.submit("c")]

    with pytest.raises(LogUnavailableError, match="wait for the disk"):
        rig.submit("d")

    await asyncio.gather(*accepted)
    assert 0 == rig.writer.queued_bytes
    await rig.store("d")
    await rig.writer.close()
    assert ["a", "b", "c", "d"] == rig.applied


async def test_a_full_log_is_refused_until_room_is_made() -> None:
    """At max_bytes the answer is "full"; retention makes it take more."""
    rig = Rig(SimDisk(), settings=LogSettings(max_bytes=700))
    taken = 0
    with suppress(LogFullError):
        while taken < 99:
            rig.writer.rotate()
            await rig.store(str(taken))
            taken += 1

    with pytest.raises(LogFullError, match=r"log\.max_bytes"):
        rig.submit("one more")
    rig.writer.pruned(range(1, taken))

    await rig.store("again")
    assert taken + 1 == len(rig.applied)
    await rig.writer.close()


async def test_a_group_is_bounded() -> None:
    """One write never copies more than a few megabytes on the event loop."""
    rig = Rig(SimDisk())
    text = "x" * (GROUP_BYTES // 2)

    await asyncio.gather(*(rig.submit(text) for _ in range(4)))

    assert 4 == rig.writer.commits
    await rig.writer.close()


async def test_closing_stores_what_is_queued_and_takes_no_more() -> None:
    """A stop loses nothing it has taken."""
    disk = SimDisk()
    rig = Rig(disk)
    commits = [rig.submit(str(number)) for number in range(3)]

    await rig.writer.close()

    assert all(commit.done() for commit in commits)
    with pytest.raises(LogUnavailableError, match="closing"):
        rig.submit("late")
    assert ["0", "1", "2"] == rig.applied == stored(disk)


async def test_each_start_opens_a_segment_of_its_own() -> None:
    """Nobody appends to what another process has written."""
    disk = SimDisk()
    for number in range(3):
        rig = Rig(disk)
        await rig.store(str(number))
        await rig.writer.close()

    assert ["0", "1", "2"] == stored(disk)
    assert [
        f"segment-000000000{n}.log{z}" for n, z in ((1, ".zst"), (2, ".zst"), (3, ""))
    ] == disk.list()


async def test_a_failure_to_apply_stops_the_log_for_good() -> None:
    """What is durable and not applied must not be overtaken: all others are refused."""

    async def apply(batch: Batch) -> None:
        if b"bad" in batch.body:
            raise RuntimeError("cannot apply")

    rig = Rig(SimDisk(), apply=apply)
    await rig.store("good")
    bad, behind = rig.submit("bad"), rig.submit("behind")

    for commit in (bad, behind):
        with pytest.raises(LogUnavailableError, match="after a restart"):
            await commit
    with pytest.raises(LogUnavailableError):
        rig.submit("late")
    with pytest.raises(RuntimeError, match="cannot apply"):
        await rig.writer.close()
    assert ["bad", "behind"] == rig.discarded


async def test_expiry_never_overtakes_what_is_on_its_way() -> None:
    """The settled time is that of the oldest batch not applied yet, else now."""
    clock = ManualClock()
    rig = Rig(SimDisk(), clock=clock)
    clock.advance(5)
    rig.runners.sync.holds = True
    rig.submit("a")
    await turns()
    clock.advance(5)

    during = (rig.writer.settled_elapsed(), rig.writer.now_elapsed())
    rig.runners.sync.holds = False
    rig.runners.sync.release()
    await turns()

    assert (5.0, 10.0) == during
    assert 10.0 == rig.writer.settled_elapsed()
    await rig.writer.close()
