"""What goes into the log, and the promise a sender waits on."""

import asyncio
from dataclasses import dataclass, field

from .frame import FrameKind, Position

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class LogSettings:
    """The limits of the log; sizes in bytes, times in seconds."""

    max_bytes: int = 10 * 1024 * _MIB
    segment_bytes: int = 64 * _MIB
    segment_seconds: float = 3600.0
    queue_bytes: int = 64 * _MIB
    # A file that is about to be removed is not worth the work.
    compress_after_seconds: float = 0.0


@dataclass(slots=True)
class Batch:
    """
    Events that are committed together, as one frame.

    ``body`` is canonical JSON (NDJSON for events), ``payload`` whatever the
    caller wants back when the batch is applied. The writer fills in
    ``elapsed`` (log time in seconds) when the batch is submitted, ``position``
    and ``end`` (where its frame begins and ends) when it is written.
    """

    kind: FrameKind
    body: bytes
    count: int
    received_at: float
    payload: object = None
    version: int = 1
    elapsed: float = 0.0
    position: Position | None = None
    end: Position | None = None


class Commit(asyncio.Future[Position]):
    """
    Resolves to the position of a batch once it is durable and applied.

    Any number of tasks may await it. Cancelling one of them ends that task as
    soon as the commit is decided, and nothing else: the others learn how it went.
    """

    def cancel(self, msg: object = None) -> bool:  # noqa: ARG002 - the signature of Future
        """Do nothing and return False: what is on its way to the disk cannot be called back."""
        return False

    def fail(self, error: Exception) -> None:
        """Resolve to *error*, without a complaint should nobody wait any more."""
        self.set_exception(error)
        self.exception()


@dataclass(slots=True)
class Entry:
    """A submitted batch on its way: its commit, and its frame as buffers."""

    batch: Batch
    commit: Commit
    header: bytes
    size: int = field(init=False)

    def __post_init__(self) -> None:
        """Compute the length of the frame once."""
        self.size = len(self.header) + len(self.batch.body)
