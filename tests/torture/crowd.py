"""Many raw connections at once, each as rude as the scenario wants it."""

import asyncio
import contextlib
import socket
from typing import Self


class Crowd:
    """Sockets that connected to one port; leaving the block closes them."""

    def __init__(self, port: int) -> None:
        self.open: list[socket.socket] = []
        self._port = port

    async def __aenter__(self) -> Self:
        """Return the crowd, still empty."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close what is open."""
        for one in self.open:
            one.close()

    async def join(self, count: int, *, saying: bytes = b"", receive_bytes: int = 0) -> None:
        """Connect *count* more and let each of them say something; who is refused is left out."""
        loop = asyncio.get_running_loop()
        for _ in range(count):
            one = socket.socket()
            one.setblocking(False)  # noqa: FBT003 - the signature of the standard library
            if receive_bytes:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
            try:
                async with asyncio.timeout(5):
                    await loop.sock_connect(one, ("127.0.0.1", self._port))
                    await loop.sock_sendall(one, saying)
            except (OSError, TimeoutError):
                one.close()
            else:
                self.open.append(one)

    def say(self, text: bytes) -> None:
        """Let everybody say a bit more, as far as they are heard."""
        for one in self.open:
            with contextlib.suppress(OSError):
                one.send(text)

    def listen(self, most: int) -> int:
        """Let everybody read at most so many bytes; return how many were read in all."""
        heard = 0
        for one in self.open:
            with contextlib.suppress(OSError):
                heard += len(one.recv(most))
        return heard

    def closed(self) -> int:
        """Return how many were closed by the other side."""
        return sum(map(_is_closed, self.open))


def _is_closed(one: socket.socket) -> bool:
    try:
        while data := one.recv(1 << 16):
            assert data
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
