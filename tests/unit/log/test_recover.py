"""A start: the newest state, the log behind it, and a true account of what is damaged."""

import errno
import random

import pytest

from exporter.log.commit import LogSettings
from exporter.log.frame import Position
from exporter.log.logtime import LONGEST_GAP_SECONDS
from exporter.log.recover import recover
from exporter.log.scan import Damage
from exporter.log.segment import compressed_name, plain_name
from exporter.log.snapshot import Moment, snapshot_name, write_snapshot
from exporter.model.errors import DataTooNewError

from .fakes import ManualClock, Rig, stored, texts_in, turns
from .sim import SimDisk


async def filled(
    *texts: str, settings: LogSettings | None = None
) -> tuple[SimDisk, list[Position]]:
    """Return a disk with one log and where each of its frames begins."""
    disk = SimDisk()
    rig = Rig(disk, settings=settings)
    positions = [await rig.submit(text) for text in texts]
    await rig.writer.close()
    return disk, positions


def test_a_new_directory_starts_empty() -> None:
    """Nothing to replay, and the first segment is number 1."""
    recovery = recover(SimDisk())

    assert [] == list(recovery.frames())
    assert recovery.snapshot is None
    assert (1, None) == (recovery.start.next_segment, recovery.start.end)


async def test_replay_begins_behind_the_snapshot() -> None:
    """State and frames together are everything, each event once."""
    disk, positions = await filled("a", "b", "c")
    write_snapshot(disk, Moment(positions[1]), [b"state ", b"with a"])

    recovery = recover(disk)

    assert recovery.snapshot is not None
    assert b"state with a" == recovery.snapshot.state
    assert ["b", "c"] == texts_in(recovery.frames())


async def test_a_damaged_snapshot_gives_way_to_the_older_one() -> None:
    """It is put aside, and replay begins further back; whichever byte was hit."""
    disk, positions = await filled("a", "b", "c")
    write_snapshot(disk, Moment(positions[1]), [b"old"])
    write_snapshot(disk, Moment(positions[2]), [b"new"])
    name = snapshot_name(positions[2])

    for at in range(disk.size(name)):
        hurt = disk.after_kill().after_power_cut()
        hurt.files[name].data[at] ^= 1
        recovery = recover(hurt)

        assert recovery.snapshot is not None
        assert b"old" == recovery.snapshot.state
        assert 1 == recovery.snapshots_damaged
        assert ["b", "c"] == texts_in(recovery.frames())
        assert hurt.has(name + ".corrupt")


async def test_a_torn_tail_is_kept_aside_and_does_not_block() -> None:
    """Whole frames count, the rest is told and kept; the next segment begins behind it."""
    disk, _ = await filled("a", "b")
    end = disk.size(plain_name(1))
    disk.files[plain_name(1)].data += b"torn"

    recovery = recover(disk)

    assert ["a", "b"] == texts_in(recovery.frames())
    assert [Damage(1, end, end + 4)] == recovery.damaged
    assert b"torn" == disk.read(f"aside/segment-0000000001-{end}.bytes")
    assert recovery.start.end is not None
    assert Position(1, end) == recovery.start.end.position
    rig = Rig(disk)
    await rig.store("c")
    await rig.writer.close()
    assert ["a", "b", "c"] == stored(disk)
    assert [] == recover(disk).damaged


async def test_a_flipped_bit_costs_only_the_frame_it_hit() -> None:
    """200 seeded bits of a log with several segments: at most one event is missing."""
    texts = [str(number) for number in range(12)]
    disk, _ = await filled(*texts, settings=LogSettings(segment_bytes=10**6))
    generator = random.Random(1)

    for _ in range(200):
        hurt = disk.after_kill().after_power_cut()
        data = hurt.files[plain_name(1)].data
        bit = generator.randrange(len(data) * 8)
        data[bit // 8] ^= 1 << bit % 8
        recovery = recover(hurt)
        found = texts_in(recovery.frames())

        assert len(found) >= len(texts) - 1
        assert [text for text in texts if text in found] == found
        assert 1 == len({*recovery.damaged}) or bit // 8 < 200


async def test_a_damaged_compressed_segment_is_kept_whole_aside() -> None:
    """Which bytes are missing cannot be told, so all of the file is kept."""
    disk, _ = await filled("a", "b", "c", settings=LogSettings(segment_bytes=200))
    name = compressed_name(1)
    disk.files[name].data[60] ^= 1
    hurt = disk.read(name)

    recovery = recover(disk)

    assert set(texts_in(recovery.frames())) <= {"a", "b", "c"}
    assert recovery.damaged
    assert hurt == disk.read("aside/" + name)


async def test_a_sector_that_cannot_be_read_is_damage() -> None:
    """The start goes on, and so does the log."""
    disk, _ = await filled("a")
    unreadable = _Unreadable(disk)

    recovery = recover(unreadable)

    assert [] == list(recovery.frames())
    assert 2 == recovery.start.next_segment


async def test_data_of_a_newer_version_is_left_untouched() -> None:
    """A downgrade is refused with the remedy, and not one byte changes."""
    disk, positions = await filled("a")
    disk.files["junk.tmp"] = disk.files[plain_name(1)]
    newer = disk.after_kill()
    write_snapshot(newer, Moment(positions[0]), [b"x"])
    data = newer.files[snapshot_name(positions[0])].data
    _pretend_newer(data)
    before = {name: bytes(file.data) for name, file in newer.files.items()}

    with pytest.raises(DataTooNewError, match="nothing was changed"):
        recover(newer)

    assert before == {name: bytes(file.data) for name, file in newer.files.items()}


async def test_a_segment_of_a_newer_version_is_left_untouched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same for the log itself."""
    with monkeypatch.context() as patch:
        patch.setattr("exporter.log.segment.FORMAT", 2)
        disk, _ = await filled("a")
    before = {name: bytes(file.data) for name, file in disk.files.items()}

    with pytest.raises(DataTooNewError, match="format 2"):
        recover(disk)

    assert before == {name: bytes(file.data) for name, file in disk.files.items()}


async def test_a_start_syncs_what_a_killed_process_left_in_the_page_cache() -> None:
    """It is about to be counted, so the next power cut must not take it away."""
    disk = SimDisk()
    rig = Rig(disk)
    await rig.store("kept")
    rig.runners.sync.holds = True
    rig.submit("written")
    await turns()
    killed = disk.after_kill()

    found = stored(killed)

    assert ["kept", "written"] == found == stored(killed.after_power_cut())
    rig.runners.sync.release()
    await rig.writer.close()


async def test_log_time_goes_on_over_a_restart() -> None:
    """By the wall time that has passed, never back, and never by more than a week."""
    clock = ManualClock()
    disk = SimDisk()
    rig = Rig(disk, clock=clock)
    clock.advance(100)
    await rig.store("a")
    await rig.writer.close()

    clock.jump(50)
    later = Rig(disk, clock=clock).writer.now_elapsed()
    clock.jump(-1000)
    back = Rig(disk, clock=clock).writer.now_elapsed()
    clock.jump(10 * 365 * 86_400)
    forward = Rig(disk, clock=clock).writer.now_elapsed()

    assert (150.0, 100.0, 100.0 + LONGEST_GAP_SECONDS) == (later, back, forward)


async def test_what_a_crash_left_half_written_is_removed() -> None:
    """All but the files of cursors, which another process may be writing."""
    disk, _ = await filled("a")
    disk.replace("snapshot-1.snap.tmp", [b""])
    disk.replace("cursor-store.json.tmp", [b""])

    recover(disk)

    assert ["cursor-store.json.tmp", plain_name(1)] == disk.list()


async def test_numbers_are_never_used_again() -> None:
    """Even when the newest segment is gone, a new one lies behind every snapshot."""
    disk, _ = await filled("a")
    write_snapshot(disk, Moment(Position(7, 36), elapsed=500.0), [b"x"])

    start = recover(disk).start

    assert 8 == start.next_segment
    assert start.end is not None
    assert 500.0 == start.end.elapsed


class _Unreadable(SimDisk):
    """A disk on which no segment can be read any more."""

    def __init__(self, disk: SimDisk) -> None:
        super().__init__()
        self.files = disk.files

    def read(self, name: str, start: int = 0, stop: int | None = None) -> bytes:
        if name.startswith("segment"):
            raise OSError(errno.EIO, "input/output error")
        return super().read(name, start, stop)


def _pretend_newer(data: bytearray) -> None:
    """Give a snapshot the beginning that format 2 would have."""
    donor = SimDisk()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("exporter.log.snapshot.FORMAT", 2)
        write_snapshot(donor, Moment(Position(1, 1)), [b"x"])
    data[:14] = donor.read(snapshot_name(Position(1, 1)))[:14]
