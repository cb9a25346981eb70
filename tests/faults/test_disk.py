"""Disks that fail, lie, fill up or are slow."""

from tests.faults.conftest import Play


async def test_any_failing_call_loses_nothing(play: Play) -> None:
    """The n-th open, write, sync, rename or unlink fails, for each n there is (F4)."""
    await play("nth_call")


async def test_a_failed_sync_is_never_acknowledged(play: Play) -> None:
    """The segment is sealed, bots get 503, and a later attempt is kept (F5)."""
    await play("fsync_error")


async def test_damage_costs_only_the_record_it_hits(play: Play) -> None:
    """A flipped bit or a cut at each byte of the last frames never blocks a start (F6)."""
    await play("damage")


async def test_a_full_disk_is_said_so_and_left_behind_without_a_restart(play: Play) -> None:
    """Bytes or inodes: 507 with Retry-After, scrapes go on, events within 5 s of the room (F7)."""
    await play("disk_full")


async def test_a_slow_disk_fills_a_bounded_queue(play: Play) -> None:
    """Beyond the bound bots get 503; scrapes do not wait for the disk (F8)."""
    await play("slow_disk")


async def test_a_second_process_leaves_the_directory_alone(play: Play) -> None:
    """It says who owns the directory and ends (F21)."""
    await play("two_processes")


async def test_data_of_released_versions_is_continued(play: Play) -> None:
    """Same counters, same memory of ids; data of a newer version is refused untouched (F19)."""
    await play("upgrade")
