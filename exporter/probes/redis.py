"""Redis: AUTH where there is a password, and PING."""

import asyncio

from ..config.probes import RedisSettings
from ..model.probing import ProbeReason
from .dialing import Network
from .notes import Notes
from .outcome import FailedError
from .policy import Endpoint
from .tcp import hang_up

DENIALS = (b"-NOAUTH", b"-WRONGPASS", b"-NOPERM", b"-ERR invalid password", b"-ERR AUTH")


class RedisProbe:
    """Sends PING to the server at *endpoint*; *password* is empty where none is needed."""

    def __init__(
        self, endpoint: Endpoint, settings: RedisSettings, *, password: str, network: Network
    ) -> None:
        self._endpoint = endpoint
        self._settings = settings
        self._password = password
        self._network = network

    async def run(self, notes: Notes) -> None:
        """Connect, log in and ping."""
        reader, writer = await self._network.open(self._endpoint, notes, self._settings.tls)
        try:
            if self._password:
                user = (self._settings.username,) if self._settings.username else ()
                writer.write(_command("AUTH", *user, self._password))
                await _expect(reader, b"+OK")
            writer.write(_command("PING"))
            await _expect(reader, b"+PONG")
        finally:
            hang_up(writer)
        notes.enter(None)


def _command(*words: str) -> bytes:
    parts = [f"*{len(words)}\r\n".encode()]
    for word in words:
        data = word.encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(data), data))
    return b"".join(parts)


async def _expect(reader: asyncio.StreamReader, wanted: bytes) -> None:
    try:
        line = await reader.readuntil(b"\r\n")
    except asyncio.LimitOverrunError:
        raise FailedError(ProbeReason.PROTOCOL, "the answer is no Redis") from None
    if line.rstrip() == wanted:
        return
    if line.startswith(DENIALS):
        raise FailedError(ProbeReason.AUTHENTICATION, "the credentials are missing or not accepted")
    if line.startswith(b"-"):
        # Such as LOADING or MASTERDOWN: the first word is a code, the rest is not shown.
        code = line[1:].split(b" ", 1)[0][:32].decode("ascii", "replace").strip()
        raise FailedError(ProbeReason.ANSWER_MISMATCH, f"it says {code}")
    raise FailedError(ProbeReason.PROTOCOL, "the answer is no Redis")
