"""Which segments may go: those that neither a snapshot nor a reader can still need."""

from collections.abc import Iterable

from .cursor import cursor_positions
from .frame import Position
from .segment import compressed_name, list_segments, plain_name
from .snapshot import KEPT, snapshot_positions
from .storage import Storage


def prune(storage: Storage, *, cursors: Iterable[Position] = ()) -> list[int]:
    """
    Remove the segments nobody needs, oldest first, and return their numbers.

    Needed is what lies behind the older of the two newest snapshots (the newer
    may turn out unreadable), behind a cursor of the directory, or behind one
    of *cursors*. Age alone never removes anything.
    """
    snapshots = snapshot_positions(storage)[:KEPT]
    if len(snapshots) < KEPT:
        return []
    needed = min([*snapshots, *cursor_positions(storage).values(), *cursors])
    removable = sorted(number for number in list_segments(storage) if number < needed.segment)
    for number in removable:
        # A crash may have left the original beside its compressed copy.
        storage.remove(plain_name(number))
        storage.remove(compressed_name(number))
    if removable:
        storage.sync_directory()
    return removable
