"""The answer to a scrape: negotiated format, rendered in steps, compressed on the way."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aiohttp import web

from ..catalog.own import SCRAPE_DURATION, SCRAPE_SIZE
from .gzipping import compressor
from .own import OwnMetrics
from .process import ProcessMetrics
from .render import Renderer

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
STEP_SECONDS = 0.0005  # Other work gets its turn that often; stalls stay under 3 ms.


@dataclass(frozen=True, slots=True)
class _Form:
    openmetrics: bool
    gzip: bool


class Exposition:
    """
    Renders scrapes.

    Scrapes that arrive while one is rendered share the next rendering, so a crowd of scrapers
    costs one at a time; none gets a rendering that began before it asked.

    Args:
        renderer: Makes the pieces.
        own: Where the duration and size are noted.
        now: Returns the log time.
        refresh: Called right before a rendering to set gauges that are read, not counted.
    """

    def __init__(
        self,
        renderer: Renderer,
        own: OwnMetrics,
        *,
        now: Callable[[], float],
        refresh: Callable[[], None],
    ) -> None:
        self._renderer = renderer
        self._own = own
        self._process = ProcessMetrics()
        self._now = now
        self._refresh = refresh
        self._rendering = asyncio.Lock()
        self._next: dict[_Form, asyncio.Task[bytes]] = {}

    async def handle(self, request: web.Request) -> web.Response:
        """Answer ``GET /metrics``."""
        form = _negotiate(request)
        task = self._next.get(form)
        if task is None:
            task = self._next[form] = asyncio.create_task(self._render(form))
        body = await asyncio.shield(task)
        headers = {
            "Content-Type": OPENMETRICS if form.openmetrics else TEXT,
            "Vary": "Accept, Accept-Encoding",
        }
        if form.gzip:
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=body, headers=headers)

    async def _render(self, form: _Form) -> bytes:
        async with self._rendering:
            del self._next[form]  # From here on newcomers wait for the next one.
            began = time.perf_counter()
            chunks, size = await self._chunks(form)
            self._own.set(SCRAPE_DURATION, time.perf_counter() - began)
            self._own.set(SCRAPE_SIZE, size)
            return b"".join(chunks)

    async def _chunks(self, form: _Form) -> tuple[list[bytes], int]:
        self._refresh()
        stream = compressor() if form.gzip else None
        chunks: list[bytes] = []
        size = 0
        step = time.perf_counter()
        for piece in self._pieces(form):
            data = piece.encode()
            size += len(data)
            chunks.append(stream.compress(data) if stream else data)
            if time.perf_counter() - step > STEP_SECONDS:
                await asyncio.sleep(0)
                step = time.perf_counter()
        if stream:
            chunks.append(stream.flush())
        return chunks, size

    def _pieces(self, form: _Form) -> Iterator[str]:
        yield from self._renderer.pieces(self._now(), openmetrics=form.openmetrics)
        yield self._process.text(openmetrics=form.openmetrics)
        if form.openmetrics:
            yield "# EOF\n"


def _negotiate(request: web.Request) -> _Form:
    accept = request.headers.get("Accept", "")
    encodings = request.headers.get("Accept-Encoding", "")
    return _Form(
        openmetrics=_accepts(accept, "application/openmetrics-text"),
        gzip=_accepts(encodings, "gzip"),
    )


def _accepts(header: str, wanted: str) -> bool:
    """Return whether *wanted* is listed and not ruled out by ``q=0``."""
    for part in header.split(","):
        name, *parameters = (p.strip().lower() for p in part.split(";"))
        if name == wanted:
            quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
            return quality.strip("0.") != ""
    return False
