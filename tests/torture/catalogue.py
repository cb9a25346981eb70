"""All scenarios by name, in the order they run in."""

from tests.torture import (
    bad_reloads,
    clock_jumps,
    connections,
    crash_states,
    damage,
    disk_full,
    fd_exhaustion,
    fsync_error,
    handover,
    kill9,
    memory_limit,
    nth_call,
    poison_event,
    power_cut,
    restarts,
    slow_disk,
    slow_scrapers,
    two_processes,
    upgrade,
)
from tests.torture.scenario import Scenario

_ALL = (
    kill9.SCENARIO,
    power_cut.SCENARIO,
    crash_states.SCENARIO,
    nth_call.SCENARIO,
    fsync_error.SCENARIO,
    damage.SCENARIO,
    disk_full.SCENARIO,
    slow_disk.SCENARIO,
    clock_jumps.SCENARIO,
    fd_exhaustion.SCENARIO,
    memory_limit.SCENARIO,
    connections.SCENARIO,
    slow_scrapers.SCENARIO,
    two_processes.SCENARIO,
    upgrade.SCENARIO,
    bad_reloads.SCENARIO,
    poison_event.SCENARIO,
    restarts.SIGTERM,
    restarts.SCENARIO,
    handover.SCENARIO,
)
SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in _ALL}
