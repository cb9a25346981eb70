"""The disk, or its inodes, run out and come back: 507, scrapes go on, no restart (F7)."""

import asyncio
import contextlib
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.server import Exporter
from tests.torture.account import settle
from tests.torture.bots import RATE, Bots
from tests.torture.mounts import small_disk
from tests.torture.scenario import Figures, Scenario, Stage
from tests.torture.watch import Watch, scrape

SIZE_BYTES, INODES = 64 << 20, 80
SETTINGS = RATE + "log: {snapshot_events: 20000, segment_bytes: 1MiB}\n"
FULL = 507
BACK_SECONDS = 5.0
PIECE = bytes(1 << 16)


async def run(stage: Stage) -> Figures:
    """Fill the disk and free it; every third time it is the inodes that run out."""
    cycles = stage.pick(short=4, long=100)
    slowest = 0.0
    data = stage.directory / "data"
    with (
        small_disk(data, size_bytes=SIZE_BYTES, inodes=INODES),
        Exporter(stage.directory, settings=SETTINGS) as exporter,
    ):
        async with Watch(exporter), Bots(exporter, seed=stage.seed) as bots:
            for number in range(cycles):
                await bots.more(8)
                is_room_left = number % 3 == 1
                with _no_inodes(data) if is_room_left else _no_room(data):
                    # Without inodes the open file of the log still takes events, the next cannot.
                    await (bots.more(100) if is_room_left else bots.refused(FULL))
                    found = await asyncio.to_thread(scrape, exporter)
                    assert found["bot_exporter_events_received_total"], "metrics while it is full"
                began = asyncio.get_running_loop().time()
                await bots.more(1, seconds=BACK_SECONDS)
                slowest = max(slowest, asyncio.get_running_loop().time() - began)
        account = await settle(stage, exporter, bots)
        assert 1 == exporter.starts
        assert "" not in bots.tally.retry_after, "a 507 says when to come back"
    return account.figures(stage, rounds=cycles, facts=f"back within {slowest:.1f} s")


@contextmanager
def _no_room(data: Path) -> Iterator[None]:
    """Take every byte there is; what the log frees meanwhile is the log's."""
    filler = data / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(PIECE)
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def _no_inodes(data: Path) -> Iterator[None]:
    """Take every inode: no file of the log can be followed by another, no snapshot be taken."""
    made: list[Path] = []
    with contextlib.suppress(OSError):
        for number in itertools.count():
            path = data / f"inode-{number}"
            os.close(os.open(path, os.O_CREAT | os.O_EXCL))
            made.append(path)
    try:
        yield
    finally:
        for path in made:
            path.unlink()


SCENARIO = Scenario("disk_full", run)
