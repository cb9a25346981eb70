"""The process: build, recover, serve, reload, drain, stop."""

import asyncio
import os
import signal
from collections.abc import Callable

from ..catalog import own as names
from ..catalog.builtin import CATALOG
from ..catalog.extend import build as extended
from ..config.address import parse_address
from ..config.model import Config
from ..config.reload import Reloader, ReloadOutcome, ReloadResult
from ..ingest.auth import Authenticator, digest, new_token
from ..ingest.http_connections import Address, Listener
from ..ingest.http_faults import FaultLog
from ..ingest.http_gate import ConnectionLimits
from ..log.storage import lock_directory
from ..metrics.exposition import Exposition
from ..metrics.own import OwnMetrics
from ..metrics.render import Renderer
from ..model.access import Grant, Scope
from ..model.layout import StorageLayout
from ..model.ports import TokenRecord
from ..store.tokens import SqliteTokens, first_token
from .clock import SystemClock
from .control import ControlServer
from .core import Core
from .doors import Behind, IngestParts, build_ingest
from .gauges import Gauges
from .health import Health
from .logs import Logger, set_level
from .routes import InternalApi
from .tasks import Supervisor
from .telemetry import Telemetry

DRAIN_SECONDS = 10.0
LOG_CHECK_SECONDS = 1.0


class Exporter:
    """One running exporter. `start` it, wait for `stopping`, then `stop` it."""

    def __init__(self, config: Config, load: Callable[[], Config], log: Logger) -> None:
        self.stopping = asyncio.Event()
        self._config = config
        self._log = log
        self._clock = SystemClock()
        self._layout = StorageLayout(config.storage.path)
        self._lock = lock_directory(self._layout.root)
        catalog = extended(CATALOG, config.catalog)
        self._own = OwnMetrics(catalog.metrics)
        self.telemetry = Telemetry(self._own)
        self._core = Core(config, catalog, self._own, self._clock)
        self._gauges = Gauges(self._own, config)
        self._health = Health()
        self._faults = FaultLog(log, self._clock)
        self._tokens = SqliteTokens(self._layout.operations)
        anonymous = None if config.ingest.require_token else ANONYMOUS
        self._authenticator = Authenticator(self._tokens, self._clock, anonymous=anonymous)
        self._reloader = Reloader(
            load=load, current=config, on_change=self._changed, clock=self._clock
        )
        self._supervisor = Supervisor(log, on_restart=self._restarted)
        self._ingest = self._build_ingest()
        self._exposition = Exposition(
            Renderer(self._core.live, self._own),
            self._own,
            now=self._core.now_elapsed,
            refresh=self._refresh,
        )
        self._public = Listener(
            limits=self._ingest.limits, faults=self._faults, telemetry=self.telemetry
        )
        self._internal = Listener(limits=ConnectionLimits(), faults=self._faults)
        self._control = ControlServer(
            self._layout.control_socket,
            tokens=self._tokens,
            refresh=self._authenticator.refresh,
            reload=self.reload,
            is_ready=lambda: self._health.is_ready,
            faults=self._faults,
        )

    async def start(self) -> None:
        """
        Open the listeners, recover, and take events.

        Raises:
            ExporterError: the configuration or the data cannot be used.
            OSError: an address cannot be used.
        """
        self._first_token()
        await self._authenticator.refresh()
        internal = InternalApi(
            health=self._health,
            metrics=self._exposition.handle,
            reload=self.reload if self._config.web.enable_lifecycle else None,
            bots=lambda: len(self._core.live.guard.bots),
            ingest_address=self._config.ingest.listen_address,
        )
        await self._internal.start(internal.make_app(), _address(self._config.web.listen_address))
        await self._public.start(
            self._ingest.api.make_app(), _address(self._config.ingest.listen_address)
        )
        await self._control.start()
        done = await self._core.open(self.telemetry)
        self._gauges.expect(self._config.bots)
        self._note_reload()
        self._supervisor.start("housekeeping", self._core.keep)
        self._supervisor.start("tokens", lambda: self._authenticator.run(self._token_trouble))
        self._supervisor.start("log_watch", self._watch_log)
        await self._reconcile()
        self._health.become_ready()
        self._log.info(
            "ready",
            replayed_frames=done.frames,
            replayed_events=done.events,
            skipped_events=done.skipped,
            retired_metrics=list(done.retired),
            ingest_port=self._public.port,
            web_port=self._internal.port,
        )

    async def stop(self) -> None:
        """Answer what is under way, store and apply it, save the state, and end."""
        self._health.stop()
        self._log.info("stopping")
        cut = await self._public.drain(DRAIN_SECONDS)
        await self._control.stop()
        await self._supervisor.stop()
        await self._core.close()
        await self._internal.drain(1.0)
        self._ingest.bodies.close()
        self._authenticator.close()
        self._tokens.close()
        os.close(self._lock)
        self._log.info("stopped", connections_cut=cut)

    def reload(self) -> ReloadResult:
        """Read the configuration again; a bad one changes nothing but two gauges and the log."""
        result = self._reloader.reload()
        self._note_reload()
        if result.outcome is ReloadOutcome.SUCCESS:
            self._log.info("config_reloaded", changed=list(result.changed))
        else:
            self._log.error(
                "config_reload_failed", problems=[str(problem) for problem in result.problems]
            )
        return result

    def _build_ingest(self) -> IngestParts:
        return build_ingest(
            self._config,
            Behind(
                catalog=self._core.catalog,
                structs=self._core.structs,
                journal=self._core.journal,
                authenticator=self._authenticator,
                telemetry=self.telemetry,
                faults=self._faults,
                health=self._health,
                clock=self._clock,
            ),
        )

    def _changed(self, _old: Config, new: Config) -> None:
        """Take over what may change while running; the log-ordered part follows on the loop."""
        rate = new.ingest.rate_limit
        self._ingest.buckets.configure(rate.events_per_second, rate.burst)
        self._ingest.rules.keep_text = new.privacy.text == "keep"
        set_level(new.logging.level)
        self._gauges.expect(new.bots)
        self._core.want(new)

    def _note_reload(self) -> None:
        self._own.set(names.CONFIG_OK, int(self._reloader.last_successful))
        self._own.set(names.CONFIG_TIMESTAMP, self._reloader.last_success_timestamp)
        for outcome, count in self._reloader.counts.items():
            self._own.set(names.CONFIG_RELOADS, count, outcome.value)

    async def _reconcile(self) -> None:
        # A full disk must not keep the exporter from answering; housekeeping tries again.
        await self._core.try_reconcile()

    def _refresh(self) -> None:
        core = self._core
        self._gauges.live(core.live)
        self._gauges.log(core.journal.writer, core.storage)
        self._gauges.ids(core.seen)
        self._gauges.snapshots(core.snapshotter)

    def _first_token(self) -> None:
        secret = new_token()
        record = TokenRecord(
            name="default",
            digest=digest(secret),
            scopes=frozenset({Scope.INGEST}),
            bots=frozenset(),
            created_at=self._clock.wall(),
        )
        path = first_token(self._tokens, self._layout.root, secret=secret, record=record)
        if path is not None:
            self._log.info("first_token_created", file=str(path), scopes=["ingest"])

    async def _watch_log(self) -> None:
        """Tell when the log stops and starts to take events, once each; fail when it broke."""
        was_available = True
        while True:
            await asyncio.sleep(LOG_CHECK_SECONDS)
            writer = self._core.journal.writer
            available = writer.unavailable is None and writer.broken is None
            if available != was_available:
                if available:
                    self._log.info("event_log_available")
                else:
                    self._log.error("event_log_unavailable", why=str(writer.unavailable))
                was_available = available
            if self._core.snapshot_error is not None:
                self._log.error("snapshot_failed", why=str(self._core.snapshot_error))
                self._core.snapshot_error = None
            if writer.broken is not None:
                # Counters would fall behind the log: only a restart, which replays it, helps.
                self._log.error("event_log_broken", error_type=type(writer.broken).__name__)
                self.stopping.set()
                return

    def _token_trouble(self, error: Exception) -> None:
        self._log.error("tokens_unreadable", why=str(error))

    def _restarted(self, task: str) -> None:
        self._own.add(names.TASK_RESTARTS, task)


ANONYMOUS = Grant(name="anonymous", scopes=frozenset({Scope.INGEST}))


async def serve(config: Config, load: Callable[[], Config], log: Logger) -> int:
    """Run until SIGTERM or SIGINT; SIGHUP reloads. Return the exit code."""
    exporter = Exporter(config, load, log)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, exporter.stopping.set)
    loop.add_signal_handler(signal.SIGHUP, exporter.reload)
    await exporter.start()
    await exporter.stopping.wait()
    await exporter.stop()
    return 0


def _address(text: str) -> Address:
    parsed = parse_address(text)
    return Address(host=parsed.host, port=parsed.port)
