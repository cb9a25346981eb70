"""The internal listener: metrics, health, administration. Bots cannot reach it."""

from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from aiohttp import web

from ..config.reload import ReloadOutcome, ReloadResult
from .health import Health
from .landing import STYLE, landing_page
from .web_security import BasicAuth

RETRY_AFTER_SECONDS = "1"


def _security_headers() -> dict[str, str]:
    style = b64encode(sha256(STYLE.encode()).digest()).decode()
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{style}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }


class Routes(Protocol):
    """More to serve."""

    def add_to(self, app: web.Application) -> None:
        """Serve it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalApi:
    """
    What the internal listener needs to answer.

    *reload* is None when the operator turned lifecycle requests off; *more* brings its own routes.
    """

    health: Health
    metrics: Callable[[web.Request], Awaitable[web.Response]]
    reload: Callable[[], Awaitable[ReloadResult]] | None
    bots: Callable[[], int]
    auth: BasicAuth
    ingest_address: str
    more: Sequence[Routes] = ()

    def make_app(self) -> web.Application:
        """Return the application."""
        app = web.Application(middlewares=[self.auth.middleware])
        app.router.add_get("/", self._landing)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/-/healthy", self._healthy)
        app.router.add_get("/-/ready", self._ready)
        app.router.add_post("/-/reload", self._reload)
        app.router.add_put("/-/reload", self._reload)
        for routes in self.more:
            routes.add_to(app)
        return app

    async def _landing(self, _request: web.Request) -> web.Response:
        page = landing_page(
            state=self.health.stage.value,
            why=self.health.why,
            bots=self.bots(),
            ingest_address=self.ingest_address,
        )
        return web.Response(text=page, content_type="text/html", headers=_security_headers())

    async def _metrics(self, request: web.Request) -> web.Response:
        # Half-restored counters would look like a reset to Prometheus.
        if not self.health.serves:
            return self._unavailable()
        return await self.metrics(request)

    async def _healthy(self, _request: web.Request) -> web.Response:
        return web.Response(text="bot_exporter is alive.\n")

    async def _ready(self, _request: web.Request) -> web.Response:
        if not self.health.is_ready:
            return self._unavailable()
        return web.Response(text="bot_exporter is ready.\n")

    async def _reload(self, _request: web.Request) -> web.Response:
        if self.reload is None:
            return web.Response(
                status=403, text="Reloading is turned off; set web.enable_lifecycle.\n"
            )
        result = await self.reload()
        if result.outcome is ReloadOutcome.SUCCESS:
            changed = ", ".join(result.changed) or "nothing changed"
            return web.Response(text=f"Reloaded: {changed}.\n")
        problems = "\n".join(str(problem) for problem in result.problems)
        return web.Response(status=400, text=f"The old configuration stays:\n{problems}\n")

    def _unavailable(self) -> web.Response:
        return web.Response(
            status=503,
            text=f"bot_exporter is {self.health.stage.value}: {self.health.why}.\n",
            headers={"Retry-After": RETRY_AFTER_SECONDS},
        )
