"""When something happened last, remembered across restarts."""

from .database import Database


class Moments:
    """Names and times in *database*."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> float | None:
        """Return when it happened last, None when never."""
        with self._database.transaction() as connection:
            row = connection.execute("SELECT at FROM moments WHERE name = ?", (name,)).fetchone()
        return None if row is None else float(row[0])

    def set(self, name: str, at: float) -> None:
        """
        Note that it happened.

        Raises:
            StorageError: it is not on disk.
        """
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO moments VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET at = excluded.at",
                (name, at),
            )
