"""Flipped bits and cuts at each byte of the last frames: only the hit record is missing (F6)."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from random import Random

from exporter.log.frame import Frame, FrameKind
from exporter.log.reader import open_shelf, walk
from exporter.log.recover import recover
from exporter.log.storage import DiskStorage
from tests.support.server import Exporter
from tests.torture.bots import RATE, Bots, Work
from tests.torture.scenario import Figures, Scale, Scenario, Stage
from tests.torture.watch import counted, scrape
from tests.unit.log.sim import SimDisk, SimFile
from tests.unit.service.rig import open_core

FRAMES = 4
EVENTS = 5
STARTS = 200  # One in so many damaged directories is started as a whole, not only read.


async def run(stage: Stage) -> Figures:
    """Damage copies of the log of a killed exporter, and in the end its own directory."""
    rng = Random(stage.seed)
    with Exporter(stage.directory, settings=RATE) as exporter:
        async with Bots(exporter, seed=stage.seed, work=Work(lanes=2, events=EVENTS)) as bots:
            await bots.more(20)
        exporter.kill()
        log = exporter.storage / "log"
        found = await asyncio.to_thread(_frames, log)
        states = 0
        for damaged, hit in _damages(log, found, rng, stage.scale):
            await _check(damaged, found, hit, stage.seed, starts=states % STARTS == 0)
            states += 1
        await _check_process(stage, exporter, bots, found[-1])
    return Figures(states, bots.acknowledged, facts="only the hit record is missing")


def _frames(log: Path) -> list[Frame]:
    """Return the frames with events, oldest first."""
    storage = DiskStorage(log)
    parts = walk(storage, open_shelf(storage))
    return [part for part in parts if isinstance(part, Frame) and part.kind is FrameKind.EVENTS]


def _damages(
    log: Path, found: list[Frame], rng: Random, scale: Scale
) -> Iterator[tuple[SimDisk, range]]:
    """Yield damaged disks, and which frames, by place, may be missing on each."""
    is_long = scale is Scale.LONG
    last = found[-FRAMES if is_long else -FRAMES // 2 :]
    (name,) = (path.name for path in log.glob(f"segment-{last[0].position.segment:010}.log"))
    for place, frame in enumerate(last, len(found) - len(last)):
        for offset in range(frame.position.offset, frame.end.offset):
            for bit in range(8) if is_long else (rng.randrange(8),):
                disk = _copy(log)
                disk.files[name].data[offset] ^= 1 << bit
                yield disk, range(place, place + 1)
            disk = _copy(log)
            del disk.files[name].data[offset:]
            yield disk, range(place, len(found))


def _copy(log: Path) -> SimDisk:
    disk = SimDisk()
    for path in log.iterdir():
        if path.is_file():
            data = bytearray(path.read_bytes())
            disk.files[path.name] = SimFile(data, len(data))
    return disk


async def _check(disk: SimDisk, found: list[Frame], hit: range, seed: int, *, starts: bool) -> None:
    recovery = recover(disk)
    left = [frame.position for frame in recovery.frames() if frame.kind is FrameKind.EVENTS]
    missing = [frame.position for frame in found if frame.position not in left]
    what = f"seed {seed}: frames {hit} hit, {missing} missing, {recovery.damaged}"
    assert [found[place].position for place in hit] == missing, what
    if starts:
        rig = await open_core(disk)
        lost = sum(found[place].count for place in hit)
        assert sum(frame.count for frame in found) - lost == rig.total(), what
        await rig.close()


async def _check_process(stage: Stage, exporter: Exporter, bots: Bots, last: Frame) -> None:
    """Flip a bit in the real directory and start the real process on it."""
    (path,) = (exporter.storage / "log").glob(f"segment-{last.position.segment:010}.log")
    data = bytearray(path.read_bytes())
    data[last.end.offset - 3] ^= 4
    path.write_bytes(data)
    await asyncio.to_thread(exporter.start)
    found = await asyncio.to_thread(scrape, exporter)
    assert bots.acknowledged - last.count == counted(found), f"seed {stage.seed}"
    assert 1 == found["bot_exporter_log_damaged_ranges_total"]
    again = await bots.send_again()
    assert (last.count, 0) == (again.accepted, again.rejected), again


SCENARIO = Scenario("damage", run)
