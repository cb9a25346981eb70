"""Gauges that are read right before a scrape instead of being counted all the time."""

import os
import platform

from .. import __version__
from ..catalog import own as names
from ..catalog.metrics_operations import EXPECTED_SILENCE, MAINTENANCE
from ..config.maintenance import Maintenance, maintained
from ..config.model import Bot, Config
from ..log.keeper import Snapshotter
from ..log.seen import Seen
from ..log.storage import Storage
from ..log.writer import LogWriter
from ..metrics.engine import LiveMetrics
from ..metrics.own import OwnMetrics


class Gauges:
    """Copies the state of the parts into the exporter's own metrics."""

    def __init__(self, own: OwnMetrics, config: Config) -> None:
        self._own = own
        self._windows: tuple[Maintenance, ...] = ()
        self._bots: list[str] = []
        own.set(
            names.BUILD_INFO,
            1,
            __version__,
            os.environ.get("BOT_EXPORTER_REVISION", "unknown"),
            platform.python_version(),
        )
        own.set(names.LOG_LIMIT, config.log.max_bytes)

    def expect(self, bots: tuple[Bot, ...]) -> None:
        """Show the configured silences; bots without one have no series."""
        self._own.clear(EXPECTED_SILENCE)
        for bot in bots:
            if bot.expected_silence_seconds is not None:
                self._own.set(EXPECTED_SILENCE, bot.expected_silence_seconds, bot.name)

    def plan(self, config: Config) -> None:
        """Take over what is configured about bots; `maintenance` then follows the clock."""
        self.expect(config.bots)
        self._own.clear(MAINTENANCE)
        self._windows = config.maintenance
        self._bots = [bot.name for bot in config.bots]

    def maintenance(self, at: float) -> None:
        """Show for each registered bot whether it is under maintenance at *at*."""
        for bot, is_on in maintained(self._windows, self._bots, at).items():
            self._own.set(MAINTENANCE, int(is_on), bot)

    def live(self, live: LiveMetrics) -> None:
        """Copy the numbers of rows and trackers."""
        own = self._own
        for name, rows, limit in live.series():
            own.set(names.SERIES, rows, name)
            own.set(names.SERIES_LIMIT, limit, name)
        own.set(names.TURNS_PENDING, len(live.turns))
        own.set(names.BOTS, len(live.guard.bots))

    def log(self, writer: LogWriter, storage: Storage) -> None:
        """Copy what the log knows of itself."""
        own = self._own
        own.set(names.LOG_SIZE, writer.log_bytes)
        own.set(names.LOG_SEGMENTS, writer.segments)
        own.set(names.LOG_QUEUE, writer.queued_bytes)
        own.set(names.LOG_COMMITS, writer.commits)
        own.set(names.LOG_COMMIT_FAILURES, writer.failed_commits)
        own.set(names.LOG_WRITTEN, writer.synced_bytes)
        own.set(names.LOG_AVAILABLE, int(writer.unavailable is None))
        own.set(names.DISK_FREE, storage.free_bytes())
        own.set(names.DISK_SIZE, storage.total_bytes())

    def ids(self, seen: Seen) -> None:
        """Copy what deduplication remembers."""
        self._own.set(names.DEDUPE_IDS, seen.ids)
        self._own.set(names.DEDUPE_WINDOW, seen.window_seconds())

    def snapshots(self, snapshotter: Snapshotter) -> None:
        """Copy when the state was last saved."""
        if snapshotter.last_snapshot_at is not None:
            self._own.set(names.SNAPSHOT_TIMESTAMP, snapshotter.last_snapshot_at)
        self._own.set(names.SNAPSHOT_FAILURES, snapshotter.failures)
