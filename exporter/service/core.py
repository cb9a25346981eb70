"""The durable core: live metrics, the log they are a function of, and the memory of ids."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from ..catalog.build import event_structs
from ..catalog.own import LOG_DAMAGED, LOG_SKIPPED, RECOVERY_DURATION
from ..catalog.spec import Catalog, Source
from ..config.model import Config, Limits
from ..log.commit import LogSettings
from ..log.keeper import SnapshotSettings, Snapshotter
from ..log.recover import recover, refuse_newer
from ..log.seen import Seen
from ..log.storage import DiskStorage
from ..log.tiers import SeenSettings
from ..log.writer import LogWriter
from ..metrics.engine import EngineSettings, LiveMetrics
from ..metrics.own import OwnMetrics
from ..metrics.state import freeze
from ..model.errors import StorageError
from ..model.layout import StorageLayout
from ..model.ports import Clock
from .journal import EventJournal
from .replay import Replay, Replayed
from .telemetry import Telemetry

SWEEP_SECONDS = 3600.0
RECONCILE_SECONDS = 5.0
DEFAULT_SERIES = Limits().series_per_metric  # What the families' own limits stand for.
TICK_SECONDS = 1.0


class Core:
    """Everything whose state must survive, from opening the directory to closing it."""

    def __init__(self, config: Config, catalog: Catalog, own: OwnMetrics, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._own = own
        self.catalog = catalog
        self.structs = event_structs(catalog, strict=True)
        self._stored = event_structs(catalog, strict=False)
        self.all_structs = (self.structs, self._stored)
        times = config.conversations
        self.live = LiveMetrics(
            catalog,
            (self.structs, self._stored),
            own,
            EngineSettings(
                conversation_seconds=times.active_seconds,
                session_seconds=times.session_active_seconds,
                turn_timeout_seconds=times.turn_timeout_seconds,
                late_seconds=times.late_seconds,
            ),
        )
        self.storage = DiskStorage(StorageLayout(config.storage.path).log)
        # First of all: the memory of ids puts damaged files aside as soon as it opens.
        refuse_newer(self.storage)
        self.seen = Seen(
            self.storage,
            clock,
            SeenSettings(
                max_ids=config.dedupe.max_ids, retention_seconds=config.dedupe.retention_seconds
            ),
        )
        self.journal = EventJournal(live=self.live, own=own, seen=self.seen)
        self.snapshotter = Snapshotter(
            storage=self.storage,
            clock=clock,
            seen=self.seen,
            take_state=lambda: (freeze(self.live),),
            failed=self._snapshot_failed,
            pruned=self._pruned,
            settings=SnapshotSettings(
                seconds=config.log.snapshot_seconds, events=config.log.snapshot_events
            ),
        )
        self.snapshot_error: Exception | None = None
        self._swept_at = clock.monotonic()
        self._reconciled_at = clock.monotonic()

    async def open(self, telemetry: Telemetry) -> Replayed:
        """
        Read what is there and open the log.

        Raises:
            StorageError: the directory cannot be used, or belongs to a newer version.
            CatalogError: a family changed under its old name.
        """
        began = self._clock.monotonic()
        recovery = await asyncio.to_thread(recover, self.storage)
        replay = Replay(
            live=self.live, seen=self.seen, structs=self._stored, told=self.journal.told
        )
        done = await replay.run(recovery, self.snapshotter)
        settings = self._config.log
        writer = LogWriter(
            storage=self.storage,
            clock=self._clock,
            start=recovery.start,
            apply=self.journal.settle,
            discard=self.journal.discard,
            observe_sync=telemetry.synced,
            settings=LogSettings(
                max_bytes=settings.max_bytes,
                segment_bytes=settings.segment_bytes,
                segment_seconds=settings.segment_seconds,
                queue_bytes=self._config.ingest.queue_bytes,
                # By then two snapshots cover it, and nothing is left to compress.
                compress_after_seconds=3 * settings.snapshot_seconds,
            ),
        )
        self.journal.attach(writer, self.snapshotter)
        self.journal.tick()
        self.snapshotter.warm()
        self._own.add(LOG_DAMAGED, by=len(recovery.damaged) + recovery.snapshots_damaged)
        self._own.add(LOG_SKIPPED, by=done.skipped)
        self._own.set(RECOVERY_DURATION, self._clock.monotonic() - began)
        return done

    async def close(self) -> None:
        """Store and apply what is queued, save the state, and give the files back."""
        await self.journal.writer.close()
        await self.snapshotter.finish()

    async def reconcile(self, config: Config) -> None:
        """
        Bring limits and registered bots to what the configuration says, through the log.

        Raises:
            StorageError: the log takes nothing now; call it again later.
        """
        self._config = config
        for operation in self._differences(config):
            await self.journal.control(operation, self._clock.wall())

    async def try_reconcile(self) -> None:
        """Reconcile with what is wanted now; where the log takes nothing, `keep` tries again."""
        with contextlib.suppress(StorageError):
            await self.reconcile(self._config)

    def want(self, config: Config) -> None:
        """Take note of another configuration; `keep` reconciles within a second."""
        self._config = config
        self._reconciled_at = float("-inf")

    async def keep(self) -> None:
        """Let time pass, sweep idle rows every hour, and reconcile until it is done."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = self._clock.monotonic()
            self.journal.tick()
            try:
                if now - self._swept_at >= SWEEP_SECONDS:
                    await self.journal.control({"op": "sweep"}, self._clock.wall())
                    self._swept_at = now
                if now - self._reconciled_at >= RECONCILE_SECONDS:
                    self._reconciled_at = now
                    await self.reconcile(self._config)
            except StorageError:
                continue  # The log says why, in its own gauge and line; the next turn tries again.

    def _differences(self, config: Config) -> list[Mapping[str, Any]]:
        operations: list[Mapping[str, Any]] = []
        limits = wanted_limits(config, self.catalog)
        current = self.live.guard.limits
        if (current.labels, current.metrics) != (limits["labels"], limits["metrics"]):
            operations.append({"op": "limits", "limits": limits})
        bots = {bot.name: list(bot.platforms) for bot in config.bots}
        if self.live.registered() != bots:
            operations.append({"op": "register", "bots": bots})
        return operations

    def now_elapsed(self) -> float:
        """Return the log time in seconds."""
        return self.journal.writer.now_elapsed()

    def _pruned(self, numbers: Sequence[int]) -> None:
        self.journal.writer.pruned(numbers)

    def _snapshot_failed(self, error: Exception) -> None:
        self.snapshot_error = error


def wanted_limits(config: Config, catalog: Catalog) -> dict[str, dict[str, int]]:
    """Return the limits the configuration asks for, by label and by metric."""
    most = config.limits.series_per_metric
    metrics = {
        metric.name: most
        for metric in catalog.metrics
        if metric.source in (Source.EVENTS, Source.TURNS) and most != DEFAULT_SERIES
    }
    return {
        "labels": {"bot": config.limits.bots, **config.limits.labels},
        "metrics": {**metrics, **config.limits.metrics},
    }
