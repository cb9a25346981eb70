"""The file of alerting: one schema for the history, the outbox and the digest."""

from pathlib import Path
from typing import Protocol

from ..model.errors import DamagedError
from .database import Database

_FIRST = """
CREATE TABLE alerts (
    id INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    alertname TEXT NOT NULL,
    bot TEXT NOT NULL,
    labels TEXT NOT NULL,
    annotations TEXT NOT NULL,
    receivers TEXT NOT NULL,
    starts_at REAL NOT NULL,
    ends_at REAL,
    first_received_at REAL NOT NULL,
    last_received_at REAL NOT NULL,
    reports INTEGER NOT NULL,
    acked_at REAL,
    acked_by TEXT,
    ack_comment TEXT
) STRICT;
CREATE UNIQUE INDEX firing ON alerts (fingerprint) WHERE ends_at IS NULL;
CREATE INDEX occurrence ON alerts (fingerprint, starts_at);
CREATE INDEX ended ON alerts (ends_at);

CREATE TABLE moments (
    name TEXT PRIMARY KEY,
    at REAL NOT NULL
) STRICT;

CREATE TABLE outbox (
    id TEXT NOT NULL,
    destination TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at REAL NOT NULL,
    due_at REAL NOT NULL,
    attempts INTEGER NOT NULL,
    is_dead INTEGER NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (id, destination)
) STRICT;
CREATE INDEX due ON outbox (is_dead, due_at);

CREATE TABLE noted (
    id TEXT NOT NULL,
    destination TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (id, destination)
) STRICT, WITHOUT ROWID;
CREATE INDEX noted_at ON noted (at);

CREATE TABLE tallies (
    destination TEXT NOT NULL,
    bot TEXT NOT NULL,
    event TEXT NOT NULL,
    events INTEGER NOT NULL,
    PRIMARY KEY (destination, bot, event)
) STRICT;
"""

SCHEMA = (_FIRST,)


class DamageLog(Protocol):
    """Where a damaged file is written down."""

    def error(self, event: str, **fields: object) -> object:
        """Write a line that a human must act on."""
        ...


def open_alerting(path: Path, log: DamageLog) -> Database:
    """
    Return the database in *path*; a damaged one is put aside and a new one begins.

    Bad data must never keep events from being taken, and this file is not what they need.

    Raises:
        StorageError: it cannot be used.
    """
    try:
        return Database(path, SCHEMA)
    except DamagedError as error:
        why = str(error)
    aside = _put_aside(path)
    log.error("alert_history_damaged", why=why, kept_as=aside.name)
    return Database(path, SCHEMA)


def _put_aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.rename(aside)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    return aside
