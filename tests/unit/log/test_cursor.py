"""A reader's place: durable, and it keeps what has not been read."""

import pytest

from exporter.log.commit import LogSettings
from exporter.log.cursor import Cursor, cursor_positions
from exporter.log.frame import Position
from exporter.log.retention import prune
from exporter.log.segment import list_segments
from exporter.log.snapshot import Moment, write_snapshot
from exporter.model.errors import StorageError

from .fakes import Rig, texts_in
from .sim import SimDisk

TEXTS = [str(number) for number in range(14)]


async def filled() -> tuple[SimDisk, list[Position], Position]:
    """Return a disk with several segments, where its frames begin, and its end."""
    disk = SimDisk()
    rig = Rig(disk, settings=LogSettings(segment_bytes=200))
    positions = [await rig.submit(text) for text in TEXTS]
    end = rig.writer.synced_position()
    assert end is not None
    await rig.writer.close()
    assert len(list_segments(disk)) > 3
    return disk, positions, end


async def test_a_reader_gets_all_frames_in_pieces() -> None:
    """Each piece goes on where the last one was confirmed, over all segments."""
    disk, _, end = await filled()
    read: list[str] = []

    while True:
        cursor = Cursor(disk, "store")
        frames = list(cursor.read(end, max_events=5))
        if not frames:
            break
        assert len(frames) <= 5
        read += texts_in(frames)
        cursor.advance(frames[-1].end)

    assert TEXTS == read


async def test_what_is_not_confirmed_is_read_again() -> None:
    """Reading moves nothing; only ``advance`` does."""
    disk, _, end = await filled()
    cursor = Cursor(disk, "store")

    first = texts_in(cursor.read(end, max_events=3))
    again = texts_in(Cursor(disk, "store").read(end, max_events=3))

    assert ["0", "1", "2"] == first == again


async def test_a_reader_never_passes_the_synced_end() -> None:
    """What the writer has not confirmed may still be taken back."""
    disk, positions, _ = await filled()

    read = texts_in(Cursor(disk, "store").read(positions[7], max_events=99))

    assert TEXTS[:7] == read


async def test_a_place_never_goes_back() -> None:
    """Confirmed is confirmed."""
    disk, positions, _ = await filled()
    cursor = Cursor(disk, "store")
    cursor.advance(positions[5])

    with pytest.raises(StorageError, match="cannot go back"):
        cursor.advance(positions[4])

    assert positions[5] == Cursor(disk, "store").position


async def test_a_damaged_place_means_reading_again() -> None:
    """From the beginning: twice is safe, never is not."""
    disk, positions, end = await filled()
    Cursor(disk, "store").advance(positions[5])
    disk.files["cursor-store.json"].data[0] ^= 1

    read = texts_in(Cursor(disk, "store").read(end, max_events=99))

    assert TEXTS == read


def test_a_name_is_checked() -> None:
    """It becomes a file name."""
    with pytest.raises(ValueError, match="cursor name"):
        Cursor(SimDisk(), "../x")


async def test_a_segment_goes_when_neither_snapshot_needs_it() -> None:
    """What lies behind the older of two snapshots stays; one snapshot alone removes nothing."""
    disk, positions, _ = await filled()
    write_snapshot(disk, Moment(positions[6]), [b"x"])
    alone = prune(disk)
    write_snapshot(disk, Moment(positions[11]), [b"y"])

    removed = prune(disk)

    assert [] == alone
    assert list(range(1, positions[6].segment)) == removed
    assert positions[6].segment == min(list_segments(disk))


async def test_a_cursor_keeps_what_it_has_not_read() -> None:
    """From its registration on; once it is removed the snapshots decide alone."""
    disk, positions, _ = await filled()
    cursor = Cursor(disk, "store")
    write_snapshot(disk, Moment(positions[10]), [b"x"])
    write_snapshot(disk, Moment(positions[11]), [b"y"])

    at_first = prune(disk)
    cursor.advance(positions[6])
    then = prune(disk)
    held_by_caller = prune(disk, cursors=[positions[6]])
    cursor.remove()
    at_last = prune(disk)

    assert [] == at_first == held_by_caller
    assert list(range(1, positions[6].segment)) == then
    assert list(range(positions[6].segment, positions[10].segment)) == at_last
    assert {} == cursor_positions(disk)
