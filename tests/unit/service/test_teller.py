"""Which events somebody is told of, and what of them: `exporter.service.teller`."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from exporter.catalog.build import event_structs
from exporter.catalog.builtin import CATALOG
from exporter.catalog.own_alerting import EVENTS_UNTOLD
from exporter.config.alerting import Digest, Notification
from exporter.config.model import Config
from exporter.metrics.own import OwnMetrics
from exporter.model.errors import StorageError
from exporter.model.messages import Notable
from exporter.service.teller import MOST_PENDING, RETRY_SECONDS, Teller, watches
from tests.unit.service.alerting_rig import KeptLog
from tests.unit.service.virtual import let_pass, run

STRUCTS = event_structs(CATALOG, strict=True)
SALES = Notification(name="sales", events=("lead", "goal"), url_file="u", secret_file="s")
KEPT = "0" * 32


def stored(**fields: object) -> Any:  # noqa: ANN401 - events are structs made at start
    """Return an event as it stands in the log."""
    event = {"id": KEPT, "ts": 1_770_000_000.0, "bot": "shop", "platform": "web", **fields}
    decoder = msgspec.json.Decoder(STRUCTS.union)
    return decoder.decode(msgspec.json.encode(event))


class Desk:
    """A teller and what it writes down."""

    def __init__(self, config: Config) -> None:
        self.own = OwnMetrics(CATALOG.metrics)
        self.log = KeptLog()
        self.noted: list[Notable] = []
        self.fails = False
        watched = watches(config, CATALOG, [STRUCTS])
        self.teller = Teller(watched, note=self.note, own=self.own, log=self.log)

    async def note(self, notables: Sequence[Notable]) -> None:
        """Be the outbox."""
        if self.fails:
            raise StorageError("full")
        self.noted += notables


async def told(config: Config, *events: object) -> list[Notable]:
    """Return what is written down of *events*."""
    desk = Desk(config)
    desk.teller.durable(events, 1_770_000_001.0)
    await desk.teller.flush()
    return desk.noted


async def test_only_wanted_events_are_told() -> None:
    """By type, each to everybody who wants it."""
    goals = Notification(name="team", events=("goal",), url_file="u", secret_file="s", every=100)
    config = Config(notifications=(SALES, goals))

    notables = await told(
        config,
        stored(type="goal", goal="signup"),
        stored(type="message_received"),
        stored(type="lead"),
    )

    assert [
        ("event:sales", "goal", 1),
        ("event:team", "goal", 100),
        ("event:sales", "lead", 1),
    ] == [(n.destination, n.event, n.every) for n in notables]


async def test_nothing_personal_is_told() -> None:
    """Public fields only, and what looks like an address or a number in them is masked."""
    lead = stored(
        type="lead",
        user="a" * 32,
        lead="crm-4711",
        name="Ann",
        email="ann@example.org",
        phone="+49 171 1234567",
        source="from ann@example.org",
        properties={"note": "secret"},
    )

    (notable,) = await told(Config(notifications=(SALES,)), lead)

    assert {"platform": "web", "source": "from [email]"} == {
        name: value for name, value in notable.data.items() if name != "value"
    }
    assert KEPT == notable.id


async def test_without_anybody_who_listens_nobody_is_needed() -> None:
    """The log then asks nobody."""
    assert not Desk(Config()).teller.is_needed
    assert Desk(Config(digest=Digest(email_to=("a@example.org",)))).teller.is_needed


def test_what_cannot_be_written_is_kept_and_tried_again() -> None:
    """A full disk delays messages and loses none."""

    async def scenario() -> Desk:
        desk = Desk(Config(notifications=(SALES,)))
        desk.fails = True
        task = asyncio.create_task(desk.teller.run())
        desk.teller.durable([stored(type="lead")], 0.0)
        await let_pass(2 * RETRY_SECONDS)
        desk.fails = False
        await let_pass(2 * RETRY_SECONDS)
        task.cancel()
        return desk

    desk = run(scenario())

    assert 1 == len(desk.noted)
    assert "notifications_not_written" in [event for event, _ in desk.log.lines]


async def test_what_waits_is_bounded() -> None:
    """Beyond it events stay untold, and a counter says how many."""
    desk = Desk(Config(notifications=(SALES,)))
    lead = stored(type="lead")

    desk.teller.durable([lead] * (MOST_PENDING + 7), 0.0)

    assert 7 == desk.own.value(EVENTS_UNTOLD)
