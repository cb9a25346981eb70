"""The durable core on a simulated disk: a pipeline, a journal, and what a restart makes of it."""

import asyncio
import copy
import json
from collections.abc import Callable
from typing import Any

from exporter.catalog.build import event_structs
from exporter.catalog.builtin import CATALOG
from exporter.ingest.limits import TokenBuckets
from exporter.ingest.pipeline import Pipeline
from exporter.log.keeper import SnapshotSettings, Snapshotter
from exporter.log.recover import Recovery, recover
from exporter.log.seen import Seen
from exporter.log.writer import LogWriter
from exporter.metrics.engine import LiveMetrics
from exporter.metrics.own import OwnMetrics
from exporter.metrics.state import freeze
from exporter.model.packed import unpack
from exporter.model.ports import Outcome
from exporter.service.journal import EventJournal
from exporter.service.replay import Replay, Replayed
from tests.unit.ingest.journal import FakeTelemetry
from tests.unit.ingest.parts import ANYBODY, STRUCTS, new_admission, new_decoder
from tests.unit.log.fakes import ManualClock, Runners, turns
from tests.unit.log.sim import SimDisk

LOOSE = event_structs(CATALOG, strict=False)
NEVER = SnapshotSettings(seconds=1e9, events=10**9)


class CoreRig:
    """
    What `exporter.service.core.Core` puts together, without threads and without a real disk.

    Make one with `open_core`.
    """

    def __init__(self, disk: SimDisk, clock: ManualClock, settings: SnapshotSettings) -> None:
        self.disk = disk
        self.clock = clock
        self.runners = Runners()
        self.done = Replayed()
        self.snapshots: list[float] = []
        self.own = OwnMetrics(CATALOG.metrics)
        self.live = LiveMetrics(CATALOG, (STRUCTS, LOOSE), self.own)
        self.seen = Seen(disk, clock)
        self.journal = EventJournal(live=self.live, own=self.own, seen=self.seen)
        self.telemetry = FakeTelemetry()
        self.snapshotter = Snapshotter(
            storage=disk,
            clock=clock,
            seen=self.seen,
            take_state=self._take_state,
            failed=_ignore,
            pruned=_ignore,
            settings=settings,
            runner=self.runners,
        )
        self.pipeline = Pipeline(
            decoder=new_decoder(10_000),
            admission=new_admission(),
            buckets=TokenBuckets(0, 1, clock),
            journal=self.journal,
            telemetry=self.telemetry,
            clock=clock,
        )

    async def open(self, recovery: Recovery) -> None:
        """Replay what there is and take events."""
        replay = Replay(live=self.live, seen=self.seen, structs=LOOSE)
        self.done = await replay.run(recovery, self.snapshotter)
        writer = LogWriter(
            storage=self.disk,
            clock=self.clock,
            start=recovery.start,
            apply=self.journal.apply,
            discard=self.journal.discard,
            runner=self.runners,
        )
        self.journal.attach(writer, self.snapshotter)
        self.journal.tick()

    async def send(self, *events: dict[str, object]) -> Outcome:
        """Return the verdicts on *events*."""
        body = json.dumps(events).encode()
        return await self.pipeline.ingest(body, ndjson=False, grant=ANYBODY)

    async def control(self, **operation: object) -> None:
        """Send an operation through the log."""
        await self.journal.control(operation, self.clock.wall())

    def total(self) -> float:
        """Return how many events `bot_events_total` counts."""
        return float(sum(row[1] for row in self.live.tables[0].rows.values()))

    def state(self) -> dict[str, Any]:
        """Return the whole state; what has no order is sorted."""
        state: dict[str, Any] = unpack(freeze(self.live))
        for table in state["tables"]:
            rows = zip(table.pop("keys"), table["rows"], strict=True)
            table["rows"] = sorted(rows, key=repr)
        for name in ("turns", "conversations", "sessions"):
            state[name] = _sorted(state[name])
        return state

    async def restarted(self) -> "CoreRig":
        """Return what the next process makes of the disk if this one is killed now."""
        return await open_core(copy.deepcopy(self.disk), self.clock)

    async def close(self) -> None:
        """Stop the task that applies; the state of the disk does not matter any more."""
        await self.journal.writer.close()

    def _take_state(self) -> tuple[bytes]:
        self.snapshots.append(self.total())
        return (freeze(self.live),)


async def open_core(
    disk: SimDisk | None = None,
    clock: ManualClock | None = None,
    settings: SnapshotSettings = NEVER,
) -> CoreRig:
    """Return the core as it goes on from what *disk* holds."""
    disk = disk or SimDisk()
    rig = CoreRig(disk, clock or ManualClock(), settings)
    await rig.open(recover(disk))
    return rig


async def while_running(work: asyncio.Task[Any], do: Callable[[], None]) -> None:
    """Call *do* at every turn of the loop until *work* is done."""
    while not work.done():
        do()
        await turns(1)
    await work


def _sorted(value: Any) -> Any:  # noqa: ANN401 - plain values of any depth
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in value.items()}
    return sorted(value, key=repr) if isinstance(value, list) else value


def _ignore(_: object) -> None:
    """Stand in for a callback nobody needs here."""
