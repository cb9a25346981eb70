"""A server that behaves badly, in every way that is known."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

MIB = 2**20
OK = b"HTTP/1.1 200 OK\r\n"


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept and say nothing."""
    await asyncio.Event().wait()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Promise a body and send a byte now and then."""
    await _request(reader)
    writer.write(OK + b"Content-Length: 1000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await _pause(reader)


async def drip_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send the head a byte now and then, and never end it."""
    await _request(reader)
    writer.write(OK + b"X-Slow: ")
    while True:
        writer.write(b"x")
        await writer.drain()
        await _pause(reader)


async def endless_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send headers as fast as they are taken."""
    await _request(reader)
    writer.write(OK)
    number = 0
    while True:
        number += 1
        writer.write(f"X-Header-{number}: {'x' * 1000}\r\n".encode())
        await writer.drain()


async def huge_header(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send one header that never ends."""
    await _request(reader)
    writer.write(OK + b"X-Huge: ")
    while True:
        writer.write(b"x" * 4096)
        await writer.drain()


async def promise_huge_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say that 10 GB follow."""
    await _request(reader)
    writer.write(OK + b"Content-Length: 10000000000\r\n\r\n")
    await _flood(writer)


async def huge_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send without an end."""
    await _request(reader)
    writer.write(OK + b"Connection: close\r\n\r\n")
    await _flood(writer)


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Cut the connection with RST instead of an answer."""
    await _request(reader)
    _cut(writer)


async def reset_in_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Cut the connection in the middle of a body."""
    await _request(reader)
    writer.write(OK + b"Content-Length: 1000\r\n\r\nabc")
    await writer.drain()
    _cut(writer)


async def short_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send less than was promised, and go."""
    await _request(reader)
    writer.write(OK + b"Content-Length: 1000\r\n\r\nabc")
    await writer.drain()


async def close_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close without an answer."""
    await _request(reader)


async def old_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer in HTTP/0.9: the body and nothing else."""
    await _request(reader)
    writer.write(b"<html>hello</html>\n")
    await writer.drain()


async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with bytes that mean nothing."""
    await _request(reader)
    writer.write(bytes(range(256)) * 4)
    await writer.drain()


async def loop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Redirect to itself."""
    await _request(reader)
    writer.write(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()


async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speak first, and no TLS."""
    writer.write(b"220 mail.example ESMTP\r\n")
    await writer.drain()
    await asyncio.Event().wait()


def answering(status: str, *headers: str, body: bytes = b"") -> Behaviour:
    """Return a behaviour that gives a sound answer."""
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *headers))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _request(reader)
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()

    return answer


class Server:
    """What a running server saw."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0


@asynccontextmanager
async def serving(
    behaviour: Behaviour, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Server]:
    """Run *behaviour* for every connection, and leave nothing behind."""
    seen = Server()
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with suppress(OSError, EOFError, asyncio.CancelledError):
                await behaviour(reader, writer)
        finally:
            writer.close()
            tasks.discard(task)

    server = await asyncio.start_server(accept, host, 0, ssl=tls)
    try:
        seen.port = server.sockets[0].getsockname()[1]
        yield seen
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _request(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


async def _pause(reader: asyncio.StreamReader) -> None:
    """Wait a little, or until the other side goes."""
    with suppress(TimeoutError):
        async with asyncio.timeout(0.02):
            if not await reader.read(1):
                raise ConnectionResetError


async def _flood(writer: asyncio.StreamWriter) -> None:
    block = b"x" * MIB
    while True:
        writer.write(block)
        await writer.drain()


def _cut(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
