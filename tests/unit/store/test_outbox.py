"""Messages that wait in SQLite: `exporter.store.outbox`."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.model.messages import Message, Notable
from exporter.store.alerting import SCHEMA
from exporter.store.database import Database
from exporter.store.moments import Moments
from exporter.store.outbox import DEAD_SECONDS, DIGEST, NOTED_SECONDS, Backlog, Outbox
from tests.unit.store.alerts import NOON


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Return an open, empty file."""
    opened = Database(tmp_path / "alerting.sqlite", SCHEMA)
    yield opened
    opened.close()


@pytest.fixture
def outbox(database: Database) -> Outbox:
    """Return an empty outbox."""
    return Outbox(database)


def notable(number: int = 1, *, destination: str = "event:sales", every: int = 1) -> Notable:
    """Return an event somebody wants to hear of."""
    return Notable(
        id=f"{number:032x}",
        destination=destination,
        every=every,
        event="lead",
        bot="shop",
        at=NOON + number,
        data={"source": "ad"},
    )


def due(outbox: Outbox, now: float = NOON + 10_000) -> list[Message]:
    """Return what is due."""
    return list(outbox.due(now=now, most=100))


def test_an_event_becomes_one_message_however_often_it_is_noted(outbox: Outbox) -> None:
    """A start reads the last minutes of the log again, delivered messages included."""
    outbox.note([notable()])
    (message,) = due(outbox)
    outbox.delivered(message)

    outbox.note([notable()])

    assert [] == due(outbox)
    assert f"evt_{1:032x}" == message.id
    assert {
        "type": "bot.lead",
        "timestamp": "2026-02-02T02:40:01.000+00:00",
        "data": {"source": "ad", "bot": "shop", "event": "lead", "number": 1},
    } == json.loads(message.body)


def test_a_milestone_is_every_nth_event(outbox: Outbox) -> None:
    """Counted per destination, bot and type, over restarts."""
    outbox.note([notable(number, every=3) for number in range(1, 8)])

    numbers = [json.loads(message.body)["data"]["number"] for message in due(outbox)]

    assert [3, 6] == numbers


def test_the_digest_only_counts(outbox: Outbox, database: Database) -> None:
    """And begins at zero when it is written, in one step with the message."""
    outbox.note([notable(number, destination=DIGEST) for number in range(1, 4)])
    assert [] == due(outbox)
    assert [("shop", "lead", 3)] == list(outbox.tallies())

    message = Message(id="digest_1", destination="digest:email", body="{}", created_at=NOON)
    outbox.add([message], moment="digest", at=NOON)

    assert [message] == due(outbox)
    assert [] == list(outbox.tallies())
    assert Moments(database).get("digest") == NOON


def test_what_failed_waits_and_what_is_given_up_stays_for_a_while(outbox: Outbox) -> None:
    """A person may want to know what was never told."""
    outbox.note([notable(1), notable(2)])
    first, second = due(outbox)

    outbox.failed(first, why="503", due_at=NOON + 500)
    outbox.failed(second, why="410", due_at=None)

    assert [] == due(outbox, NOON + 499)
    (again,) = due(outbox, NOON + 500)
    assert 1 == again.attempts
    assert Backlog(waiting=1, dead=1) == outbox.backlog()
    outbox.prune(now=NOON + DEAD_SECONDS + 100)
    assert Backlog(waiting=1, dead=0) == outbox.backlog()


def test_noted_events_are_forgotten_after_days(outbox: Outbox) -> None:
    """By then no start reads them again."""
    outbox.note([notable()])
    outbox.prune(now=NOON + NOTED_SECONDS + 10)

    outbox.note([notable()])

    assert 1 == len(due(outbox))
    assert [("sales", 2)] == [
        (m.destination.removeprefix("event:"), json.loads(m.body)["data"]["number"] + 1)
        for m in due(outbox)
    ]
