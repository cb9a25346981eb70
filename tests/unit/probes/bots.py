"""Small servers that answer as bots, name servers and databases do."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from .evil import Behaviour

Reply = Callable[["Asked"], "str | bytes | Awaitable[str | bytes]"]


@dataclass
class Asked:
    """One request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, str]:
        """Return the body, understood."""
        document: dict[str, str] = json.loads(self.body)
        return document


@dataclass
class Bot:
    """Answers each request with what *reply* makes of it."""

    reply: Reply
    status: str = "200 OK"
    headers: tuple[str, ...] = ()
    asked: list[Asked] = field(default_factory=list)

    @property
    def behaviour(self) -> Behaviour:
        """Return it as a server."""
        return self._serve

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await _read(reader)
        self.asked.append(asked)
        made = self.reply(asked)
        text = await made if isinstance(made, Awaitable) else made
        body = text if isinstance(text, bytes) else text.encode()
        lines = (f"HTTP/1.1 {self.status}", f"Content-Length: {len(body)}", *self.headers)
        writer.write("".join(f"{line}\r\n" for line in (*lines, "")).encode() + body)
        await writer.drain()


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.split("\r\n")[:-2]
    method, path, _ = first.split(" ")
    headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(method, path, headers, body)
