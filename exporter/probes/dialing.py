"""Connections to what the policy permits; the address is judged when its socket is made."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohappyeyeballs

from ..config.probes import TlsSettings
from ..model.ports import Clock
from ..model.probing import ProbePhase
from .encryption import current_notes, note_session, tls_context
from .names import NameResolver
from .notes import Notes
from .outcome import FailedError
from .policy import AddressPolicy, Endpoint

HAPPY_SECONDS = 0.25  # RFC 8305: the next address gets its turn after that long.

AddressInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]]
SocketFactory = Callable[[AddressInfo], socket.socket]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Guard:
    """Makes sockets for one endpoint. It remembers a refusal, which racing attempts swallow."""

    def __init__(self, policy: AddressPolicy, endpoint: Endpoint, notes: Notes) -> None:
        self._policy = policy
        self._notes = notes
        self._endpoint = endpoint
        self.refusal: FailedError | None = None

    def socket(self, info: AddressInfo) -> socket.socket:
        """Return a socket for the address, unless the policy refuses it."""
        family, kind, protocol, _, address = info
        try:
            self._policy.check(self._endpoint, str(address[0]))
        except FailedError as error:
            self.refusal = error
            raise
        self._notes.facts.ip_version = 6 if family == socket.AF_INET6 else 4
        made = socket.socket(family, kind, protocol)
        made.settimeout(0)
        return made


@dataclass(frozen=True, slots=True)
class Network:
    """The way out: how names become addresses, and which of them may be used."""

    resolver: NameResolver
    policy: AddressPolicy
    clock: Clock

    async def addresses(self, endpoint: Endpoint, notes: Notes) -> list[AddressInfo]:
        """
        Return where *endpoint* is; every address of it is permitted.

        Raises:
            FailedError: it has no address, or one that must not be connected to.
        """
        host, port = endpoint
        notes.enter(ProbePhase.RESOLVE)
        found = await self.resolver.resolve(host)
        for address in found:
            self.policy.check(endpoint, address)
        notes.enter(ProbePhase.CONNECT)
        notes.say(f"{len(found)} addresses found")
        return [_info(address, port) for address in found]

    async def connect(self, endpoint: Endpoint, notes: Notes) -> socket.socket:
        """
        Return a connected socket.

        Raises:
            FailedError: the policy refuses, or the name leads nowhere.
            OSError: it cannot be reached.
        """
        infos = await self.addresses(endpoint, notes)
        guard = Guard(self.policy, endpoint, notes)
        try:
            connected = await aiohappyeyeballs.start_connection(
                infos,
                happy_eyeballs_delay=HAPPY_SECONDS,
                interleave=1,
                socket_factory=guard.socket,
            )
        except OSError:
            if guard.refusal is not None:
                raise guard.refusal from None
            raise
        notes.say(f"connected over IPv{notes.facts.ip_version}")
        return connected

    async def open(self, endpoint: Endpoint, notes: Notes, tls: TlsSettings | None) -> Streams:
        """
        Return the streams of a connection, encrypted when *tls* says how.

        Raises:
            FailedError: the policy refuses, or the name leads nowhere.
            OSError: it cannot be reached, or TLS fails.
        """
        connected = await self.connect(endpoint, notes)
        try:
            if tls is None:
                streams = await asyncio.open_connection(sock=connected)
            else:
                current_notes.set(notes)
                notes.enter(ProbePhase.TLS)
                streams = await asyncio.open_connection(
                    sock=connected,
                    ssl=tls_context(tls),
                    server_hostname=tls.server_name or endpoint[0],
                )
                note_session(notes, tls, self.clock.wall())
        except BaseException:
            connected.close()
            raise
        notes.enter(ProbePhase.PROCESSING)
        return streams


def _info(address: str, port: int) -> AddressInfo:
    host, _, scope = address.partition("%")
    if ":" in host:
        number = int(scope) if scope.isdigit() else 0
        where: tuple[Any, ...] = (host, port, 0, number)
        return (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", where)
    return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))
