"""A reader's durable place in the log; while it exists it keeps what it has not read."""

import json
import re
from collections.abc import Iterator

from ..model.errors import StorageError
from .frame import Frame, FrameKind, Position
from .reader import BEGINNING, open_shelf, walk
from .storage import Storage

_NAME = re.compile(r"cursor-([a-z][a-z0-9_-]{0,62})\.json")
_PREFIX = "cursor-"


class Cursor:
    """
    One reader of the log, known by its name.

    Making a cursor registers it: from then on no segment at or behind its
    position is removed. A new one stands at the beginning of the log. May live
    in another process than the writer.
    """

    def __init__(self, storage: Storage, name: str) -> None:
        self._storage = storage
        self._file = f"{_PREFIX}{name}.json"
        if not _NAME.fullmatch(self._file):
            message = f"cursor name {name!r}: use lower-case letters, digits, '-' and '_'"
            raise ValueError(message)
        known = _load(storage, self._file)
        self.position = BEGINNING if known is None else known
        if known is None:
            self._store(BEGINNING)

    def read(self, until: Position, max_events: int) -> Iterator[Frame]:
        """
        Yield the frames between this cursor and *until*, a position the writer has synced.

        Stops behind the frame that reaches *max_events*; frames are never
        split. Unreadable ranges are skipped: recovery reports them.
        """
        shelf = open_shelf(self._storage)
        events = 0
        for part in walk(self._storage, shelf, after=self.position, until=until):
            if not isinstance(part, Frame) or part.kind is FrameKind.SEGMENT:
                continue
            yield part
            events += part.count
            if events >= max_events:
                return

    def advance(self, position: Position) -> None:
        """
        Make *position* the durable place: everything before it is done with.

        Raises:
            StorageError: It lies before the present place.
        """
        if position < self.position:
            message = f"{self._file}: cannot go back from {self.position} to {position}"
            raise StorageError(message)
        self._store(position)
        self.position = position

    def remove(self) -> None:
        """Forget the cursor: it keeps nothing any more."""
        self._storage.remove(self._file)
        self._storage.sync_directory()

    def _store(self, position: Position) -> None:
        content = {"segment": position.segment, "offset": position.offset}
        self._storage.replace(self._file, (json.dumps(content).encode(),))


def is_cursor_file(name: str) -> bool:
    """Return whether the file, finished or not, belongs to a cursor."""
    return name.startswith(_PREFIX)


def cursor_positions(storage: Storage) -> dict[str, Position]:
    """Return the place of each cursor; one that cannot be read stands at the beginning."""
    names = [name for name in storage.list() if _NAME.fullmatch(name)]
    return {name: _load(storage, name) or BEGINNING for name in names}


def _load(storage: Storage, name: str) -> Position | None:
    """Return a stored position, None when there is none that can be read."""
    if not storage.has(name):
        return None
    try:
        content = json.loads(storage.read(name))
        return Position(int(content["segment"]), int(content["offset"]))
    except (ValueError, KeyError, TypeError):
        # Written in one step, so this is bit rot: reading again from the
        # beginning is safe, the readers count each event once.
        return None
