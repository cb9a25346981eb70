"""TCP and TLS: whether a connection comes about, and whether the right words come back."""

import asyncio

from ..config.probes import TcpSettings, TlsSettings
from ..model.probing import ProbeReason
from .dialing import Network, Streams
from .notes import Notes
from .outcome import FailedError
from .policy import Endpoint

MOST_BYTES = 65_536


class TcpProbe:
    """Connects, sends, and waits for a text."""

    def __init__(self, endpoint: Endpoint, settings: TcpSettings, network: Network) -> None:
        self._endpoint = endpoint
        self._settings = settings
        self._network = network

    async def run(self, notes: Notes) -> None:
        """Connect, and exchange the words of the settings."""
        reader, writer = await self._network.open(self._endpoint, notes, None)
        try:
            if self._settings.send:
                writer.write(self._settings.send.encode())
                await writer.drain()
            if self._settings.expect:
                await self._expect(reader)
        finally:
            hang_up(writer)
        notes.enter(None)

    async def _expect(self, reader: asyncio.StreamReader) -> None:
        wanted, found = self._settings.expect.encode(), b""
        while wanted not in found:
            part = await reader.read(MOST_BYTES)
            found += part
            if not part or len(found) > MOST_BYTES:
                message = "the expected text did not come"
                raise FailedError(ProbeReason.ANSWER_MISMATCH, message)


class TlsProbe:
    """Connects and looks at the certificate."""

    def __init__(self, endpoint: Endpoint, settings: TlsSettings, network: Network) -> None:
        self._endpoint = endpoint
        self._settings = settings
        self._network = network

    async def run(self, notes: Notes) -> None:
        """Connect and encrypt."""
        streams: Streams = await self._network.open(self._endpoint, notes, self._settings)
        hang_up(streams[1])
        notes.enter(None)


def hang_up(writer: asyncio.StreamWriter) -> None:
    """End a connection at once: the goodbye of a target that hangs is not waited for."""
    writer.transport.abort()
