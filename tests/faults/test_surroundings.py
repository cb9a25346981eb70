"""Clocks, limits of the process, rude clients, bad files and events nobody can count."""

from tests.faults.conftest import Play


async def test_clock_jumps_move_no_counter_back_and_forget_no_id(play: Play) -> None:
    """Two hours, a day or ten years, either way (F9)."""
    await play("clock_jumps")


async def test_without_file_descriptors_it_waits_without_being_busy(play: Play) -> None:
    """1,000 connections for 256 descriptors; good requests are answered afterwards (F15)."""
    await play("fd_exhaustion")


async def test_without_memory_it_refuses_or_dies_cleanly(play: Play) -> None:
    """Under a limit of addresses nothing acknowledged is lost (F14)."""
    await play("memory_limit")


async def test_silent_and_slow_connections_are_closed_and_starve_nobody(play: Play) -> None:
    """1,000 idle and 1,000 slow ones beside good bots (F17)."""
    await play("connections")


async def test_slow_scrapers_hold_nothing_up(play: Play) -> None:
    """50 clients that read 100 bytes a second share one rendering (F16)."""
    await play("slow_scrapers")


async def test_broken_configuration_files_change_nothing(play: Play) -> None:
    """The old configuration goes on, the gauge says so, no request fails (F20)."""
    await play("bad_reloads")


async def test_an_event_that_cannot_be_counted_stops_no_other(play: Play) -> None:
    """It is counted as far as it goes, reported, and replayed the same way (F23)."""
    await play("poison_event")
