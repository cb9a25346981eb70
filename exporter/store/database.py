"""One SQLite file with one owner: every change is on disk before it is confirmed."""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..model.errors import DamagedError, DataTooNewError, StorageError

OWNER_ONLY = 0o600


class Database:
    """
    One connection behind one lock, so that threads may share it.

    Args:
        path: The file; made when it does not exist, readable by its owner only.
        schema: Statements that make an empty file usable, for each version the next ones.

    Raises:
        StorageError: the file cannot be used, or belongs to a newer version.
    """

    def __init__(self, path: Path, schema: Sequence[str]) -> None:
        self._path = path
        self._lock = threading.RLock()
        with self._explained():
            # Before SQLite does: the file and its companions inherit the mode.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, OWNER_ONLY))
            path.chmod(OWNER_ONLY)
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            try:
                self._prepare(schema)
            except BaseException:
                self._connection.close()
                raise

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """
        Yield the connection; what is done with it happens as a whole or not at all.

        Raises:
            StorageError: SQLite or the disk refused.
        """
        with self._lock, self._explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file; nothing else may be called afterwards."""
        with self._lock:
            self._connection.close()

    def _prepare(self, schema: Sequence[str]) -> None:
        connection = self._connection
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(schema):
            message = (
                f"{self._path}: written by a newer version (schema {version}); start that version"
            )
            raise DataTooNewError(message)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        for number, statements in enumerate(schema[version:], start=version + 1):
            # One transaction: a crash leaves either the old schema or the whole new one.
            connection.executescript(f"BEGIN;{statements};PRAGMA user_version = {number};COMMIT;")

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            message = f"{self._path}: {error}; check the disk and the owner of the file"
            # SQLite's plain error says that the content is wrong; trouble of the machine has its
            # own kinds.
            kind = DamagedError if type(error) is sqlite3.DatabaseError else StorageError
            raise kind(message) from error
