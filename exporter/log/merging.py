"""Sorted ids in small steps, so that no step keeps the interpreter for long."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, pairwise

from .filter import KEY_BYTES
from .runs import STEP_IDS, Run

_PREFIX_RANGE = 1 << 32


def sorted_ids(
    generations: Sequence[Iterable[bytes]], breathe: Callable[[], None]
) -> Iterator[list[bytes]]:
    """Yield all ids in ascending order, in lists of at most a few thousand."""
    for bucket in _by_byte(generations, 0, breathe):
        bucket.sort()
        yield bucket
        breathe()


def merged_ids(runs: Sequence[Run], breathe: Callable[[], None]) -> Iterator[list[bytes]]:
    """Yield the ids of all *runs* in ascending order, each once, a few thousand at a time."""
    total = sum(run.count for run in runs)
    steps = total // STEP_IDS + 1
    bounds = [_PREFIX_RANGE * step // steps for step in range(steps + 1)]
    for low, high in pairwise(bounds):
        ids = _split(b"".join(run.between(low, high) for run in runs))
        if ids:
            yield ids
        breathe()


def _by_byte(
    sources: Sequence[Iterable[bytes]], at: int, breathe: Callable[[], None]
) -> Iterator[list[bytes]]:
    """Yield the ids in buckets by the byte *at*, and large buckets by the next one."""
    buckets: list[list[bytes]] = [[] for _ in range(256)]
    for source in sources:
        ids = iter(source)
        while step := list(islice(ids, STEP_IDS)):
            for key in step:
                buckets[key[at]].append(key)
            breathe()
    for bucket in buckets:
        if len(bucket) > STEP_IDS and at + 1 < KEY_BYTES:
            yield from _by_byte([bucket], at + 1, breathe)
        elif bucket:
            yield bucket


def _split(plain: bytes) -> list[bytes]:
    ids = [plain[at : at + KEY_BYTES] for at in range(0, len(plain), KEY_BYTES)]
    distinct = set(ids)
    if len(distinct) != len(ids):
        ids = list(distinct)
    # The parts of the runs are sorted already, which the sort makes use of.
    ids.sort()
    return ids
