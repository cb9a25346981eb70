"""One message a day: `exporter.service.digest`."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from exporter.model.alerts import Acknowledgement
from exporter.model.messages import Message, Notable
from exporter.service.digest import EMAIL, WEBHOOK, Digests, Plan, last_due
from exporter.store.alerting import SCHEMA
from exporter.store.alerts import AlertHistory
from exporter.store.database import Database
from exporter.store.moments import Moments
from exporter.store.outbox import DIGEST, Outbox
from tests.unit.log.fakes import ManualClock
from tests.unit.service.alerting_rig import KeptLog
from tests.unit.store.alerts import FINGERPRINT, alert

BERLIN = ZoneInfo("Europe/Berlin")
PLAN = Plan(at=time(8), zone=BERLIN, destinations=(WEBHOOK, EMAIL))
DAY = 86_400.0


def moment(text: str) -> float:
    """Return a local time in Berlin as seconds."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


class World:
    """A digest over a real file."""

    def __init__(self, database: Database) -> None:
        self.clock = ManualClock(moment("2026-03-02T12:00"))
        self.history = AlertHistory(database)
        self.outbox = Outbox(database)
        self.log = KeptLog()
        self.thread = ThreadPoolExecutor(1)
        self.digests = Digests(
            PLAN,
            history=self.history,
            outbox=self.outbox,
            moments=Moments(database),
            thread=self.thread,
            clock=self.clock,
            log=self.log,
        )

    def due(self) -> list[Message]:
        """Return the messages in the outbox."""
        return list(self.outbox.due(now=self.clock.wall(), most=100))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a first start at noon."""
    database = Database(tmp_path / "alerting.sqlite", SCHEMA)
    made = World(database)
    yield made
    made.thread.shutdown()
    database.close()


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-02T08:00", "2026-03-02T08:00"),
        ("2026-03-02T07:59", "2026-03-01T08:00"),
        ("2026-03-29T08:00", "2026-03-29T08:00"),
        ("2026-10-25T07:59", "2026-10-24T08:00"),
        ("2026-10-26T00:30", "2026-10-25T08:00"),
    ],
)
def test_it_is_due_at_the_same_time_of_day_all_year(now: str, due: str) -> None:
    """Also on the days with 23 and 25 hours."""
    assert moment(due) == last_due(PLAN, moment(now))


def test_every_zone_has_one_a_day() -> None:
    """Far from Greenwich as well."""
    for name in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        plan = Plan(at=time(0), zone=ZoneInfo(name), destinations=())
        now = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()

        assert 0 <= now - last_due(plan, now) < DAY


async def test_a_first_start_tells_nothing(world: World) -> None:
    """There is no day behind it; the next morning there is."""
    await world.digests.look()
    assert [] == world.due()

    world.clock.advance(DAY)
    await world.digests.look()

    assert [EMAIL, WEBHOOK] == sorted(message.destination for message in world.due())


async def test_a_day_has_one_digest_also_over_restarts(world: World) -> None:
    """Each has the id of its day, so a receiver can tell a repetition."""
    await world.digests.look()
    world.clock.advance(DAY)
    for _ in range(3):
        await world.digests.look()

    assert {"digest_2026-03-03"} == {message.id for message in world.due()}
    assert 2 == len(world.due())
    assert ["digest_written"] == [event for event, _ in world.log.lines]


async def test_it_tells_of_alerts_and_results(world: World) -> None:
    """Those that came and went, those that still fire, and what bots achieved."""
    await world.digests.look()
    began = world.clock.wall()
    world.history.report(
        [
            alert("GoalsBelowUsual", starts_at=began + 60, ends_at=began + 4000, severity="info"),
            alert("BotDown", fingerprint="02", starts_at=began + 60, severity="critical"),
        ],
        receiver="exporter",
        at=began + 4000,
    )
    world.history.acknowledge("02", Acknowledgement(at=began, author="Ann", comment=""))
    leads = [
        Notable(id=f"{n:032x}", destination=DIGEST, every=1, event="lead", bot="shop", at=began)
        for n in range(3)
    ]
    world.outbox.note(leads)
    world.clock.advance(DAY)
    await world.digests.look()

    bodies = {message.destination: json.loads(message.body) for message in world.due()}
    text = bodies[EMAIL]["text"]

    assert "bot_exporter: 2 alerts, 3 results (2026-03-03)" == bodies[EMAIL]["subject"]
    assert "Still firing: 1\n- BotDown shop (critical): Mon 02 Mar 12:01 to now, ack" in text
    assert "Came and went: 1\n- GoalsBelowUsual shop (info): Mon 02 Mar 12:01 to Mon" in text
    assert "- shop: 3 x lead" in text
    assert "Ann" not in text
    data = bodies[WEBHOOK]["data"]
    assert {"GoalsBelowUsual", "BotDown"} == {a["alertname"] for a in data["alerts"]}
    assert [{"bot": "shop", "event": "lead", "number": 3}] == data["events"]


async def test_a_label_cannot_write_lines_of_its_own(world: World) -> None:
    """Texts of alerts may be hostile, and mail is read by people."""
    await world.digests.look()
    hostile = alert("X\r\nBcc: eve@example.org\u202e", fingerprint=FINGERPRINT)
    world.history.report([hostile], receiver="exporter", at=world.clock.wall())
    world.clock.advance(DAY)
    await world.digests.look()

    (text,) = [json.loads(m.body)["text"] for m in world.due() if m.destination == EMAIL]

    assert "- X  Bcc: eve@example.org  shop" in text
