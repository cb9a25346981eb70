"""The process: build, recover, serve, reload, drain, stop."""

import asyncio
import gc
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ssl import SSLContext

from ..catalog import own as names
from ..catalog.builtin import CATALOG
from ..catalog.extend import build as extended
from ..config.address import parse_address
from ..config.model import Config
from ..config.probe_files import read_probe_files
from ..config.web import load_web_config
from ..ingest.auth import Authenticator, digest, new_token
from ..ingest.http_connections import Address, Listener
from ..ingest.http_faults import FaultLog
from ..ingest.http_gate import ConnectionLimits
from ..metrics.exposition import Exposition
from ..metrics.own import OwnMetrics
from ..metrics.render import Renderer
from ..model.access import Grant, Scope
from ..model.layout import StorageLayout
from ..model.ports import TokenRecord
from ..store.tokens import SqliteTokens, first_token
from . import alerts_api
from .activation import Sockets, take_sockets
from .alerting import Alerting, Surroundings
from .clock import SystemClock
from .control import ControlServer
from .core import Core
from .doors import Behind, IngestParts, build_ingest
from .gauges import Gauges
from .health import Health
from .logs import Logger, configure, set_level
from .notify import Notifier
from .probing import ProbeSurroundings, Probing
from .reloading import Reloading
from .replay import Replayed
from .routes import InternalApi
from .runbooks import Runbooks
from .self_test import SelfTest, Stations
from .signs_of_life import SignsOfLife
from .tasks import Supervisor
from .telemetry import LineCounts, Telemetry
from .watch import LogWatch
from .web_security import BasicAuth, load_certificate, tls_context

try:
    from uvloop import new_event_loop
except ImportError:  # The extra `speed` is optional.
    from asyncio import new_event_loop  # type: ignore[assignment]

DRAIN_SECONDS = 10.0
INTERNAL_DRAIN_SECONDS = 1.0
# Bots wait so long in the backlog of an inherited socket; then they are told to come back.
HOLD_SECONDS = 5.0
# A request makes some 50 objects that die young; looking after every 700 costs a tenth.
GC_THRESHOLD = (50_000, 20, 100)
ANONYMOUS = Grant(name="anonymous", scopes=frozenset({Scope.INGEST}))


@dataclass(frozen=True, slots=True)
class Voice:
    """Where the exporter speaks: its logger, the count of lines, the service manager."""

    logger: Logger
    lines: LineCounts
    notifier: Notifier


class Exporter:
    """
    One running exporter. `start` it, wait for `stopping`, then `stop` it.

    Whoever makes it holds the lock of the storage directory until it has stopped.
    """

    def __init__(
        self, config: Config, load: Callable[[], Config], voice: Voice, sockets: Sockets
    ) -> None:
        self.stopping = asyncio.Event()
        self._config = config
        self._log = voice.logger
        self._lines = voice.lines
        self._notifier = voice.notifier
        self._sockets = sockets
        self._clock = SystemClock()
        self._layout = StorageLayout(config.storage.path)
        catalog = extended(CATALOG, config.catalog)
        self._own = OwnMetrics(catalog.metrics)
        self._telemetry = Telemetry(self._own)
        self._web = load_web_config(config.web.config_file)
        self._tls = tls_context(self._web.tls_server_config)
        others = frozenset({alerts_api.PATH} if config.alerting.require_token else ())
        self._auth = BasicAuth(self._web.basic_auth_users, others=others)
        self._core = Core(config, catalog, self._own, self._clock)
        self._gauges = Gauges(self._own, config)
        self._health = Health()
        self._faults = FaultLog(self._log, self._clock)
        self._tokens = SqliteTokens(self._layout.operations)
        anonymous = None if config.ingest.require_token else ANONYMOUS
        self._authenticator = Authenticator(self._tokens, self._clock, anonymous=anonymous)
        self._alerting = self._build_alerting()
        self._probing = self._build_probing()
        if self._alerting.teller.is_needed:
            self._core.journal.told = self._alerting.teller.durable
        self.reloading = Reloading(
            self._load_all(load), current=config, on_change=self._changed, clock=self._clock
        )
        self.reloading.report_to(self._own, self._log, self._notifier)
        self._supervisor = Supervisor(self._log, on_restart=self._restarted)
        self._ingest = self._build_ingest()
        self._renderer = Renderer(self._core.live, self._own)
        self._self_test = self._build_self_test()
        self._public = Listener(
            limits=self._ingest.limits, faults=self._faults, telemetry=self._telemetry
        )
        self._internal = Listener(limits=ConnectionLimits(), faults=self._faults)
        self._control = self._build_control()

    @property
    def ports(self) -> tuple[int, int]:
        """Return the ports of the public and of the internal listener."""
        return self._public.port, self._internal.port

    async def start(self) -> None:
        """
        Open the listeners, recover, and take events.

        Raises:
            ExporterError: the configuration or the data cannot be used.
            OSError: an address cannot be used.
        """
        self._notifier.starting()
        self._first_token()
        self._gauges.plan(self._config)
        await self._authenticator.refresh()
        await self._alerting.open()
        await self._internal.start(
            self._internal_api().make_app(),
            _address(self._config.web.listen_address, self._sockets.internal, self._tls),
        )
        if self._sockets.public is None:
            await self._open_public()
        await self._control.start()
        recovery = asyncio.create_task(self._recover(), name="recovery")
        if self._sockets.public is not None:
            await asyncio.wait({recovery}, timeout=HOLD_SECONDS)
            if not recovery.done() or recovery.exception() is None:
                await self._open_public()
        self._say_ready(await recovery)

    async def _open_public(self) -> None:
        api = self._ingest.api
        address = _address(self._config.ingest.listen_address, self._sockets.public)
        app = api.make_app()
        self._alerting.ack.add_to(app)
        self._probing.callbacks.add_to(app)
        self._self_test.add_to(app)
        await self._public.start(app, address, desk=api)

    async def _recover(self) -> Replayed:
        """Continue where the last process ended, and take events from then on."""
        done = await self._core.open(self._telemetry)
        self._start_tasks()
        # A full disk must not keep the exporter from answering; housekeeping tries again.
        await self._core.try_reconcile()
        # What lives since the start lives to the end; the collector need not look at it again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLD)
        self._health.become_ready()
        return done

    async def stop(self) -> None:
        """Answer what is under way, store and apply it, save the state, and end."""
        self._health.stop()
        self._notifier.stopping()
        self._log.info("stopping")
        cut = await self._public.drain(DRAIN_SECONDS)
        await self._control.stop()
        await self._supervisor.stop()
        await self._core.close()
        await self._internal.drain(INTERNAL_DRAIN_SECONDS)
        await self._alerting.close()
        self._ingest.bodies.close()
        self._authenticator.close()
        self._auth.close()
        self._tokens.close()
        self._log.info("stopped", connections_cut=cut)

    def _build_ingest(self) -> IngestParts:
        return build_ingest(
            self._config,
            Behind(
                catalog=self._core.catalog,
                structs=self._core.structs,
                journal=self._core.journal,
                authenticator=self._authenticator,
                telemetry=self._telemetry,
                faults=self._faults,
                health=self._health,
                clock=self._clock,
            ),
        )

    def _build_alerting(self) -> Alerting:
        return Alerting(
            self._config,
            Surroundings(
                catalog=self._core.catalog,
                structs=self._core.all_structs,
                layout=self._layout,
                authenticator=self._authenticator,
                own=self._own,
                clock=self._clock,
                log=self._log,
            ),
        )

    def _build_probing(self) -> Probing:
        signs = SignsOfLife(self._core.live, now=self._core.now_elapsed, clock=self._clock)
        around = ProbeSurroundings(own=self._own, signs=signs, clock=self._clock, log=self._log)
        return Probing(self._config, around)

    def _build_self_test(self) -> SelfTest:
        journal, live = self._core.journal, self._core.live
        return SelfTest(
            Stations(
                url=lambda: self._public.url,
                rehearse=self._ingest.pipeline.rehearse,
                store=lambda operation: journal.control(operation, self._clock.wall()),
                arrived=lambda: live.self_tested,
                render=lambda: next(self._renderer.pieces(0.0, openmetrics=False)),
                is_ready=lambda: self._health.is_ready,
            ),
            own=self._own,
            clock=self._clock,
            log=self._log,
        )

    def _build_control(self) -> ControlServer:
        return ControlServer(
            self._layout.control_socket,
            tokens=self._tokens,
            refresh=self._authenticator.refresh,
            reload=self.reloading.reload_from_thread,
            is_ready=lambda: self._health.is_ready,
            faults=self._faults,
            log=self._log,
        )

    def _internal_api(self) -> InternalApi:
        exposition = Exposition(
            self._renderer,
            self._own,
            now=self._core.now_elapsed,
            refresh=self._refresh,
        )
        return InternalApi(
            health=self._health,
            metrics=exposition.handle,
            reload=self.reloading.reload if self._config.web.enable_lifecycle else None,
            bots=lambda: len(self._core.live.guard.bots),
            auth=self._auth,
            ingest_address=self._sockets.public_address or self._config.ingest.listen_address,
            more=(self._alerting.api, Runbooks(), self._probing.page),
        )

    def _start_tasks(self) -> None:
        watch = LogWatch(self._core, self._log, give_up=self.stopping.set)
        self._supervisor.start("housekeeping", self._core.keep)
        self._supervisor.start("tokens", lambda: self._authenticator.run(self._token_trouble))
        self._supervisor.start("log_watch", watch.run)
        self._supervisor.start("watchdog", self._notifier.keep_alive)
        interval = self._config.self_test.interval_seconds
        self._supervisor.start("self_test", lambda: self._self_test.run(interval))
        self._alerting.start(self._supervisor)
        self._probing.start(self._supervisor)

    def _changed(self, _old: Config, new: Config) -> None:
        """Take over what may change while running; the log-ordered part follows on the loop."""
        rate = new.ingest.rate_limit
        self._ingest.buckets.configure(rate.events_per_second, rate.burst)
        self._ingest.rules.keep_text = new.privacy.text == "keep"
        set_level(new.logging.level)
        self._gauges.plan(new)
        self._probing.configure(new)
        self._core.want(new)

    def _load_all(self, load: Callable[[], Config]) -> Callable[[], Config]:
        """Return a loader that takes renewed certificates and secrets over as well."""
        loop = asyncio.get_running_loop()

        def load_all() -> Config:
            config = load()
            files = read_probe_files(config.probes)
            loop.call_soon_threadsafe(self._probing.take_files, files)
            if self._tls is not None and self._web.tls_server_config is not None:
                load_certificate(self._tls, self._web.tls_server_config)
            return config

        return load_all

    def _refresh(self) -> None:
        core = self._core
        self._lines.copy_to(self._own)
        self._gauges.live(core.live)
        self._gauges.maintenance(self._clock.wall())
        self._gauges.log(core.journal.writer, core.storage)
        self._gauges.ids(core.seen)
        self._gauges.snapshots(core.snapshotter)
        self._probing.refresh()

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

    def _say_ready(self, done: Replayed) -> None:
        self._log.info(
            "ready",
            replayed_frames=done.frames,
            replayed_events=done.events,
            skipped_events=done.skipped,
            retired_metrics=list(done.retired),
            ingest_port=self._public.port,
            web_port=self._internal.port,
            inherited_sockets=self._sockets.names,
        )
        self._notifier.ready()

    def _token_trouble(self, error: Exception) -> None:
        self._log.error("tokens_unreadable", why=str(error))

    def _restarted(self, task: str) -> None:
        self._own.add(names.TASK_RESTARTS, task)


async def serve(config: Config, load: Callable[[], Config], voice: Voice, sockets: Sockets) -> int:
    """Run until SIGTERM or SIGINT; SIGHUP reloads. Return the exit code."""
    exporter = Exporter(config, load, voice, sockets)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, exporter.stopping.set)
    # Without a handler it would end a process that reads its log.
    loop.add_signal_handler(signal.SIGHUP, exporter.reloading.reload_soon)
    await exporter.start()
    await exporter.stopping.wait()
    await exporter.stop()
    return 0


def run(config: Config, load: Callable[[], Config]) -> int:
    """
    Run an exporter in this process until it is told to stop; return the exit code.

    Args:
        config: What to start with.
        load: Reads the configuration again, for a reload.

    Raises:
        ExporterError: the configuration or the data cannot be used.
        OSError: an address cannot be used.
    """
    clock = SystemClock()
    lines = LineCounts()
    logger = configure(config.logging.level, config.logging.format, lines.add, clock)
    voice = Voice(logger, lines, Notifier(os.environ, logger, clock))
    sockets = take_sockets(os.environ)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(serve(config, load, voice, sockets))


def _address(text: str, sock: socket.socket | None, tls: SSLContext | None = None) -> Address:
    """Return where to listen: on the inherited socket, else at the address."""
    parsed = parse_address(text)
    return Address(host=parsed.host, port=parsed.port, sock=sock, tls=tls)
