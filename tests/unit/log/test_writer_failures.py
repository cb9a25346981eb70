"""A disk that fails: nothing refused counts, nothing acknowledged is lost, no restart."""

import errno

import pytest

from exporter.log.recover import recover
from exporter.log.segment import plain_name
from exporter.model.errors import LogFullError, LogUnavailableError

from .fakes import ManualClock, Rig, stored, turns
from .sim import SimDisk


async def test_a_failed_sync_fails_its_group_and_the_queue() -> None:
    """All of them are told so, and their ids given back, even if nobody waits."""
    disk = SimDisk()
    rig = Rig(disk)
    await rig.store("kept")
    rig.runners.sync.holds = True
    group = rig.submit("group")
    await turns()
    queued = rig.submit("queued")
    disk.fail_all["sync"] = errno.EIO

    rig.runners.sync.release()
    disk.fail_all.clear()

    for commit in (group, queued):
        with pytest.raises(LogUnavailableError, match="send the batch again"):
            await commit
    assert ["group", "queued"] == rig.discarded
    assert ["kept"] == rig.applied
    assert 1 == rig.writer.failed_commits
    rig.runners.sync.holds = False
    rig.runners.sync.release()
    await rig.writer.close()


async def test_what_a_failed_sync_left_behind_is_never_read() -> None:
    """The next segment says where the failed one ends; the retry counts once."""
    disk = SimDisk()
    rig = Rig(disk)
    await rig.store("kept")
    rig.runners.compress.holds = True
    end = rig.writer.synced_position()
    disk.fail_at[disk.calls + 2] = errno.EIO
    with pytest.raises(LogUnavailableError):
        await rig.store("refused")

    await rig.store("refused", "later")
    await rig.writer.close()

    assert end is not None
    assert disk.size(plain_name(1)) > end.offset
    assert ["kept", "refused", "later"] == stored(disk) == rig.applied
    assert end.offset == recover(disk).shelf.lengths[1]


async def test_a_failed_segment_is_never_touched_again() -> None:
    """After a failed sync a second one may lie; the file is left alone but for its compression."""
    disk = SimDisk()
    rig = Rig(disk)
    await rig.store("kept")
    disk.fail_at[disk.calls + 2] = errno.EIO
    with pytest.raises(LogUnavailableError):
        await rig.store("refused")
    before = len(disk.log)

    await rig.store("a", "b")
    await rig.writer.close()

    touched = [line for line in disk.log[before:] if line.endswith(plain_name(1))]
    assert {"remove " + plain_name(1)} >= set(touched)


async def test_a_failed_segment_is_not_written_while_no_new_one_can_be_opened() -> None:
    """It holds bytes that were refused; behind them nothing could ever be told apart."""
    disk = SimDisk()
    clock = ManualClock()
    rig = Rig(disk, clock=clock)
    await rig.store("kept")
    disk.fail_at[disk.calls + 2] = errno.EIO
    disk.fail_all = {"create": errno.EIO}
    for text in ("refused", "refused as well"):
        with pytest.raises(LogUnavailableError):
            await rig.store(text)
        await turns()
        clock.advance(1.0)

    disk.fail_all.clear()
    await rig.store("healed")
    await rig.writer.close()

    assert ["kept", "healed"] == stored(disk) == rig.applied


async def test_a_full_disk_heals_without_a_restart() -> None:
    """A short write, then no room; once there is room again, batches are taken within a second."""
    disk = SimDisk()
    clock = ManualClock()
    rig = Rig(disk, clock=clock)
    await rig.store("kept")
    disk.fail_all = {"write": errno.ENOSPC, "create": errno.ENOSPC}
    with pytest.raises(LogFullError, match="free disk space"):
        await rig.store("refused")
    await turns()
    with pytest.raises(LogFullError):
        await rig.store("still refused")
    refusal = rig.writer.unavailable

    disk.fail_all.clear()
    clock.advance(1.0)

    await rig.store("healed")
    assert isinstance(refusal, LogFullError)
    assert rig.writer.unavailable is None
    await rig.writer.close()
    assert ["kept", "healed"] == stored(disk) == rig.applied


async def test_opening_is_tried_once_a_second() -> None:
    """A disk that is gone is not asked for each of a thousand requests."""
    disk = SimDisk()
    clock = ManualClock()
    rig = Rig(disk, clock=clock)
    disk.fail_all = {"create": errno.EIO}
    with pytest.raises(LogUnavailableError):
        await rig.store("first")
    asked = disk.calls

    for _ in range(100):
        with pytest.raises(LogUnavailableError):
            rig.submit("again")

    assert asked == disk.calls
    clock.advance(1.0)
    with pytest.raises(LogUnavailableError):
        await rig.store("next second")
    assert asked < disk.calls
    await rig.writer.close()


async def test_a_rotation_that_fails_keeps_the_open_segment() -> None:
    """Out of descriptors is no reason to refuse events the open file can take."""
    disk = SimDisk()
    clock = ManualClock()
    rig = Rig(disk, clock=clock)
    await rig.store("a")
    rig.writer.rotate()
    disk.fail_all = {"create": errno.EMFILE}

    await rig.store("b")

    assert 1 == rig.writer.segments
    disk.fail_all.clear()
    clock.advance(1.0)
    await rig.store("c")
    assert 2 == rig.writer.segments
    await rig.writer.close()
    assert ["a", "b", "c"] == stored(disk)


async def test_a_segment_that_cannot_be_removed_gives_up_its_number() -> None:
    """A half-made file is not opened again, and counts for nothing."""
    disk = SimDisk()
    clock = ManualClock()
    rig = Rig(disk, clock=clock)
    disk.fail_all = {"sync": errno.EIO, "remove": errno.EIO}
    with pytest.raises(LogUnavailableError):
        await rig.store("refused")
    disk.fail_all.clear()
    clock.advance(1.0)

    position = await rig.submit("stored")

    assert 2 == position.segment
    await rig.writer.close()
    assert ["stored"] == stored(disk)
    assert 0 == recover(disk).shelf.lengths[1]


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EMFILE])
async def test_whichever_call_fails_the_answer_is_true(number: int) -> None:
    """Fail the n-th call, for every n until none fails: stored is what was acknowledged."""
    failing = 0
    has_failed = True
    while has_failed:
        failing += 1
        disk = SimDisk(failing)
        disk.fail_at[failing] = number
        acknowledged = await _store_with_rotations(disk)
        has_failed = disk.calls >= failing

        disk.fail_at.clear()
        assert acknowledged == stored(disk), f"call {failing}: {disk.log[failing - 1]}"
        assert acknowledged == stored(disk.after_power_cut())

    assert failing > 20


async def _store_with_rotations(disk: SimDisk) -> list[str]:
    """Store nine events, sending again what was refused, and return what was acknowledged."""
    clock = ManualClock()
    rig = Rig(disk, clock=clock)
    acknowledged = []
    for text in "abcdefghi":
        for _ in range(3):
            try:
                await rig.submit(text)
            except (LogUnavailableError, LogFullError):
                clock.advance(1.0)
            else:
                acknowledged.append(text)
                break
        if text in "cf":
            rig.writer.rotate()
    await rig.writer.close()
    return acknowledged
