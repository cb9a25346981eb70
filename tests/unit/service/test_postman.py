"""Sending until it arrives: `exporter.service.postman`."""

import json
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from exporter.catalog.builtin import CATALOG
from exporter.catalog.own_alerting import MESSAGES, OUTBOX, OUTBOX_DEAD
from exporter.integrations.signature import key_of, signed
from exporter.metrics.own import OwnMetrics
from exporter.model.messages import Message
from exporter.service.messenger import Messenger
from exporter.service.postman import PAUSES_SECONDS, Postman, Ways
from exporter.store.alerting import SCHEMA
from exporter.store.database import Database
from exporter.store.outbox import Outbox
from tests.unit.log.fakes import ManualClock
from tests.unit.service.alerting_rig import KeptLog

KEY = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
SALES = "event:sales"


class World:
    """A post office and the other side."""

    def __init__(self, database: Database) -> None:
        self.clock = ManualClock()
        self.own = OwnMetrics(CATALOG.metrics)
        self.log = KeptLog()
        self.outbox = Outbox(database)
        self.thread = ThreadPoolExecutor(1)
        self.messenger = Messenger(self.own, None)
        self.status = 204
        self.headers: dict[str, str] = {}
        self.got: list[tuple[dict[str, str], bytes]] = []

    async def handle(self, request: web.Request) -> web.Response:
        """Be the other side."""
        self.got.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status, headers=self.headers)

    def open(self, url: str) -> None:
        """Build the post office."""
        ways = Ways(self.messenger, "event", self.clock)
        self.postman = Postman(
            self.outbox,
            {SALES: ways.webhook(url, KEY)},
            thread=self.thread,
            own=self.own,
            clock=self.clock,
            log=self.log,
        )

    def put(self, destination: str = SALES) -> None:
        """Put a message into the outbox."""
        message = Message(
            id="evt_1", destination=destination, body='{"é":1}', created_at=self.clock.wall()
        )
        self.outbox.add([message], moment="test", at=0.0)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Return a post office whose other side listens."""
    database = Database(tmp_path / "alerting.sqlite", SCHEMA)
    made = World(database)
    app = web.Application()
    app.router.add_post("/hook", made.handle)
    async with TestServer(app) as server:
        made.open(str(server.make_url("/hook")))
        yield made
    made.thread.shutdown()
    made.messenger.close()
    database.close()


async def test_a_message_arrives_once_and_signed(world: World) -> None:
    """The signature is over the very bytes that arrive."""
    world.put()

    await world.postman.round()
    await world.postman.round()

    ((headers, body),) = world.got
    expected = signed(KEY, "evt_1", int(world.clock.wall()), body)
    assert {"é": 1} == json.loads(body)
    assert expected == {name: headers[name] for name in expected}
    assert 1 == world.own.value(MESSAGES, "event", "webhook", "delivered")
    assert 0 == world.own.value(OUTBOX)


async def test_what_fails_is_sent_again_later_with_the_same_id_and_a_new_time(
    world: World,
) -> None:
    """The other side may have got it and died before it answered."""
    world.put()
    world.status = 500
    await world.postman.round()
    assert 0 == await world.postman.round()

    world.clock.advance(2 * PAUSES_SECONDS[0])
    world.status = 200
    await world.postman.round()

    first, second = (headers for headers, _ in world.got)
    assert first["webhook-id"] == second["webhook-id"]
    assert first["webhook-timestamp"] != second["webhook-timestamp"]
    assert 0 == world.own.value(OUTBOX)


async def test_after_days_it_is_given_up_and_kept(world: World) -> None:
    """Pauses grow; in the end a person must look."""
    world.put()
    world.status = 503
    began = world.clock.wall()
    for _ in range(100):
        await world.postman.round()
        world.clock.advance(3600.0)

    assert len(PAUSES_SECONDS) + 1 == len(world.got)
    assert sum(PAUSES_SECONDS) > 3 * 86_400
    assert world.clock.wall() - began > 3 * 86_400
    assert 1 == world.own.value(OUTBOX_DEAD)
    assert ["message_given_up"] == [event for event, _ in world.log.lines]
    assert 1 == world.own.value(MESSAGES, "event", "webhook", "given_up")


async def test_the_other_side_decides_when_to_try_again(world: World) -> None:
    """With `Retry-After`, and with 410 for never."""
    world.put()
    world.status, world.headers = 429, {"Retry-After": "900"}
    await world.postman.round()
    world.clock.advance(899.0)
    assert 0 == await world.postman.round()
    world.clock.advance(2.0)
    world.status = 410
    await world.postman.round()

    assert 1 == world.own.value(OUTBOX_DEAD)


async def test_a_destination_that_was_removed_ends_its_messages(world: World) -> None:
    """They would wait for ever."""
    world.put("event:gone")

    await world.postman.round()

    assert 1 == world.own.value(OUTBOX_DEAD)
    assert [] == world.got
