"""The history of alerts in SQLite: `exporter.store.alerts`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.model.alerts import Acknowledgement
from exporter.store.alerting import SCHEMA
from exporter.store.alerts import FORGOTTEN_SECONDS, AlertHistory
from exporter.store.database import Database
from tests.unit.store.alerts import FINGERPRINT, NOON, alert

ANN = Acknowledgement(at=NOON + 60, author="Ann", comment="on it")
BOB = Acknowledgement(at=NOON + 90, author="Bob", comment="me too")
NASTY = "'; DROP TABLE alerts; --\x00\u2028<b>&\U0001f600"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Return an open, empty file."""
    opened = Database(tmp_path / "alerting.sqlite", SCHEMA)
    yield opened
    opened.close()


@pytest.fixture
def history(database: Database) -> AlertHistory:
    """Return an empty history."""
    return AlertHistory(database)


def test_an_alert_that_is_reported_again_stays_one_row(history: AlertHistory) -> None:
    """Alertmanager repeats itself every four hours, and several receivers report the same."""
    history.report([alert()], receiver="exporter", at=NOON + 1)
    history.report([alert()], receiver="second", at=NOON + 2)

    (record,) = history.firing()

    assert (2, NOON + 1, NOON + 2) == (
        record.reports,
        record.first_received_at,
        record.last_received_at,
    )
    assert ("exporter", "second") == record.receivers


def test_texts_come_back_as_they_were(history: AlertHistory) -> None:
    """Labels are data of the operator, perhaps hostile; whoever shows them escapes them."""
    history.report([alert(note=NASTY)], receiver=NASTY, at=NOON)

    (record,) = history.firing()

    assert NASTY == record.alert.labels["note"]
    assert (NASTY,) == record.receivers


def test_an_end_closes_the_row_and_a_repeated_end_adds_none(history: AlertHistory) -> None:
    """Each receiver reports the end once."""
    history.report([alert()], receiver="exporter", at=NOON)
    for moment in (NOON + 10, NOON + 11):
        history.report([alert(ends_at=NOON + 9)], receiver="exporter", at=moment)

    assert [] == list(history.firing())
    (record,) = history.recent(since=NOON, most=10)
    assert (NOON + 9, 3) == (record.alert.ends_at, record.reports)


def test_an_end_without_a_beginning_is_kept(history: AlertHistory) -> None:
    """The exporter was down when it began."""
    history.report([alert(ends_at=NOON + 9)], receiver="exporter", at=NOON + 10)

    (record,) = history.recent(since=NOON, most=10)

    assert not record.is_firing


def test_an_acknowledgement_stays_until_the_end(history: AlertHistory) -> None:
    """And the first one counts: who comes later sees that somebody is on it."""
    history.report([alert()], receiver="exporter", at=NOON)

    first = history.acknowledge(FINGERPRINT, ANN)
    second = history.acknowledge(FINGERPRINT, BOB)
    history.report([alert()], receiver="exporter", at=NOON + 100)

    assert first is not None
    assert second is not None
    assert [ANN, ANN] == [first.acknowledgement, second.acknowledgement]
    assert [ANN] == [record.acknowledgement for record in history.firing()]


def test_what_does_not_fire_cannot_be_acknowledged(history: AlertHistory) -> None:
    """There is nobody to keep from escalating."""
    history.report([alert(ends_at=NOON + 9)], receiver="exporter", at=NOON + 10)

    assert history.acknowledge(FINGERPRINT, ANN) is None
    assert history.acknowledge("ff", ANN) is None


def test_the_next_occurrence_is_not_acknowledged(history: AlertHistory) -> None:
    """Neither after an end that was reported, nor after one that got lost."""
    history.report([alert()], receiver="exporter", at=NOON)
    history.acknowledge(FINGERPRINT, ANN)

    history.report([alert(starts_at=NOON + 3600)], receiver="exporter", at=NOON + 3601)

    (record,) = history.firing()
    assert record.acknowledgement is None
    older = [r for r in history.recent(since=NOON, most=10) if not r.is_firing]
    assert [(ANN, NOON + 3600)] == [(r.acknowledgement, r.alert.ends_at) for r in older]


def test_an_alert_that_comes_back_fires_again(history: AlertHistory) -> None:
    """Prometheus lost its way to Alertmanager for a while: same start, and it needs a person."""
    history.report([alert()], receiver="exporter", at=NOON)
    history.acknowledge(FINGERPRINT, ANN)
    history.report([alert(ends_at=NOON + 300)], receiver="exporter", at=NOON + 301)

    history.report([alert()], receiver="exporter", at=NOON + 400)

    assert [None] == [record.acknowledgement for record in history.firing()]


def test_a_notification_is_taken_as_a_whole(history: AlertHistory) -> None:
    """Several alerts in one go, each found by its fingerprint."""
    history.report([alert(), alert(bot="bank", fingerprint="02")], receiver="exporter", at=NOON)

    found = history.find("02")

    assert found is not None
    assert "bank" == found.alert.bot
    assert history.find("03") is None


def test_old_ends_leave_and_what_fires_stays(history: AlertHistory) -> None:
    """Retention concerns what is over."""
    history.report([alert()], receiver="exporter", at=NOON)
    ended = alert(fingerprint="02", ends_at=NOON + 1)
    history.report([ended], receiver="exporter", at=NOON + 1)

    gone = history.prune(now=NOON + 1000, keep_seconds=500, most=10)

    assert 1 == gone
    assert [FINGERPRINT] == [r.alert.fingerprint for r in history.recent(since=0, most=10)]


def test_the_number_of_rows_is_bounded_and_ends_go_first(history: AlertHistory) -> None:
    """Whoever reports nonsense cannot fill the disk."""
    history.report([alert()], receiver="exporter", at=NOON)
    for number in range(5):
        ended = alert(fingerprint=f"{number}", ends_at=NOON + number)
        history.report([ended], receiver="exporter", at=NOON + number)

    history.prune(now=NOON + 10, keep_seconds=1000, most=2)

    left = [record.alert.fingerprint for record in history.recent(since=0, most=10)]
    assert ["4", FINGERPRINT] == left


def test_what_alertmanager_forgot_ends(history: AlertHistory) -> None:
    """Its end was lost while both were down; it must not fire for ever."""
    history.report([alert()], receiver="exporter", at=NOON)

    history.prune(now=NOON + FORGOTTEN_SECONDS + 1, keep_seconds=10**9, most=10)

    assert [] == list(history.firing())
