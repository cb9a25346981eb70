"""``GET /probe?target=&module=``: one run on request, answered with gauges, as blackbox does."""

from collections.abc import Mapping

from aiohttp import web

from ..config.probes import Module
from .attempt import Attempts
from .build import Workshop
from .gauges import exposition
from .notes import Notes
from .outcome import FailedError, Outcome

PATH = "/probe"
DEFAULT_MODULE = "http_2xx"
MOST_AT_ONCE = 50
MARGIN_SECONDS = 0.5  # Prometheus gives up at its own timeout; the answer must be there before.
SCRAPE_TIMEOUT = "X-Prometheus-Scrape-Timeout-Seconds"
SHORTEST_SECONDS = 0.05
LONGEST_TARGET = 2048


class ProbePage:
    """Answers requests; targets come from whoever asks, so only what is opened is reached."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts
        self._modules: Mapping[str, Module] = {}
        self._workshop: Workshop | None = None
        self._running = 0

    def configure(self, modules: Mapping[str, Module], workshop: Workshop) -> None:
        """Take over *modules*, the defaults among them."""
        self._modules = modules
        self._workshop = workshop

    def add_to(self, app: web.Application) -> None:
        """Serve it."""
        app.router.add_get(PATH, self.handle)

    async def handle(self, request: web.Request) -> web.Response:
        """Run the module against the target."""
        name = request.query.get("module", DEFAULT_MODULE)
        target = request.query.get("target", "")
        module = self._modules.get(name)
        if module is None:
            known = ", ".join(sorted(self._modules))
            return _refusal(400, f"There is no such module; known are: {known}.")
        if not target or len(target) > LONGEST_TARGET:
            return _refusal(400, "The parameter target is missing or too long.")
        if self._running >= MOST_AT_ONCE:
            return _refusal(503, f"{MOST_AT_ONCE} probes are under way; try again later.")
        self._running += 1
        try:
            return await self._answer(request, module, target)
        finally:
            self._running -= 1

    async def _answer(self, request: web.Request, module: Module, target: str) -> web.Response:
        assert self._workshop is not None  # noqa: S101 - the modules came with it
        try:
            probe = self._workshop.module(module, target)
        except FailedError as error:
            return _refusal(400, f"This target cannot be probed: {error.detail}.")
        timeout = _timeout(request, module)
        outcome, notes = await self._attempts.noted(probe, timeout_seconds=timeout)
        text = exposition(
            outcome,
            module.kinds[0],
            took=outcome.duration_seconds,
            timeout_seconds=timeout,
        )
        if request.query.get("debug") == "true":
            text = _debug(outcome, notes, text)
        return web.Response(text=text, headers={"Cache-Control": "no-store"})


def _timeout(request: web.Request, module: Module) -> float:
    try:
        allowed = float(request.headers.get(SCRAPE_TIMEOUT, "")) - MARGIN_SECONDS
    except ValueError:
        return module.timeout_seconds
    if not allowed > 0:
        return min(module.timeout_seconds, SHORTEST_SECONDS)
    return min(module.timeout_seconds, allowed)


def _debug(outcome: Outcome, notes: Notes, text: str) -> str:
    """Return what people want to know; neither the target nor a body is repeated."""
    parts = ["Log of the probe:", *notes.lines, f"Verdict: {outcome.verdict.value}"]
    parts += [*(f"Concern: {concern}" for concern in outcome.facts.concerns), "", "Metrics:", text]
    return "\n".join(parts)


def _refusal(status: int, text: str) -> web.Response:
    headers = {"Retry-After": "1"} if status == 503 else {}  # noqa: PLR2004 - as above
    return web.Response(status=status, text=f"{text}\n", headers=headers)
