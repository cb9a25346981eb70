"""``/runbooks`` on the internal listener: where the link in a message leads by default."""

from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib import resources

from aiohttp import web

from ..bundle.runbooks import STYLE

PATH = "/runbooks"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'sha256-"
    f"{b64encode(sha256(STYLE.encode()).digest()).decode()}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Runbooks:
    """Serves the page that is generated from docs/runbooks.md."""

    def add_to(self, app: web.Application) -> None:
        """Serve the route."""
        app.router.add_get(PATH, self._get)

    async def _get(self, _request: web.Request) -> web.Response:
        return web.Response(text=self._text, content_type="text/html", headers=HEADERS)

    @cached_property
    def _text(self) -> str:
        # Read once, at the first visit: a start must not wait for it.
        file = resources.files(__package__).joinpath("pages/runbooks.html")
        return file.read_text("utf-8")
