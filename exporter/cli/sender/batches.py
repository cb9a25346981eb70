"""Groups events into requests that are neither too many nor too large."""

from collections.abc import Callable, Iterable, Iterator

from .lines import BadLine, Event

LARGEST_BATCH_BYTES = 4 * 1024 * 1024  # The exporter takes 10 MiB unless configured otherwise.

Batch = list[Event]


def batches(
    found: Iterable[Event | BadLine], *, most: int, on_bad: Callable[[BadLine], None]
) -> Iterator[Batch]:
    """Yield up to *most* events at a time, in their order; bad lines go to *on_bad*."""
    batch: Batch = []
    size = 0
    for item in found:
        if isinstance(item, BadLine):
            on_bad(item)
            continue
        if batch and (len(batch) == most or size + len(item.body) > LARGEST_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item.body) + 1
    if batch:
        yield batch


def halves(batch: Batch) -> tuple[Batch, Batch]:
    """Return the batch in two; it has at least two events."""
    middle = len(batch) // 2
    return batch[:middle], batch[middle:]
