"""Raw connections to an open door, for what no client library would send."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from .door import PATIENCE_SECONDS, Door


class Client:
    """One raw connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def answer(self) -> bytes:
        """Return one answer, head and body."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        return head + await self.reader.readexactly(length)

    async def rest(self) -> bytes:
        """Return everything until the server closes."""
        return await self.reader.read()


@contextlib.asynccontextmanager
async def connected(door: Door, data: bytes = b"") -> AsyncIterator[Client]:
    """Open a raw connection and send *data*."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        client = Client(*await asyncio.open_connection("127.0.0.1", door.listener.port))
        client.writer.write(data)
        try:
            yield client
        finally:
            client.writer.close()
