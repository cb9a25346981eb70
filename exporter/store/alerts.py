"""The history of alerts in SQLite: each occurrence once, however often it is reported."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..model.alerts import Acknowledgement, AlertRecord, ReportedAlert
from .database import Database

# Alertmanager repeats itself every few hours; silence of days means that it forgot the alert.
FORGOTTEN_SECONDS = 3 * 86_400.0

_COLUMNS = (
    "fingerprint, labels, annotations, receivers, starts_at, ends_at, first_received_at, "
    "last_received_at, reports, acked_at, acked_by, ack_comment"
)
_LATEST = "ORDER BY ends_at IS NULL DESC, starts_at DESC, id DESC LIMIT 1"


class AlertHistory:
    """Alerts in *database*. Safe to call from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def report(self, alerts: Iterable[ReportedAlert], *, receiver: str, at: float) -> None:
        """
        Take the alerts of one notification down, all of them or none.

        Raises:
            StorageError: they are not on disk.
        """
        with self._database.transaction() as connection:
            for alert in alerts:
                _take_down(connection, _Report(alert, receiver, at))

    def firing(self) -> Sequence[AlertRecord]:
        """Return the alerts whose end was not reported, oldest first."""
        return self._records("WHERE ends_at IS NULL ORDER BY starts_at, id")

    def recent(self, *, since: float, most: int) -> Sequence[AlertRecord]:
        """Return alerts that were reported at *since* or later, latest first."""
        clause = "WHERE last_received_at >= ? ORDER BY last_received_at DESC, id DESC LIMIT ?"
        return self._records(clause, since, most)

    def find(self, fingerprint: str) -> AlertRecord | None:
        """Return the occurrence that fires, or the latest one."""
        found = self._records(f"WHERE fingerprint = ? {_LATEST}", fingerprint)
        return found[0] if found else None

    def acknowledge(self, fingerprint: str, acknowledgement: Acknowledgement) -> AlertRecord | None:
        """
        Note who takes care of the alert that fires; the first one stays.

        Returns:
            The alert as it is now; None when no such alert fires.
        """
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE alerts SET acked_at = ?, acked_by = ?, ack_comment = ? "
                "WHERE fingerprint = ? AND ends_at IS NULL AND acked_at IS NULL",
                (acknowledgement.at, acknowledgement.author, acknowledgement.comment, fingerprint),
            )
        found = self._records("WHERE fingerprint = ? AND ends_at IS NULL", fingerprint)
        return found[0] if found else None

    def prune(self, *, now: float, keep_seconds: float, most: int) -> int:
        """Close what Alertmanager forgot, delete what is old or too much; return how many."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE alerts SET ends_at = last_received_at "
                "WHERE ends_at IS NULL AND last_received_at < ?",
                (now - FORGOTTEN_SECONDS,),
            )
            old = connection.execute(
                "DELETE FROM alerts WHERE ends_at < ?", (now - keep_seconds,)
            ).rowcount
            (rows,) = connection.execute("SELECT count(*) FROM alerts").fetchone()
            excess = connection.execute(
                "DELETE FROM alerts WHERE id IN (SELECT id FROM alerts "
                "ORDER BY ends_at IS NULL, last_received_at, id LIMIT ?)",
                (max(0, rows - most),),
            ).rowcount
        return old + excess

    def _records(self, clause: str, *values: object) -> list[AlertRecord]:
        # The clauses are the literals above; what comes from outside is bound.
        query = f"SELECT {_COLUMNS} FROM alerts {clause}"  # noqa: S608 - see above
        with self._database.transaction() as connection:
            return [_record(row) for row in connection.execute(query, values)]


@dataclass(frozen=True, slots=True)
class _Report:
    """One alert of one notification."""

    alert: ReportedAlert
    receiver: str
    at: float


def _take_down(connection: sqlite3.Connection, report: _Report) -> None:
    alert = report.alert
    fires = connection.execute(
        "SELECT id, starts_at, receivers FROM alerts WHERE fingerprint = ? AND ends_at IS NULL",
        (alert.fingerprint,),
    ).fetchone()
    if fires is not None and alert.starts_at > fires[1]:
        # Its end was never reported. What somebody acknowledged was the one before.
        connection.execute(
            "UPDATE alerts SET ends_at = ? WHERE id = ?", (alert.starts_at, fires[0])
        )
        fires = None
    if fires is not None:
        _update(connection, fires, report)
    elif alert.ends_at is None or not _repeats_its_end(connection, report):
        _insert(connection, report)


def _update(connection: sqlite3.Connection, fires: tuple[int, float, str], report: _Report) -> None:
    number, _, receivers = fires
    connection.execute(
        "UPDATE alerts SET ends_at = ?, annotations = ?, receivers = ?, last_received_at = ?, "
        "reports = reports + 1 WHERE id = ?",
        (
            report.alert.ends_at,
            json.dumps(dict(report.alert.annotations)),
            json.dumps(sorted({*json.loads(receivers), report.receiver})),
            report.at,
            number,
        ),
    )


def _repeats_its_end(connection: sqlite3.Connection, report: _Report) -> bool:
    """Tell whether the end was reported before, and count the repetition."""
    repeated = connection.execute(
        "UPDATE alerts SET last_received_at = ?, reports = reports + 1 "
        "WHERE fingerprint = ? AND starts_at = ? AND ends_at IS NOT NULL",
        (report.at, report.alert.fingerprint, report.alert.starts_at),
    )
    return repeated.rowcount > 0


def _insert(connection: sqlite3.Connection, report: _Report) -> None:
    alert = report.alert
    connection.execute(
        "INSERT INTO alerts (fingerprint, alertname, bot, labels, annotations, receivers, "
        "starts_at, ends_at, first_received_at, last_received_at, reports) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
        (
            alert.fingerprint,
            alert.name,
            alert.bot,
            json.dumps(dict(alert.labels)),
            json.dumps(dict(alert.annotations)),
            json.dumps([report.receiver]),
            alert.starts_at,
            alert.ends_at,
            report.at,
            report.at,
        ),
    )


def _record(row: tuple[Any, ...]) -> AlertRecord:
    fingerprint, labels, annotations, receivers, starts_at, ends_at, *rest = row
    first, last, reports, acked_at, acked_by, comment = rest
    acknowledgement = None
    if acked_at is not None:
        acknowledgement = Acknowledgement(at=acked_at, author=acked_by, comment=comment)
    return AlertRecord(
        alert=ReportedAlert(
            fingerprint=fingerprint,
            labels=json.loads(labels),
            annotations=json.loads(annotations),
            starts_at=starts_at,
            ends_at=ends_at,
        ),
        receivers=tuple(json.loads(receivers)),
        first_received_at=first,
        last_received_at=last,
        reports=reports,
        acknowledgement=acknowledgement,
    )
