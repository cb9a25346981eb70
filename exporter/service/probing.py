"""Builds the checks from outside from the configuration, and keeps them running."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from ..config.model import Config
from ..config.probe_files import read_probe_files
from ..config.probe_targets import parse_allowed
from ..config.probes import with_defaults
from ..metrics.own import OwnMetrics
from ..model.ports import Clock
from ..probes.attempt import Attempts
from ..probes.build import Workshop
from ..probes.names import NameResolver
from ..probes.page import ProbePage
from ..probes.prober import Prober
from ..probes.record import Record
from ..probes.webhook import PATH, Callbacks, WayBack
from .logs import Logger
from .planned_work import PlannedWork
from .signs_of_life import SignsOfLife
from .tasks import Supervisor


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSurroundings:
    """What checks share with the rest of the exporter."""

    own: OwnMetrics
    signs: SignsOfLife
    clock: Clock
    log: Logger


class Probing:
    """
    Prober, ``/probe`` and the way back of webhooks. `start` it; `configure` it at a reload.

    Raises:
        ConfigError: a file that the configuration names cannot be used.
    """

    def __init__(self, config: Config, around: ProbeSurroundings) -> None:
        self._around = around
        self._config = config
        self._files: Mapping[str, str] = read_probe_files(config.probes)
        self._callbacks = Callbacks()
        self._resolver = NameResolver()
        self._work = PlannedWork(around.clock)
        attempts = Attempts(clock=around.clock, log=around.log)
        self.page = ProbePage(attempts)
        self.prober = Prober(
            attempts=attempts,
            record=Record(around.own),
            clock=around.clock,
            is_maintained=self._work.concerns,
        )
        self.configure(config)

    @property
    def callbacks(self) -> "CallbackPage":
        """Return the route of the public listener."""
        return CallbackPage(self._callbacks)

    def start(self, supervisor: Supervisor) -> None:
        """Start what runs in the background."""
        supervisor.start("probes", self.prober.run)

    def configure(self, config: Config) -> None:
        """Take over another configuration; the files it names were read before."""
        self._config = config
        self._work.plan(config.maintenance)
        probes = config.probes
        workshop = Workshop(
            resolver=self._resolver,
            clock=self._around.clock,
            last_seen=self._around.signs.last,
            back=WayBack(probes.callback_url, self._callbacks),
            allowed=parse_allowed(probes.allow),
            files=self._files,
        )
        self.prober.configure(probes, workshop)
        self.page.configure(with_defaults(probes.modules), workshop)

    def take_files(self, files: Mapping[str, str]) -> None:
        """Take over what the files of a configuration that was read again hold."""
        # The old ones stay: that configuration may be refused, and then they are still needed.
        self._files = {**self._files, **files}
        self.configure(self._config)

    def refresh(self) -> None:
        """Bring the gauges up to date before a scrape."""
        self.prober.refresh()


@dataclass(frozen=True, slots=True)
class CallbackPage:
    """The requests by which bots answer to a webhook check."""

    callbacks: Callbacks

    def add_to(self, app: web.Application) -> None:
        """Serve the route."""
        app.router.add_route("*", PATH + "{name}", self._handle)

    async def _handle(self, request: web.Request) -> web.Response:
        # Without an id that is waited for there is nothing to see, and nothing to change.
        known = self.callbacks.arrived(request.match_info["name"])
        return web.Response(status=204 if known else 404)
