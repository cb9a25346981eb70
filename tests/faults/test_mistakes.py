"""What a mistake of ours may cost: a part of one event, never a start or a neighbour."""

from typing import Any

import pytest

from exporter.catalog.builtin import CATALOG
from exporter.catalog.metrics import EVENTS
from exporter.catalog.own import LOG_SKIPPED
from exporter.log.commit import Batch
from exporter.log.frame import FrameKind
from exporter.log.seen import Seen
from exporter.log.tiers import SeenSettings
from exporter.metrics.turns import Turns
from tests.unit.ingest.parts import sample
from tests.unit.log.fakes import ManualClock, key_of
from tests.unit.log.sim import SimDisk
from tests.unit.service.rig import CoreRig, open_core

POISON = "6.6.6"
YEAR_SECONDS = 365 * 86_400.0


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> str:
    """Let events of one version raise when their turns are counted."""
    real: Any = Turns.received

    def received(turns: Turns, event: object, *times: float) -> None:
        if getattr(event, "version", None) == POISON:
            raise LookupError(POISON)
        real(turns, event, *times)

    monkeypatch.setattr(Turns, "received", received)
    return POISON


async def poisoned(version: str) -> CoreRig:
    """Return a core that took three good events and two poisonous ones in one batch."""
    rig = await open_core()
    kinds = [{}, {"version": version}, {}, {"version": version}, {}]
    batch = [sample("message_received", conversation=f"c{n}", **k) for n, k in enumerate(kinds)]
    await rig.send(*batch)
    return rig


async def test_each_event_beside_a_poisonous_one_counts_once(poison: str) -> None:
    """The poisonous ones count, too, as far as it went."""
    rig = await poisoned(poison)

    assert 5 == rig.total()
    assert 3 == len(rig.live.turns)
    assert 2 == rig.own.value(LOG_SKIPPED)
    assert isinstance(rig.journal.mistake, LookupError)


async def test_poison_is_replayed_as_it_was_applied(poison: str) -> None:
    """So a restart neither stops nor moves a counter."""
    rig = await poisoned(poison)

    again = await rig.restarted()

    assert rig.state() == again.state()
    assert 2 == again.done.skipped


@pytest.mark.parametrize("body", [b'{"op":"limits"}', b'{"op":"register","bots":7}'])
async def test_an_operation_without_sense_stops_no_start(body: bytes) -> None:
    """It is skipped and counted, live and when it is replayed."""
    rig = await open_core()
    await rig.journal.writer.submit(Batch(FrameKind.CONTROL, body, 0, rig.clock.wall()))
    await rig.send(sample())

    again = await rig.restarted()

    assert (1, 1) == (again.total(), again.done.skipped)


@pytest.mark.parametrize("event", CATALOG.events, ids=lambda event: event.name)
def test_an_event_counts_as_accepted_before_anything_else(event: object) -> None:
    """Whatever fails behind it, the identity of accepted and counted events holds."""
    first, *_ = CATALOG.feeds_of(event)  # type: ignore[arg-type]

    assert EVENTS.name == first.metric


def test_a_clock_that_jumps_ahead_makes_no_id_older() -> None:
    """A machine that learns the time of day late keeps what it has seen."""
    clock = ManualClock()
    seen = Seen(SimDisk(), clock, SeenSettings(pause_seconds=0))
    seen.remember([key_of(1)], clock.wall())
    seen.rotate()
    seen.write_run()

    clock.jump(10 * YEAR_SECONDS)
    seen.maintain()
    kept = seen.ids
    clock.advance(9 * 86_400.0)
    seen.maintain()

    assert (1, 0) == (kept, seen.ids)
