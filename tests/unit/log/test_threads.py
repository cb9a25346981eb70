"""The real thing: threads, a directory, uvloop or not."""

import asyncio
from pathlib import Path

from exporter.log.commit import Batch
from exporter.log.recover import recover
from exporter.log.storage import DiskStorage
from exporter.log.writer import LogWriter

from .fakes import ManualClock, batch_of, text_of, texts_in


async def test_a_real_directory_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    """Submit, rotate, compress, close, start again: everything is there, in order."""
    storage = DiskStorage(tmp_path)
    applied: list[str] = []

    async def apply(batch: Batch) -> None:
        applied.append(text_of(batch.body))

    for start in (0, 100):
        writer = LogWriter(
            storage=storage, clock=ManualClock(), start=recover(storage).start, apply=apply
        )
        for first in range(start, start + 100, 20):
            numbers = range(first, first + 20)
            await asyncio.gather(*(writer.submit(batch_of(str(number))) for number in numbers))
            writer.rotate()
        await writer.close()

    assert [str(number) for number in range(200)] == applied
    assert applied == texts_in(recover(storage).frames())
    assert sum(name.endswith(".zst") for name in storage.list()) > 5
