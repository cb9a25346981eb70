"""
Names -> addresses, by the resolver of the system, which may hang for half a minute.

Each lookup has a thread of its own that nobody waits for: a pool would be full of dead names, and
would keep the process from ending.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from ..model.probing import ProbeReason
from .outcome import FailedError

MOST_LOOKUPS = 512

Lookup = Callable[[str], Sequence[str]]

_NOT_FOUND = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


def system_lookup(name: str) -> Sequence[str]:
    """Return the addresses of *name* in the order the system prefers; raises OSError."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class NameResolver:
    """Looks names up; whoever asks for a name that is being looked up waits for the same answer."""

    def __init__(self, lookup: Lookup = system_lookup) -> None:
        self._lookup = lookup
        self._waiting: dict[str, asyncio.Future[Sequence[str]]] = {}

    async def resolve(self, name: str) -> Sequence[str]:
        """
        Return the addresses of *name*; an address is its own.

        Raises:
            FailedError: there are none, or nobody could tell.
        """
        if _is_address(name):
            return [name]
        future = self._waiting.get(name)
        if future is None:
            future = self._start(name)
        try:
            return await asyncio.shield(future)
        except socket.gaierror as error:
            if error.errno in _NOT_FOUND:
                message = "there is no such name"
                raise FailedError(ProbeReason.NAME_NOT_FOUND, message) from None
            message = "the name could not be looked up"
            raise FailedError(ProbeReason.NAME_LOOKUP_FAILED, message) from None
        except UnicodeError:
            raise FailedError(ProbeReason.NAME_NOT_FOUND, "that is no name") from None

    def _start(self, name: str) -> "asyncio.Future[Sequence[str]]":
        if len(self._waiting) >= MOST_LOOKUPS:
            raise FailedError(ProbeReason.INTERNAL, "too many name lookups hang already")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Sequence[str]] = loop.create_future()
        self._waiting[name] = future
        # Nobody may be left to take an error; that is no reason for a warning.
        future.add_done_callback(lambda done: done.cancelled() or done.exception())

        def work() -> None:
            try:
                found: Sequence[str] | Exception = self._lookup(name)
            except (OSError, UnicodeError) as error:
                found = error
            with suppress(RuntimeError):  # The loop has ended; nobody waits any more.
                loop.call_soon_threadsafe(self._finish, name, found)

        threading.Thread(target=work, name="name-lookup", daemon=True).start()
        return future

    def _finish(self, name: str, found: Sequence[str] | Exception) -> None:
        future = self._waiting.pop(name)
        if future.done():
            return
        if isinstance(found, Exception):
            future.set_exception(found)
        else:
            future.set_result(found)


def _is_address(text: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, text)
        except (OSError, ValueError):
            continue
        return True
    return False
