"""A synthetic event through every part: `exporter.service.self_test`."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from exporter.catalog.builtin import CATALOG
from exporter.catalog.own_alerting import SELF_TEST_FAILURES, SELF_TEST_TIMESTAMP
from exporter.metrics.own import OwnMetrics
from exporter.metrics.render import Renderer
from exporter.model.access import Grant
from exporter.model.errors import LogUnavailableError
from exporter.model.verdicts import Refusal, RefusedError
from exporter.service.self_test import HEADER, PATH, SelfTest, Stations
from tests.unit.log.fakes import ManualClock
from tests.unit.metrics.world import World
from tests.unit.service.alerting_rig import KeptLog


class Way:
    """The stations, each of which may be broken."""

    def __init__(self) -> None:
        self.own = OwnMetrics(CATALOG.metrics)
        self.log = KeptLog()
        self.clock = ManualClock()
        self.stored: list[Mapping[str, Any]] = []
        self.url = ""
        self.is_ready = True
        self.arrives = True
        self.refusal: RefusedError | None = None
        self.disk: LogUnavailableError | None = None
        self._renderer = Renderer(World().live, self.own)
        self.shows = True
        self.test = SelfTest(
            Stations(
                url=lambda: self.url,
                rehearse=self.rehearse,
                store=self.store,
                arrived=self.arrived,
                render=lambda: self.render() if self.shows else "",
                is_ready=lambda: self.is_ready,
            ),
            own=self.own,
            clock=self.clock,
            log=self.log,
        )

    def rehearse(self, body: bytes, grant: Grant) -> bytes:
        """Be the checks."""
        if self.refusal is not None:
            raise self.refusal
        return body

    async def store(self, operation: Mapping[str, Any]) -> None:
        """Be the log."""
        if self.disk is not None:
            raise self.disk
        self.stored.append(operation)

    def arrived(self) -> str:
        """Be the live metrics."""
        return str(self.stored[-1]["nonce"]) if self.arrives and self.stored else ""

    def render(self) -> str:
        """Be the exposition."""
        return next(self._renderer.pieces(0.0, openmetrics=False))

    @property
    def failures(self) -> float:
        """Return what `/metrics` counts."""
        return self.own.value(SELF_TEST_FAILURES)


@asynccontextmanager
async def way() -> AsyncIterator[Way]:
    """Yield a way whose listener is up."""
    made = Way()
    app = web.Application()
    made.test.add_to(app)
    async with TestServer(app) as server:
        made.url = str(server.make_url("")).rstrip("/")
        yield made


async def test_an_event_that_arrives_moves_the_time() -> None:
    """And nothing else: it is an operation in the log, no event of a bot."""
    async with way() as w:
        await w.test.once()

        assert w.clock.wall() == w.own.value(SELF_TEST_TIMESTAMP)
        assert ["self_test"] == [operation["op"] for operation in w.stored]
        assert 0 == w.failures


@pytest.mark.parametrize("broken", ["listener", "checks", "log", "metrics", "exposition"])
async def test_each_broken_station_is_noticed(broken: str) -> None:
    """The counter moves, one line says where, and another when it works again."""
    async with way() as w:
        url = w.url
        match broken:
            case "listener":
                w.url = "http://127.0.0.1:9"
            case "checks":
                w.refusal = RefusedError(Refusal.MALFORMED, "no")
            case "log":
                w.disk = LogUnavailableError("no")
            case "metrics":
                w.arrives = False
            case _:
                w.shows = False

        await w.test.once()
        await w.test.once()
        failed = w.failures
        w.url, w.refusal, w.disk, w.arrives, w.shows = url, None, None, True, True
        await w.test.once()

        assert (2, 2) == (failed, w.failures)
        assert ["self_test_failed", "self_test_works_again"] == [e for e, _ in w.log.lines]


async def test_a_stop_is_no_failure() -> None:
    """The listener drains before the tasks end."""
    async with way() as w:
        w.url, w.is_ready = "http://127.0.0.1:9", False

        await w.test.once()

        assert 0 == w.failures


@pytest.mark.parametrize("headers", [{}, {HEADER: "guess"}, {HEADER: "café"}], ids=repr)
async def test_nobody_else_can_send_one(headers: dict[str, str]) -> None:
    """For others there is nothing at this path."""
    async with way() as w, aiohttp.ClientSession() as session:
        async with session.post(w.url + PATH, json={}, headers=headers) as answer:
            assert 404 == answer.status

        assert [] == w.stored
