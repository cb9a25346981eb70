"""The segment being written, those before it, and what each of them weighs."""

import contextlib
from dataclasses import dataclass

from .frame import Position
from .segment import Opening, encode_segment_header, list_segments, plain_name
from .storage import Appender, Storage

# Each header repeats the segments given up by this process, so that one
# unreadable header cannot bring their refused frames back.
_REMEMBERED = 64


@dataclass(slots=True)
class ActiveSegment:
    """
    An open segment whose header is durable.

    ``synced`` is how many of its bytes are; ``opened_at`` is monotonic.
    """

    number: int
    appender: Appender
    opened_at: float
    synced: int

    @property
    def end(self) -> Position:
        """Return the durable end."""
        return Position(self.number, self.synced)


class NotOpenedError(OSError):
    """A segment could not be opened: why, and whether its number is spent."""

    def __init__(self, error: OSError, *, is_spent: bool) -> None:
        super().__init__(error.errno, error.strerror)
        self.is_spent = is_spent


def open_segment(storage: Storage, opening: Opening) -> ActiveSegment:
    """
    Create a segment and make its header durable.

    Raises:
        NotOpenedError: The disk refused. The file is removed if that works;
            if not its number must never be used again.
    """
    name = plain_name(opening.number)
    appender = None
    try:
        appender = storage.create(name)
        appender.write((encode_segment_header(opening),))
        appender.sync()
    except OSError as error:
        if appender is not None:
            appender.close()
        raise NotOpenedError(error, is_spent=not _is_removed(storage, name)) from error
    return ActiveSegment(
        number=opening.number,
        appender=appender,
        opened_at=opening.opened_at,
        synced=appender.tell,
    )


class Ledger:
    """
    The numbers, lengths and sizes of the segments, kept by the writer.

    ``closed_bytes`` is what those take on disk that are not written any more.
    """

    def __init__(self, storage: Storage, *, next_number: int, end: Position | None) -> None:
        self.next_number = next_number
        self.end = end
        self.sealed: dict[int, int] = {}
        self._sizes = {
            file.number: storage.size(file.name) for file in list_segments(storage).values()
        }
        self.closed_bytes = sum(self._sizes.values())

    @property
    def segments(self) -> int:
        """Return how many closed segments are on disk."""
        return len(self._sizes)

    def close(self, active: ActiveSegment) -> None:
        """Take note of a segment that is not written any more; only its synced bytes count."""
        self.end = active.end
        self.resize(active.number, active.appender.tell)

    def give_up(self, number: int, valid_length: int) -> None:
        """Take note of a segment that failed, for the headers of the next ones."""
        self.sealed[number] = valid_length
        while len(self.sealed) > _REMEMBERED:
            self.sealed.pop(next(iter(self.sealed)))

    def spend(self, number: int) -> None:
        """Take note that a number is used up."""
        self.next_number = number + 1

    def resize(self, number: int, size: int) -> None:
        """Take note of what a closed segment takes on disk."""
        self.closed_bytes += size - self._sizes.get(number, 0)
        self._sizes[number] = size

    def forget(self, number: int) -> None:
        """Take note that a segment is gone."""
        self.closed_bytes -= self._sizes.pop(number, 0)


def _is_removed(storage: Storage, name: str) -> bool:
    with contextlib.suppress(OSError):
        storage.remove(name)
        return True
    return False
