"""Token records in SQLite: one owner, every change on disk before it is confirmed."""

import contextlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..model.access import Scope
from ..model.errors import DataTooNewError, StorageError
from ..model.ports import TokenRecord

FIRST_TOKEN_FILE = "ingest.token"  # noqa: S105 - the name of a file, not a secret
OWNER_ONLY = 0o600
VERSION = 1

# A revoked name may be used again; the revoked row stays as a trace.
SCHEMA = """
CREATE TABLE tokens (
    name TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    scopes TEXT NOT NULL,
    bots TEXT NOT NULL,
    created_at REAL NOT NULL,
    expires_at REAL,
    revoked_at REAL
) STRICT;
CREATE UNIQUE INDEX active_name ON tokens (name) WHERE revoked_at IS NULL;
"""


class SqliteTokens:
    """
    A `TokenStore` in one SQLite file.

    Safe to call from several threads: one connection behind one lock. Only the process that
    holds the storage directory may open it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._explained():
            _create_private(path)
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            try:
                _prepare(self._connection, path)
            except BaseException:
                self._connection.close()
                raise

    def records(self) -> Sequence[TokenRecord]:
        """Return every record, oldest first, revoked and expired ones included."""
        query = (
            "SELECT name, digest, scopes, bots, created_at, expires_at, revoked_at "
            "FROM tokens ORDER BY created_at, rowid"
        )
        with self._lock, self._explained():
            return [_record(row) for row in self._connection.execute(query)]

    def add(self, record: TokenRecord) -> None:
        """
        Store *record* durably.

        Raises:
            StorageError: an active token has that name, or the write failed.
        """
        statement = "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?)"
        with self._lock, self._explained():
            try:
                self._connection.execute(statement, _row(record))
            except sqlite3.IntegrityError as error:
                message = f"token '{record.name}' exists already; revoke it or choose another name"
                raise StorageError(message) from error

    def revoke(self, name: str, *, at: float) -> bool:
        """Mark the token revoked; return whether an active one of that name existed."""
        statement = "UPDATE tokens SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL"
        with self._lock, self._explained():
            return self._connection.execute(statement, (at, name)).rowcount > 0

    def close(self) -> None:
        """Close the file; nothing else may be called afterwards."""
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            message = f"{self._path}: {error}; check the disk and the owner of the file"
            raise StorageError(message) from error


def first_token(
    tokens: SqliteTokens, directory: Path, *, secret: str, record: TokenRecord
) -> Path | None:
    """
    Make a first start usable: store *record* and its *secret* in a private file.

    Args:
        tokens: Where the record goes.
        directory: The storage directory; the secret goes to ``ingest.token`` in it.
        secret: A fresh token.
        record: What is stored in its place, with the digest of *secret*.

    Returns:
        The file, or None when a token exists already, even a revoked one: then nothing changed.

    Raises:
        StorageError: the file or the record cannot be written.
    """
    if tokens.records():
        return None
    # The file first: a record without it would be a token nobody can use.
    path = directory / FIRST_TOKEN_FILE
    try:
        _write_private(path, secret + "\n")
    except OSError as error:
        message = f"{path}: {error}; check the disk and the owner of the directory"
        raise StorageError(message) from error
    tokens.add(record)
    return path


def _create_private(path: Path) -> None:
    """Create the file before SQLite does: it and its companions inherit the mode."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, OWNER_ONLY))
    path.chmod(OWNER_ONLY)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        message = f"{path}: written by a newer version (schema {version}); start that version"
        raise DataTooNewError(message)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if version < VERSION:
        # One transaction: a crash leaves either no schema or the whole of it.
        connection.executescript(f"BEGIN;{SCHEMA}PRAGMA user_version = {VERSION};COMMIT;")


def _row(record: TokenRecord) -> tuple[object, ...]:
    return (
        record.name,
        record.digest,
        json.dumps(sorted(record.scopes)),
        json.dumps(sorted(record.bots)),
        record.created_at,
        record.expires_at,
        record.revoked_at,
    )


def _record(row: tuple[str, bytes, str, str, float, float | None, float | None]) -> TokenRecord:
    name, digest, scopes, bots, created_at, expires_at, revoked_at = row
    return TokenRecord(
        name=name,
        digest=digest,
        scopes=frozenset(Scope(scope) for scope in json.loads(scopes)),
        bots=frozenset(json.loads(bots)),
        created_at=created_at,
        expires_at=expires_at,
        revoked_at=revoked_at,
    )


def _write_private(path: Path, text: str) -> None:
    """Replace *path* in one step by a file only its owner can read."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
