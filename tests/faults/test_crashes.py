"""Processes that die and machines that lose power: nothing acknowledged is lost or doubled."""

from tests.faults.conftest import Play
from tests.torture.power_cut import cut_power
from tests.torture.scenario import Stage


async def test_kill_9_loses_and_doubles_nothing(play: Play) -> None:
    """Killed at any moment, with retries over each kill (F1)."""
    await play("kill9")


async def test_a_power_cut_loses_nothing_that_was_acknowledged(play: Play) -> None:
    """What was answered was synced, and so were the names that lead to it (F2)."""
    await play("power_cut")


async def test_a_power_cut_shows_when_syncs_are_missing(stage: Stage) -> None:
    """The test of the test: with syncs that do nothing the same cuts lose events."""
    account = await cut_power(stage, cuts=2, with_sync=False)

    assert 0 < account.lost, f"seed {stage.seed}: {account}"


async def test_every_state_a_crash_leaves_is_recovered(play: Play) -> None:
    """300 seeded states of a simulated disk: torn, reordered and missing writes (F3)."""
    await play("crash_states")


async def test_restarts_and_reloads_under_load_lose_and_double_nothing(play: Play) -> None:
    """Retries bridge each restart; a SIGHUP, also at its end, stops none (F18)."""
    await play("restarts")


async def test_a_restart_with_sockets_that_systemd_holds_fails_no_request(play: Play) -> None:
    """Whoever connects meanwhile waits in the kernel and is answered by the next process (F18)."""
    await play("handover")


async def test_sigterm_under_load_ends_in_time_with_nothing_lost(play: Play) -> None:
    """Exit code 0 within 15 s; what was answered is there again."""
    await play("sigterm")
