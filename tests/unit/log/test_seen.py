"""Deduplication: exact, whatever lies in memory, in flight, or in which run."""

import asyncio
import errno
import random

import pytest

from exporter.log.commit import Commit
from exporter.log.frame import Position
from exporter.log.runs import run_names
from exporter.log.seen import Seen
from exporter.log.storage import Storage
from exporter.log.tiers import DAY_SECONDS, SeenSettings
from exporter.model.errors import LogUnavailableError

from .fakes import NOON, ManualClock, key_of, keys_of
from .sim import SimDisk


def seen_on(
    storage: Storage, clock: ManualClock | None = None, *, max_ids: int = 1_000_000
) -> Seen:
    """Return the deduplication of a directory, without pauses."""
    settings = SeenSettings(max_ids=max_ids, pause_seconds=0)
    return Seen(storage, clock or ManualClock(), settings)


def flush(seen: Seen) -> None:
    """Do what a snapshot does."""
    seen.rotate()
    seen.write_run()
    seen.maintain()


def known(seen: Seen, numbers: range) -> set[int]:
    """Return which numbers count as committed."""
    return {numbers[index] for index in seen.admit(keys_of(numbers)).durable}


async def test_every_kind_of_duplicate_is_told_apart() -> None:
    """New, durable, in flight with its commit, and repeated within the list."""
    seen = seen_on(SimDisk())
    commit = Commit()
    seen.remember([key_of(1)], 0.0)
    seen.begin([key_of(2)], commit)

    admission = seen.admit(keys_of([0, 1, 2, 3, 0, 2, 1]))

    assert [0, 3] == list(admission.new)
    assert [1, 6] == admission.durable
    assert [(2, commit), (5, commit)] == admission.in_flight
    assert [(4, 0)] == admission.repeated
    assert not admission.is_all_new
    commit.set_result(Position(1, 0))


async def test_a_duplicate_in_flight_shares_the_fate_of_its_commit() -> None:
    """An id counts only with its commit: durable after it, new again if it failed."""
    seen = seen_on(SimDisk())
    good, bad = Commit(), Commit()
    seen.begin([key_of(1)], good)
    seen.begin([key_of(2)], bad)
    ((_, first),) = seen.admit([key_of(1)]).in_flight
    ((_, second),) = seen.admit([key_of(2)]).in_flight

    good.set_result(Position(1, 0))
    seen.commit([key_of(1)])
    bad.fail(LogUnavailableError("gone"))
    seen.abort([key_of(2)])

    assert Position(1, 0) == await first
    with pytest.raises(LogUnavailableError):
        await second
    assert [0] == seen.admit([key_of(1)]).durable
    assert seen.admit([key_of(2)]).is_all_new


async def test_an_id_whose_failed_commit_nobody_cleared_is_new() -> None:
    """A sender that went away before the failure leaves no id behind that is stuck."""
    seen = seen_on(SimDisk())
    commit = Commit()
    seen.begin([key_of(1)], commit)

    commit.fail(LogUnavailableError("gone"))

    assert [0] == list(seen.admit([key_of(1)]).new)


def test_a_key_of_another_length_is_refused() -> None:
    """Sixteen bytes, or the filter and the runs would read past them."""
    with pytest.raises(ValueError, match="16 bytes"):
        seen_on(SimDisk()).admit([b"short"])


@pytest.mark.parametrize("seed", range(4))
def test_membership_is_exact_through_rotations_merges_and_restarts(seed: int) -> None:
    """Against a Python set: no id is forgotten, and no other id is ever swallowed."""
    generator = random.Random(seed)
    disk, clock = SimDisk(seed), ManualClock()
    seen, oracle = seen_on(disk, clock), set[int]()

    for _ in range(60):
        numbers = generator.sample(range(30_000), generator.randrange(1, 300))
        admission = seen.admit(keys_of(numbers))
        assert {numbers[index] for index in admission.durable} == oracle & set(numbers)
        seen.commit(keys_of(numbers[index] for index in admission.new))
        oracle |= set(numbers)
        clock.advance(generator.choice((1, 4000)))
        if generator.random() < 0.5:
            flush(seen)
        if generator.random() < 0.1:
            flush(seen)
            seen = seen_on(disk, clock)
            if generator.random() < 0.5:
                seen.warm()
                assert seen.is_warm

    assert oracle == known(seen, range(30_000))


def test_ids_are_found_while_their_run_is_written() -> None:
    """Between rotation and the durable run nothing is forgotten."""
    seen = seen_on(SimDisk())
    seen.remember(keys_of(range(100)), 0.0)

    seen.rotate()

    assert set(range(100)) == known(seen, range(200))
    seen.remember(keys_of([150]), 0.0)
    seen.write_run()
    assert {*range(100), 150} == known(seen, range(200))


def test_ids_stay_in_memory_if_their_run_cannot_be_written() -> None:
    """They go with the next run."""
    disk = SimDisk()
    clock = ManualClock()
    seen = seen_on(disk, clock)
    seen.remember(keys_of(range(10)), clock.wall())
    disk.fail_all = {"sync": errno.EIO}
    with pytest.raises(OSError, match="error"):
        flush(seen)
    disk.fail_all = {}
    seen.remember(keys_of(range(10, 20)), clock.wall())

    assert set(range(20)) == known(seen, range(50))
    flush(seen)

    assert set(range(20)) == known(seen_on(disk), range(50))
    assert 1 == seen.runs


def test_small_runs_of_a_day_become_one() -> None:
    """Eight of a size are merged while the day lasts, all of them once it is over."""
    disk, clock = SimDisk(), ManualClock()
    seen = seen_on(disk, clock)
    for number in range(20):
        seen.remember(keys_of([number, number + 1]), clock.wall())
        flush(seen)
    during = seen.runs

    clock.advance(DAY_SECONDS)
    seen.maintain()

    assert during < 8
    assert 1 == seen.runs == len(run_names(disk))
    assert set(range(21)) == known(seen, range(40))


def test_ids_are_forgotten_after_the_retention() -> None:
    """Eight days after the last arrival of their run, and not before."""
    disk, clock = SimDisk(), ManualClock()
    seen = seen_on(disk, clock)
    seen.remember(keys_of(range(10)), clock.wall())
    flush(seen)

    clock.advance(8 * DAY_SECONDS)
    seen.maintain()
    before = known(seen, range(10))
    clock.advance(1)
    seen.maintain()

    assert set(range(10)) == before
    assert set() == known(seen, range(10))
    assert {} == run_names(disk)
    assert 0.0 == seen.window_seconds()


def test_at_the_budget_the_oldest_ids_go_first() -> None:
    """The newest stay known, and the window shows how far back memory reaches."""
    clock = ManualClock()
    seen = seen_on(SimDisk(), clock, max_ids=1000)
    for start in range(0, 5000, 50):
        seen.remember(keys_of(range(start, start + 50)), clock.wall())
        flush(seen)
        clock.advance(60)

    remembered = known(seen, range(5000))

    assert 800 <= len(remembered) <= 1000
    assert set(range(5000 - len(remembered), 5000)) == remembered
    assert 60 * len(remembered) / 50 == seen.window_seconds()


def test_a_damaged_run_is_put_aside() -> None:
    """A torn end is seen at the start, a flipped bit by the check; neither blocks."""
    disk, clock = SimDisk(), ManualClock()
    seen = seen_on(disk, clock)
    for start in (0, 100, 200):
        seen.remember(keys_of(range(start, start + 100)), clock.wall())
        flush(seen)
    torn, flipped, _ = sorted(run_names(disk).values())
    del disk.files[torn].data[-7:]
    disk.files[flipped].data[40] ^= 1

    again = seen_on(disk, clock)
    at_start = again.runs_damaged
    again.warm()

    assert (1, 2) == (at_start, again.runs_damaged)
    assert set(range(200, 300)) == known(again, range(300))
    assert {torn + ".corrupt", flipped + ".corrupt"} <= set(disk.list())


def test_ids_that_lie_across_two_others_are_not_mistaken() -> None:
    """The end of one id and the beginning of the next are not a third one."""
    seen = seen_on(SimDisk())
    left, right = bytes(15) + b"\x01", bytes(14) + b"\x02\x03"
    seen.remember([left, right], NOON)
    flush(seen)

    across = (left + right)[8:24]

    assert [0, 1] == seen.admit([left, right, across]).durable


def test_stopping_ends_the_work_in_the_background() -> None:
    """A merge or an index that is cut short leaves every id where it was."""
    disk, clock = SimDisk(), ManualClock()
    seen = seen_on(disk, clock)
    for start in range(0, 80, 10):
        seen.remember(keys_of(range(start, start + 10)), clock.wall())
        seen.rotate()
        seen.write_run()

    seen.stop()
    seen.maintain()
    seen.warm()

    assert 8 == seen.runs == len(run_names(disk))
    assert set(range(80)) == known(seen, range(100))


async def test_lookups_go_on_while_a_thread_writes() -> None:
    """With real threads: an id that was committed is known at every moment."""
    seen, clock = seen_on(SimDisk()), ManualClock()
    seen.remember(keys_of(range(20_000)), clock.wall())
    seen.rotate()
    sample = keys_of(range(0, 20_000, 500))

    writing = asyncio.create_task(asyncio.to_thread(seen.write_run))
    answers = set()
    while not writing.done():
        answers.add(len(seen.admit(sample).durable))
        await asyncio.sleep(0)

    assert {len(sample)} == answers | {len(seen.admit(sample).durable)}
