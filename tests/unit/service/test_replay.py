"""A restart goes on exactly where the process was: `exporter.service.replay`."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.log.commit import Batch
from exporter.log.frame import FrameKind
from exporter.log.keeper import SnapshotSettings
from exporter.metrics.state import freeze
from exporter.model.errors import CatalogError, DataTooNewError
from tests.unit.ingest.parts import sample
from tests.unit.log.fakes import key_of, turns
from tests.unit.service.rig import CoreRig, open_core

EVENTS = st.one_of(
    st.builds(
        sample,
        st.sampled_from(["message_received", "message_sent", "conversation_ended"]),
        conversation=st.sampled_from(["c1", "c2"]),
        platform=st.sampled_from(["web", "sms"]),
        bot=st.sampled_from(["shop", "bank"]),
    ).map(lambda e: e | {"outcome": "resolved"} if e["type"] == "conversation_ended" else e),
    st.builds(
        sample,
        st.just("intent_detected"),
        intent=st.sampled_from("abcde"),
        confidence=st.floats(0, 1),
        id=st.sampled_from("123"),
    ),
    st.builds(sample, st.just("llm_call"), model=st.just("m"), cost_usd=st.floats(0, 10)),
    st.builds(
        sample,
        st.just("knowledge_base"),
        source=st.just("faq"),
        updated_at=st.sampled_from([1.5, "2026-02-02T02:40:00Z"]),
    ),
    st.builds(sample, st.just("message_sent"), session=st.just("s"), status=st.just("failed")),
)
STEPS = st.one_of(
    st.lists(EVENTS, min_size=1, max_size=4),
    st.sampled_from([0.5, 70.0, 2000.0]),
    st.sampled_from(["snapshot", "limits", "register", "sweep", "tick"]),
)


async def carry_out(rig: CoreRig, step: object) -> None:
    """Carry out one step of a history."""
    match step:
        case list():
            await rig.send(*step)
        case float():
            rig.clock.advance(step)
        case "snapshot":
            rig.snapshotter._snapshot()  # noqa: SLF001 - when one is due is not the question here
            await turns()
        case "limits":
            await rig.control(op="limits", limits={"labels": {"intent": 2}, "metrics": {}})
        case "register":
            await rig.control(op="register", bots={"bank": ["web"]})
        case "sweep":
            await rig.control(op="sweep")
        case _:
            rig.journal.tick()


@settings(max_examples=40)
@given(st.lists(STEPS, max_size=10))
async def test_a_crash_behind_any_frame_changes_nothing(steps: list[object]) -> None:
    """Metrics, open turns, presence, limits, bots and ids: all as if there had been no crash."""
    rig = await open_core()
    for step in steps:
        await carry_out(rig, step)

    again = await rig.restarted()
    rig.journal.tick()

    assert rig.state() == again.state()
    assert rig.seen.ids == again.seen.ids


@settings(max_examples=10)
@given(st.lists(st.lists(EVENTS, min_size=1, max_size=3), min_size=1, max_size=4))
async def test_ids_of_before_the_crash_are_duplicates(
    batches: list[list[dict[str, object]]],
) -> None:
    """A retry over a restart counts nothing twice."""
    rig = await open_core()
    events = [e | {"id": f"id{i}"} for i, e in enumerate(e for batch in batches for e in batch)]
    await rig.send(*events)

    again = await rig.restarted()
    outcome = await again.send(*events)

    assert (0, len(events)) == (outcome.accepted, outcome.duplicates)
    assert rig.total() == again.total()


async def test_a_restart_applies_only_what_is_behind_the_snapshot() -> None:
    """The snapshot stands for all that was before it."""
    rig = await open_core()
    await rig.send(sample(), sample())
    await carry_out(rig, "snapshot")
    await rig.send(sample())

    again = await rig.restarted()

    assert (1, 1, 0) == (again.done.frames, again.done.events, again.done.skipped)
    assert 3 == again.total()


def stored(kind: str, number: int, **fields: object) -> bytes:
    """Return a line of the log."""
    event = sample(kind, id=key_of(number).hex(), ts=1.0, received_at=1.0, **fields)
    return json.dumps(event).encode() + b"\n"


async def write(rig: CoreRig, body: bytes, kind: FrameKind = FrameKind.EVENTS) -> None:
    """Put a frame into the log that this version did not make."""
    await rig.journal.writer.submit(Batch(kind, body, body.count(b"\n"), rig.clock.wall()))


async def test_events_of_unknown_types_are_counted_and_block_nothing() -> None:
    """Whoever went back to an older version keeps their totals and their ids."""
    rig = await open_core()
    await write(rig, stored("teleported", 1, to="mars") + stored("heartbeat", 2))
    await write(rig, stored("heartbeat", 3))

    again = await rig.restarted()

    assert (2, 2, 1) == (again.done.frames, again.done.events, again.done.skipped)
    assert 3 == again.total()
    assert [] == list(again.seen.admit([key_of(1), key_of(2), key_of(3)]).new)


@pytest.mark.parametrize(
    "line",
    [
        b"no json\n",
        b"{}\n",
        b'{"type":"heartbeat"}\n',
        b'{"type":"teleported","bot":"b","id":"no digest"}\n',
        b'{"type":"heartbeat","bot":1,"id":"00"}\n',
        b'{"type":"heartbeat","bot":"\xff","id":"00"}\n',
        b'{"type":"heartbeat","bot":"b","ts":1,"id":"no digest"}\n',
        b'{"type":"heartbeat","bot":"b","ts":1,"id":"00"}\n',
        b'{"type":"heartbeat","bot":"b","ts":1}\n',
        b"[" * 100_000 + b"\n",
    ],
)
async def test_a_line_that_nobody_can_read_is_skipped_and_counted(line: bytes) -> None:
    """It stays in the log; the start goes on."""
    rig = await open_core()
    await write(rig, stored("heartbeat", 1) + line + stored("heartbeat", 2))

    again = await rig.restarted()

    assert (2, 1) == (again.done.events, again.done.skipped)
    assert [] == list(again.seen.admit([key_of(1), key_of(2)]).new)


async def test_fields_of_a_newer_version_are_ignored() -> None:
    """Schemas change by addition only."""
    rig = await open_core()
    await write(rig, stored("heartbeat", 1, mood="good"))

    again = await rig.restarted()

    assert (1, 0) == (again.done.events, again.done.skipped)


@pytest.mark.parametrize("body", [b'{"op":"dance"}', b"{}", b"[]", b"no json", b"\xff"])
async def test_an_operation_of_a_newer_version_changes_nothing(body: bytes) -> None:
    """What it did is in the newer version's snapshot."""
    rig = await open_core()
    await rig.send(sample())
    await write(rig, body, FrameKind.CONTROL)
    await rig.send(sample())

    again = await rig.restarted()

    assert 2 == again.total()


async def test_a_snapshot_of_a_newer_version_stops_the_start() -> None:
    """Guessing would lose what it holds."""
    rig = await open_core()
    rig.snapshotter._take_state = lambda: (msgspec.msgpack.encode({"format": 99}),)  # noqa: SLF001
    await rig.send(sample())
    await carry_out(rig, "snapshot")

    with pytest.raises(DataTooNewError):
        await rig.restarted()


async def test_families_that_are_not_declared_any_more_are_named() -> None:
    """The start says which series end, and keeps the others."""
    rig = await open_core()
    await rig.send(sample())
    rig.snapshotter._take_state = lambda: (_renamed(rig, "bot_gone_total"),)  # noqa: SLF001
    await carry_out(rig, "snapshot")

    again = await rig.restarted()

    assert ("bot_gone_total",) == again.done.retired


async def test_a_family_with_other_labels_stops_the_start() -> None:
    """Adding up series of two meanings would be wrong for ever."""
    rig = await open_core()
    await rig.send(sample())
    rig.snapshotter._take_state = lambda: (_renamed(rig, "bot_intents_total"),)  # noqa: SLF001
    await carry_out(rig, "snapshot")

    with pytest.raises(CatalogError, match="new name"):
        await rig.restarted()


def _renamed(rig: CoreRig, name: str) -> bytes:
    """Return the state with the first family under another name."""
    state = msgspec.msgpack.decode(freeze(rig.live))
    state["tables"][0]["families"][0]["name"] = name
    return msgspec.msgpack.encode(state)


async def test_the_events_of_a_replay_count_towards_the_next_snapshot() -> None:
    """Many crashes in a row must not make the log behind the snapshot longer and longer."""
    rig = await open_core()
    await rig.send(*(sample() for _ in range(10)))

    again = await open_core(rig.disk, rig.clock, SnapshotSettings(seconds=1e9, events=10))
    await turns()

    assert [10.0] == again.snapshots
