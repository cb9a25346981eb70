"""The tool for bad days: it tells, it reads out, it repairs, it never deletes."""

import io

from exporter.log.commit import LogSettings
from exporter.log.frame import Position
from exporter.log.fsck import dump, repair, report
from exporter.log.recover import recover
from exporter.log.runs import run_names
from exporter.log.scan import Damage
from exporter.log.seen import Seen
from exporter.log.segment import compressed_name, plain_name
from exporter.log.snapshot import Moment, snapshot_name, write_snapshot

from .fakes import ManualClock, Rig, keys_of, stored, text_of, texts_in
from .sim import SimDisk

TEXTS = [str(number) for number in range(9)]


async def filled(segment_bytes: int = 10**6) -> tuple[SimDisk, list[Position]]:
    """Return a disk with a log, and where its frames begin."""
    disk = SimDisk()
    rig = Rig(disk, settings=LogSettings(segment_bytes=segment_bytes))
    positions = [await rig.submit(text) for text in TEXTS]
    await rig.writer.close()
    return disk, positions


async def test_a_sound_directory_is_clean() -> None:
    """Every segment, snapshot and run is counted."""
    disk, positions = await filled(300)
    write_snapshot(disk, Moment(positions[3]), [b"x"])
    seen = Seen(disk, ManualClock())
    seen.remember(keys_of(range(5)), 0.0)
    seen.rotate()
    seen.write_run()

    found = report(disk)

    assert found.is_clean
    assert len(TEXTS) == found.events
    assert len(TEXTS) + len(found.segments) == found.frames
    assert {snapshot_name(positions[3]): True} == found.snapshots
    assert dict.fromkeys(run_names(disk).values(), True) == found.runs


async def test_each_kind_of_damage_is_reported() -> None:
    """A hole in a segment, a bad snapshot, a bad run; nothing is changed."""
    disk, positions = await filled()
    write_snapshot(disk, Moment(positions[3]), [b"x"])
    seen = Seen(disk, ManualClock())
    seen.remember(keys_of(range(5)), 0.0)
    seen.rotate()
    seen.write_run()
    for name in (snapshot_name(positions[3]), *run_names(disk).values()):
        disk.files[name].data[5] ^= 1
    disk.files[plain_name(1)].data[positions[4].offset + 1] ^= 1
    calls = disk.calls

    found = report(disk)

    assert (Damage(1, positions[4].offset, positions[5].offset),) == found.damaged
    assert [False] == list(found.snapshots.values()) == list(found.runs.values())
    assert not found.is_clean
    assert calls == disk.calls


async def test_the_events_can_be_read_out() -> None:
    """One line of JSON for each stored event, in log order, damaged ones left out."""
    disk, positions = await filled()
    disk.files[plain_name(1)].data[positions[4].offset + 1] ^= 1
    out = io.BytesIO()

    events = dump(disk, out)

    lines = out.getvalue().splitlines()
    assert TEXTS[:4] + TEXTS[5:] == [text_of(line) for line in lines]
    assert len(lines) == events


async def test_a_repair_keeps_every_frame_where_it_was() -> None:
    """Frames before and behind the damage keep number and offset, so snapshots still fit."""
    disk, positions = await filled()
    disk.files[plain_name(1)].data[positions[4].offset + 1] ^= 1
    hurt = disk.read(plain_name(1))

    blanked = repair(disk)

    assert [Damage(1, positions[4].offset, positions[5].offset)] == blanked
    assert hurt == disk.read("aside/" + plain_name(1))
    found = report(disk)
    assert found.is_clean
    assert positions[5].offset - positions[4].offset == found.segments[0].blanked_bytes
    recovery = recover(disk)
    kept = [frame.position for frame in recovery.frames()]
    assert positions[:4] + positions[5:] == kept
    assert [] == recovery.damaged
    assert [] == repair(disk)


async def test_a_compressed_segment_can_be_repaired() -> None:
    """The copy is compressed again and whole."""
    disk, _ = await filled(300)
    disk.files[compressed_name(1)].data[60] ^= 1
    before = stored(disk)

    repair(disk)

    assert report(disk).is_clean
    assert before == stored(disk)
    assert disk.has("aside/" + compressed_name(1))


async def test_a_torn_tail_can_be_repaired() -> None:
    """Afterwards a start has nothing to complain about, and goes on."""
    disk, _ = await filled()
    disk.files[plain_name(1)].data += b"torn"

    repair(disk)

    recovery = recover(disk)
    assert TEXTS == texts_in(recovery.frames())
    assert [] == recovery.damaged
    rig = Rig(disk)
    await rig.store("more")
    await rig.writer.close()
    assert [*TEXTS, "more"] == stored(disk)


async def test_a_second_repair_keeps_the_first_original() -> None:
    """Nothing in aside is ever overwritten."""
    disk, positions = await filled()
    for position in (positions[2], positions[5]):
        disk.files[plain_name(1)].data[position.offset + 1] ^= 1
        repair(disk)

    assert disk.has("aside/" + plain_name(1))
    assert disk.has("aside/" + plain_name(1) + ".2")
