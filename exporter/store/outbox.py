"""Messages that wait in SQLite until they are sent, and what they are made of."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ..model.messages import Message, Notable
from .database import Database

DIGEST = "digest"  # Its events are only counted.
# A replay reads the log since the snapshot before last: minutes, not days.
NOTED_SECONDS = 2 * 86_400.0
DEAD_SECONDS = 30 * 86_400.0
MOST_MESSAGES = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How many messages wait, and how many were given up."""

    waiting: int
    dead: int


class Outbox:
    """Messages in *database*. Safe to call from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, notables: Iterable[Notable]) -> None:
        """
        Turn events into messages, each event once however often it is noted.

        Raises:
            StorageError: nothing is on disk; note them again.
        """
        with self._database.transaction() as connection:
            for notable in notables:
                _note(connection, notable)

    def add(self, messages: Iterable[Message], *, moment: str, at: float) -> None:
        """
        Add *messages* and note *moment* in one step; a message that is there stays as it is.

        Raises:
            StorageError: neither is on disk.
        """
        with self._database.transaction() as connection:
            for message in messages:
                _add(connection, message)
            connection.execute(
                "INSERT INTO moments VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET at = excluded.at",
                (moment, at),
            )
            connection.execute("DELETE FROM tallies WHERE destination = ?", (DIGEST,))

    def tallies(self) -> Sequence[tuple[str, str, int]]:
        """Return bot, event type and number of what the digest counts."""
        query = "SELECT bot, event, events FROM tallies WHERE destination = ? ORDER BY bot, event"
        with self._database.transaction() as connection:
            return list(connection.execute(query, (DIGEST,)))

    def due(self, *, now: float, most: int) -> Sequence[Message]:
        """Return messages whose time has come, the oldest first."""
        query = (
            "SELECT id, destination, body, created_at, attempts FROM outbox "
            "WHERE is_dead = 0 AND due_at <= ? ORDER BY due_at, created_at LIMIT ?"
        )
        with self._database.transaction() as connection:
            return [_message(row) for row in connection.execute(query, (now, most))]

    def delivered(self, message: Message) -> None:
        """Forget a message that arrived."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM outbox WHERE id = ? AND destination = ?",
                (message.id, message.destination),
            )

    def failed(self, message: Message, *, why: str, due_at: float | None) -> None:
        """Note that a message did not arrive; without another time it is given up."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE outbox SET attempts = attempts + 1, error = ?, is_dead = ?, "
                "due_at = coalesce(?, due_at) WHERE id = ? AND destination = ?",
                (why, int(due_at is None), due_at, message.id, message.destination),
            )

    def backlog(self) -> Backlog:
        """Return how much there is."""
        query = "SELECT is_dead, count(*) FROM outbox GROUP BY is_dead"
        with self._database.transaction() as connection:
            counts = dict(connection.execute(query).fetchall())
        return Backlog(waiting=counts.get(0, 0), dead=counts.get(1, 0))

    def prune(self, *, now: float) -> None:
        """Forget what is old, and the oldest of too many."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM noted WHERE at < ?", (now - NOTED_SECONDS,))
            connection.execute(
                "DELETE FROM outbox WHERE is_dead = 1 AND created_at < ?", (now - DEAD_SECONDS,)
            )
            (rows,) = connection.execute("SELECT count(*) FROM outbox").fetchone()
            connection.execute(
                "DELETE FROM outbox WHERE rowid IN (SELECT rowid FROM outbox "
                "ORDER BY is_dead DESC, created_at LIMIT ?)",
                (max(0, rows - MOST_MESSAGES),),
            )


def _note(connection: sqlite3.Connection, notable: Notable) -> None:
    is_new = connection.execute(
        "INSERT OR IGNORE INTO noted VALUES (?, ?, ?)",
        (notable.id, notable.destination, notable.at),
    ).rowcount
    if not is_new:
        return
    (number,) = connection.execute(
        "INSERT INTO tallies VALUES (?, ?, ?, 1) ON CONFLICT (destination, bot, event) "
        "DO UPDATE SET events = events + 1 RETURNING events",
        (notable.destination, notable.bot, notable.event),
    ).fetchone()
    if notable.destination != DIGEST and number % notable.every == 0:
        _add(connection, _of_event(notable, number))


def _of_event(notable: Notable, number: int) -> Message:
    moment = datetime.fromtimestamp(notable.at, UTC).isoformat(timespec="milliseconds")
    data = {**notable.data, "bot": notable.bot, "event": notable.event, "number": number}
    body = {"type": f"bot.{notable.event}", "timestamp": moment, "data": data}
    return Message(
        id=f"evt_{notable.id}",
        destination=notable.destination,
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        created_at=notable.at,
    )


def _add(connection: sqlite3.Connection, message: Message) -> None:
    connection.execute(
        "INSERT OR IGNORE INTO outbox VALUES (?, ?, ?, ?, ?, 0, 0, '')",
        (message.id, message.destination, message.body, message.created_at, message.created_at),
    )


def _message(row: tuple[str, str, str, float, int]) -> Message:
    number, destination, body, created_at, attempts = row
    return Message(
        id=number, destination=destination, body=body, created_at=created_at, attempts=attempts
    )
