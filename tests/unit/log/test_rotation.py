"""Segments end, and are compressed behind the writer's back."""

import random

import pytest

from exporter.log.commit import LogSettings
from exporter.log.pieces import is_whole
from exporter.log.recover import recover
from exporter.log.segment import compress_segment, compressed_name, plain_name

from .fakes import ManualClock, Rig, stored, turns
from .sim import PowerCut, SimDisk


async def test_a_large_segment_is_closed_and_compressed() -> None:
    """At segment_bytes the next commit begins a new one; the old one shrinks in the background."""
    disk = SimDisk()
    rig = Rig(disk, settings=LogSettings(segment_bytes=400))

    await rig.store(*(str(number) for number in range(20)))
    await turns()

    assert rig.writer.segments > 2
    assert is_whole(disk.read(compressed_name(1)))
    assert not disk.has(plain_name(1))
    assert sum(disk.size(name) for name in disk.list()) == rig.writer.log_bytes
    await rig.writer.close()
    assert [str(number) for number in range(20)] == stored(disk)


async def test_an_old_segment_is_closed() -> None:
    """After segment_seconds the next commit begins a new one."""
    clock = ManualClock()
    rig = Rig(SimDisk(), clock=clock, settings=LogSettings(segment_seconds=10))
    await rig.store("a")
    clock.advance(10)

    position = await rig.submit("b")

    assert 2 == position.segment
    await rig.writer.close()


async def test_positions_survive_compression() -> None:
    """A position is an offset in the plain bytes, whatever the file looks like."""
    disk = SimDisk()
    rig = Rig(disk)
    positions = [await rig.submit(str(number)) for number in range(5)]
    rig.writer.rotate()
    await rig.store("next")
    await rig.writer.close()

    frames = list(recover(disk).frames())

    assert disk.has(compressed_name(1))
    assert positions == [frame.position for frame in frames][:5]


async def test_only_what_counts_is_compressed() -> None:
    """Bytes behind the valid length are not carried on."""
    disk = SimDisk()
    rig = Rig(disk)
    await rig.store("a")
    length = rig.writer.synced_position()
    assert length is not None
    await rig.writer.close()
    disk.files[plain_name(1)].data += b"rubbish"

    compress_segment(disk, 1, length.offset)

    assert ["a"] == stored(disk)
    assert [] == recover(disk).damaged


@pytest.mark.parametrize("seed", range(20))
async def test_a_power_cut_during_compression_loses_nothing(seed: int) -> None:
    """At whatever step: either file, or both, hold every event, and the next start finishes."""
    base = SimDisk(seed)
    rig = Rig(base)
    await rig.store("a", "b")
    end = rig.writer.synced_position()
    assert end is not None
    await rig.writer.close()
    for step in range(1, 12):
        disk = base.after_kill()
        disk.random = random.Random(seed)
        disk.cut_at = step
        try:
            compress_segment(disk, 1, end.offset)
        except PowerCut:
            disk = disk.after_power_cut()
        disk.cut_at = None

        assert ["a", "b"] == stored(disk)
        again = Rig(disk)
        await again.store("c")
        await again.writer.close()
        assert ["a", "b", "c"] == stored(disk)
        assert not any(name.endswith(".tmp") for name in disk.list())


async def test_a_failed_compression_keeps_the_original() -> None:
    """It is counted, and the next start tries again."""
    disk = SimDisk()
    rig = Rig(disk)
    await rig.store("a")
    rig.runners.compress.holds = True
    rig.writer.rotate()
    await rig.store("b")
    disk.fail_at[disk.calls + 2] = 5

    rig.runners.compress.release()

    assert 1 == rig.writer.failed_compressions
    assert disk.has(plain_name(1))
    await rig.writer.close()
    again = Rig(disk)
    await again.store("c")
    await again.writer.close()
    assert disk.has(compressed_name(1))
    assert ["a", "b", "c"] == stored(disk)
