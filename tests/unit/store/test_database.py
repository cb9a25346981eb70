"""One SQLite file with one owner: `exporter.store.database` and what alerting keeps in it."""

import stat
from pathlib import Path

import pytest

from exporter.model.errors import DataTooNewError, StorageError
from exporter.store.alerting import SCHEMA, open_alerting
from exporter.store.database import Database
from exporter.store.moments import Moments
from tests.unit.ingest.door import RecordedLog

ONE = ("CREATE TABLE numbers (n INTEGER) STRICT",)


def numbers(database: Database) -> list[int]:
    """Return what the table holds."""
    with database.transaction() as connection:
        return [n for (n,) in connection.execute("SELECT n FROM numbers")]


def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    """It holds names of people and texts of alerts."""
    Database(tmp_path / "x.sqlite", ONE).close()

    assert 0o600 == stat.S_IMODE((tmp_path / "x.sqlite").stat().st_mode)


def test_a_transaction_happens_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    """An error in the middle leaves nothing behind."""
    database = Database(tmp_path / "x.sqlite", ONE)

    def attempt() -> None:
        with database.transaction() as connection:
            connection.execute("INSERT INTO numbers VALUES (1)")
            connection.execute("INSERT INTO letters VALUES (1)")

    with pytest.raises(StorageError, match="no such table"):
        attempt()

    assert [] == numbers(database)
    database.close()


def test_the_next_version_adds_to_what_is_there(tmp_path: Path) -> None:
    """Statements of a version run once."""
    old = Database(tmp_path / "x.sqlite", ONE)
    with old.transaction() as connection:
        connection.execute("INSERT INTO numbers VALUES (7)")
    old.close()

    new = Database(tmp_path / "x.sqlite", (*ONE, "ALTER TABLE numbers ADD COLUMN m INTEGER"))

    assert [7] == numbers(new)
    new.close()
    with pytest.raises(DataTooNewError, match="newer version"):
        Database(tmp_path / "x.sqlite", ONE)


def test_a_damaged_history_is_put_aside_and_a_new_one_begins(tmp_path: Path) -> None:
    """Bad data must never keep events from being taken."""
    path, log = tmp_path / "alerting.sqlite", RecordedLog()
    path.write_bytes(b"no database at all" * 1000)

    database = open_alerting(path, log)

    Moments(database).set("watchdog", 1.0)
    database.close()
    assert b"no database" in (tmp_path / "alerting.sqlite.damaged-1").read_bytes()
    assert ["alert_history_damaged"] == [event for event, _ in log.lines]


def test_a_moment_is_remembered(tmp_path: Path) -> None:
    """The later one wins, and what never happened has none."""
    database = Database(tmp_path / "x.sqlite", SCHEMA)
    moments = Moments(database)

    moments.set("watchdog", 1.5)
    moments.set("watchdog", 2.5)

    assert 2.5 == moments.get("watchdog")
    assert moments.get("digest") is None
    database.close()
