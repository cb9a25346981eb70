"""
Listening sockets that systemd holds: they stay open while the exporter restarts.

The protocol of sd_listen_fds(3): descriptors from 3 on, their number and names in the environment.
"""

import os
import re
import socket
from collections.abc import MutableMapping
from dataclasses import dataclass

from ..config.address import Address
from ..model.errors import ConfigError, Problem

FIRST_DESCRIPTOR = 3  # SD_LISTEN_FDS_START
PUBLIC, INTERNAL = "public", "internal"
PID, COUNT, NAMES = "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"
VARIABLES = (PID, COUNT, NAMES, "LISTEN_PIDFDID")  # The last one came with systemd 258.

_NUMBER = re.compile(r"[0-9]{1,4}")
_WRITE_A_NAME = f"write FileDescriptorName={PUBLIC} or ={INTERNAL} into its .socket unit"
_WRITE_AN_ADDRESS = "write ListenStream=HOST:PORT into its .socket unit, without Accept=yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sockets:
    """Listening sockets by the listener they are for; None: the exporter binds its own."""

    public: socket.socket | None = None
    internal: socket.socket | None = None

    @property
    def names(self) -> list[str]:
        """Return which listeners have a socket."""
        return [name for name in (PUBLIC, INTERNAL) if getattr(self, name) is not None]

    @property
    def public_address(self) -> str:
        """Return where the public socket listens; empty without one."""
        if self.public is None:
            return ""
        host, port, *_ = self.public.getsockname()
        return str(Address(host, port))


def take_sockets(environ: MutableMapping[str, str], *, first: int = FIRST_DESCRIPTOR) -> Sockets:
    """
    Return the sockets that were passed to this process, and keep them from its children.

    What is meant for another process is left alone. *environ* loses the variables either way.

    Raises:
        ConfigError: they cannot be used, with every reason.
    """
    pid, count, names, *_ = (environ.pop(name, "") for name in VARIABLES)
    if pid != str(os.getpid()):
        return Sockets()
    if not _NUMBER.fullmatch(count):
        raise ConfigError([_problem(COUNT, f"{count!r} is no number; let systemd set it")])
    found = range(first, first + int(count))
    named = names.split(":") if names else []
    if len(named) != len(found):
        message = f"{len(named)} names for {len(found)} sockets; {_WRITE_A_NAME}"
        raise ConfigError([_problem(NAMES, message)])
    return _opened(dict(zip(found, named, strict=True)))


def _opened(named: dict[int, str]) -> Sockets:
    problems = _name_problems(list(named.values()))
    opened: list[tuple[str, socket.socket]] = []
    for descriptor, name in named.items():
        try:
            opened.append((name, _listening(descriptor)))
        except (OSError, ValueError) as error:
            what = f"the socket {name!r} (descriptor {descriptor}) {error}; {_WRITE_AN_ADDRESS}"
            problems.append(_problem(COUNT, what))
    if problems:
        for _, sock in opened:
            sock.close()
        raise ConfigError(problems)
    return Sockets(**dict(opened))


def _name_problems(names: list[str]) -> list[Problem]:
    unknown = [name for name in dict.fromkeys(names) if name not in (PUBLIC, INTERNAL)]
    twice = [name for name in (PUBLIC, INTERNAL) if names.count(name) > 1]
    return [
        *(_problem(NAMES, f"{name!r} is no listener; {_WRITE_A_NAME}") for name in unknown),
        *(
            _problem(NAMES, f"{name!r} has several sockets; leave it one ListenStream=")
            for name in twice
        ),
    ]


def _listening(descriptor: int) -> socket.socket:
    """
    Return the socket behind *descriptor*.

    Raises:
        OSError: it is no socket.
        ValueError: it is one, but not for us; the message says what it is.
    """
    os.set_inheritable(descriptor, False)  # noqa: FBT003 - the signature of the standard library
    sock = socket.socket(fileno=descriptor)
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        wrong = "is not of TCP"
    elif sock.type is not socket.SOCK_STREAM:
        wrong = "takes datagrams, not connections"
    elif not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        wrong = "does not listen"
    else:
        return sock
    sock.close()
    raise ValueError(wrong)


def _problem(variable: str, message: str) -> Problem:
    return Problem(file=variable, line=0, path="", message=message)
