"""What the internal listener answers at each stage: `exporter.service.routes`."""

from base64 import b64encode
from collections.abc import AsyncIterator
from hashlib import sha256

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from exporter.config.reload import ReloadOutcome, ReloadResult
from exporter.model.errors import Problem
from exporter.service.health import Health
from exporter.service.landing import STYLE
from exporter.service.routes import InternalApi
from exporter.service.web_security import BasicAuth

Client = TestClient[web.Request, web.Application]

PATHS = ["/", "/metrics", "/-/healthy", "/-/ready"]
PROBLEM = Problem("exporter.yml", 3, "limits.bots", "0 is below 1")


class Rig:
    """The routes with everything behind them at hand."""

    def __init__(self) -> None:
        self.health = Health()
        self.result = ReloadResult(outcome=ReloadOutcome.SUCCESS)
        self.reloads = 0

    async def metrics(self, _request: web.Request) -> web.Response:
        """Answer a scrape."""
        return web.Response(text="up 1\n")

    async def reload(self) -> ReloadResult:
        """Answer a reload."""
        self.reloads += 1
        return self.result

    def app(self, *, may_reload: bool = True) -> web.Application:
        """Return the application."""
        return InternalApi(
            health=self.health,
            metrics=self.metrics,
            reload=self.reload if may_reload else None,
            bots=lambda: 2,
            auth=BasicAuth({}),
            ingest_address="127.0.0.1:10350",
        ).make_app()


@pytest.fixture
def rig() -> Rig:
    """Return the parts behind the routes."""
    return Rig()


@pytest.fixture
async def client(rig: Rig) -> AsyncIterator[Client]:
    """Return a client of the routes."""
    async with TestClient(TestServer(rig.app())) as made:
        yield made


async def statuses(client: Client) -> list[int]:
    """Return the status of each path."""
    return [(await client.get(path)).status for path in PATHS]


async def test_a_start_is_alive_but_not_ready(client: Client) -> None:
    """Half-restored counters would look like a reset, so there is no scrape."""
    assert [200, 503, 200, 503] == await statuses(client)


async def test_whoever_must_wait_is_told_why_and_how_long(client: Client) -> None:
    """A person reads the text, a program the header."""
    answer = await client.get("/-/ready")

    assert "recovering: reading the event log" in await answer.text()
    assert "1" == answer.headers["Retry-After"]


async def test_everything_is_served_when_ready(client: Client, rig: Rig) -> None:
    """Metrics included."""
    rig.health.become_ready()

    assert [200] * 4 == await statuses(client)


async def test_a_stop_ends_readiness_and_keeps_the_last_scrape_possible(
    client: Client, rig: Rig
) -> None:
    """The counters are complete to the end."""
    rig.health.become_ready()
    rig.health.stop()

    assert [200, 200, 200, 503] == await statuses(client)
    assert "stopping" in await (await client.get("/-/ready")).text()


async def test_the_landing_page_has_the_headers_that_keep_it_harmless(client: Client) -> None:
    """The policy allows the style by its hash and nothing else."""
    answer = await client.get("/")

    style = b64encode(sha256(STYLE.encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    assert f"style-src 'sha256-{style}'" in policy
    assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(
        policy.split("; ")
    )
    assert "nosniff" == answer.headers["X-Content-Type-Options"]
    assert "no-referrer" == answer.headers["Referrer-Policy"]
    assert "text/html" == answer.content_type


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_reload_says_what_changed(client: Client, rig: Rig, method: str) -> None:
    """By both methods that Prometheus knows."""
    rig.result = ReloadResult(outcome=ReloadOutcome.SUCCESS, changed=("limits.bots", "bots"))

    answer = await client.request(method, "/-/reload")

    assert (200, "Reloaded: limits.bots, bots.\n") == (answer.status, await answer.text())
    assert 1 == rig.reloads


async def test_a_bad_reload_lists_every_problem(client: Client, rig: Rig) -> None:
    """With file, line and path."""
    rig.result = ReloadResult(outcome=ReloadOutcome.FAILURE, problems=(PROBLEM, PROBLEM))

    answer = await client.post("/-/reload")

    assert 400 == answer.status
    assert 2 == (await answer.text()).count("exporter.yml:3: limits.bots: 0 is below 1")


async def test_a_reload_is_never_a_get(client: Client, rig: Rig) -> None:
    """A link or an image must not change anything."""
    assert 405 == (await client.get("/-/reload")).status
    assert 0 == rig.reloads


async def test_a_reload_can_be_turned_off(rig: Rig) -> None:
    """The answer names the setting."""
    async with TestClient(TestServer(rig.app(may_reload=False))) as client:
        answer = await client.post("/-/reload")

        assert 403 == answer.status
        assert "web.enable_lifecycle" in await answer.text()
    assert 0 == rig.reloads
