"""Log, ids and live metrics move together: `exporter.service.journal`."""

import asyncio
import errno
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from exporter.catalog.own import EVENTS_ACCEPTED, EVENTS_RECEIVED
from exporter.ingest.pipeline import Accepted, Journal
from exporter.log.keeper import SnapshotSettings
from exporter.model.errors import LogUnavailableError
from exporter.model.verdicts import Refusal, RefusedError
from tests.unit.ingest.journal import FakeJournal
from tests.unit.ingest.parts import decoded, sample
from tests.unit.log.fakes import NOON, key_of, turns
from tests.unit.service.rig import CoreRig, open_core, while_running

Settle = Callable[[Exception | None], Awaitable[None]]
MANY = 2000
SOON = SnapshotSettings(seconds=3, events=10**9)


async def _fake() -> tuple[Journal, Settle]:
    journal = FakeJournal()
    journal.holds = True

    async def settle(failure: Exception | None) -> None:
        journal.settle(failure)

    return journal, settle


async def _real() -> tuple[Journal, Settle]:
    rig = await open_core()
    await rig.send(sample())  # So that a segment is open.
    rig.runners.sync.holds = True

    async def settle(failure: Exception | None) -> None:
        await turns()
        if failure is not None:
            rig.disk.fail_all["sync"] = errno.EIO
        rig.runners.sync.release()
        rig.disk.fail_all.clear()
        await turns()

    return rig.journal, settle


@pytest.fixture(params=[_fake, _real], ids=["fake", "real"])
async def journal(request: pytest.FixtureRequest) -> tuple[Journal, Settle]:
    """Return a journal that holds its commits, and what ends the one that waits longest."""
    made: tuple[Journal, Settle] = await request.param()
    return made


def submit(journal: Journal, *numbers: int) -> Awaitable[Any]:
    """Send events with these keys on their way."""
    keys = [key_of(number) for number in numbers]
    events = [decoded(sample()) for _ in numbers]
    for event, key in zip(events, keys, strict=True):
        event.id, event.ts = key.hex(), NOON
    return journal.submit(Accepted(events, keys), b"", NOON)


async def test_a_key_is_new_until_it_is_on_its_way(journal: tuple[Journal, Settle]) -> None:
    """Asking changes nothing; the same key twice is new once."""
    door, _ = journal
    keys = [key_of(1), key_of(2), key_of(1)]

    for _ in range(2):
        verdict = door.admit(keys)
        assert [0, 1] == list(verdict.new)
        assert [(2, 0)] == list(verdict.repeated)


async def test_a_key_in_flight_becomes_durable(journal: tuple[Journal, Settle]) -> None:
    """In flight it comes with its commit, durable only when that is done."""
    door, settle = journal
    commit = submit(door, 1)

    flying = door.admit([key_of(1), key_of(2)])
    await settle(None)
    landed = door.admit([key_of(1), key_of(2)])

    assert ([1], [(0, commit)], []) == (
        list(flying.new),
        list(flying.in_flight),
        list(flying.durable),
    )
    assert ([1], [], [0]) == (list(landed.new), list(landed.in_flight), list(landed.durable))


async def test_a_key_whose_commit_failed_is_new_again(journal: tuple[Journal, Settle]) -> None:
    """Whoever sends the event again must not be told that it is stored."""
    door, settle = journal
    commit = submit(door, 1)

    await settle(LogUnavailableError("gone"))

    with pytest.raises(LogUnavailableError):
        await commit
    assert [0] == list(door.admit([key_of(1)]).new)


async def test_nothing_shows_before_it_is_on_disk() -> None:
    """A scrape must never see an event that a crash could take back."""
    rig = await open_core()
    await rig.send(sample())
    rig.runners.sync.holds = True

    request = asyncio.create_task(rig.send(sample()))
    await turns()
    before = rig.total(), rig.own.value(EVENTS_ACCEPTED)
    rig.runners.sync.release()
    await request

    assert [(1, 1), (2, 2)] == [before, (rig.total(), rig.own.value(EVENTS_ACCEPTED))]


async def test_a_failed_sync_leaves_no_trace() -> None:
    """Neither in the metrics, nor in the ids, nor in what the next start finds."""
    rig = await open_core()
    await rig.send(sample(id="1"))
    rig.disk.fail_all["sync"] = errno.EIO

    with pytest.raises(RefusedError) as caught:
        await rig.send(sample(id="2"))
    # A disk that fails for hours must not fill the memory with ids.
    assert {} == rig.seen._in_flight  # noqa: SLF001
    rig.disk.fail_all.clear()
    rig.clock.advance(2)
    await turns(20)
    again = await rig.send(sample(id="2"))

    assert Refusal.LOG_UNAVAILABLE is caught.value.refusal
    assert 1 == again.accepted
    assert 2 == rig.total() == (await rig.restarted()).total()


async def test_own_counters_move_in_one_step_at_the_end_of_a_batch() -> None:
    """Received and accepted agree in every scrape, however large the batch."""
    rig = await open_core()
    pairs: set[tuple[float, float]] = set()

    await while_running(
        asyncio.create_task(rig.send(*(sample() for _ in range(MANY)))),
        lambda: pairs.add((rig.own.value(EVENTS_RECEIVED), rig.own.value(EVENTS_ACCEPTED))),
    )

    assert {(0, 0), (MANY, MANY)} >= pairs


async def test_a_snapshot_never_stands_in_the_middle_of_a_batch() -> None:
    """Its position is the end of a frame; half of a batch would be counted twice after it."""
    rig = await open_core(settings=SOON)
    halves: list[float] = []

    def tick() -> None:
        # A snapshot becomes due exactly while the batch is being applied.
        if 1 < rig.total() <= MANY:
            halves.append(rig.total())
            rig.clock.advance(2 * SOON.seconds)
        rig.journal.tick()

    await rig.send(sample())
    await while_running(asyncio.create_task(rig.send(*(sample() for _ in range(MANY)))), tick)

    assert halves, "no tick was in between"
    assert [MANY + 1] == rig.snapshots
    assert MANY + 1 == (await rig.restarted()).total()


async def test_a_tick_lets_a_turn_time_out_only_up_to_what_is_applied() -> None:
    """An answer that waits for the disk still counts as in time."""
    rig = await open_core()
    await rig.send(sample("message_received", conversation="c"))
    rig.runners.sync.holds = True
    request = asyncio.create_task(rig.send(sample("message_sent", conversation="c")))
    await turns()

    rig.clock.advance(3600)
    rig.journal.tick()
    pending = len(rig.live.turns)
    rig.runners.sync.release()
    await request

    assert (1, 0) == (pending, len(rig.live.turns))
    assert [0] == [turn_failures(rig)]


def turn_failures(rig: CoreRig) -> float:
    """Return the failed turns."""
    table, slot = next(
        (table, slot)
        for table in rig.live.tables
        for slot in table.slots
        if slot.metric.name == "bot_turn_failures_total"
    )
    return float(sum(row[slot.offset] for row in table.rows.values()))
