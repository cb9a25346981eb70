"""Tells systemd how the exporter is: the protocol of sd_notify(3), without its library."""

import asyncio
import os
import socket
from collections.abc import MutableMapping
from typing import Protocol

from ..model.ports import Clock

SOCKET, WATCHDOG, WATCHDOG_PID = "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"
MICRO = 1_000_000
SEND_SECONDS = 1.0  # systemd reads at once; this bounds what a stuck one costs.


class NotifyLog(Protocol):
    """The part of a logger that is told when nobody can be told."""

    def error(self, event: str, **fields: object) -> object:
        """Write a line that a human must act on."""
        ...


class Notifier:
    """
    Reports the states of the process to the service manager, if it has one.

    *environ* loses the variables of the protocol: children must not speak for the exporter.
    """

    def __init__(self, environ: MutableMapping[str, str], log: NotifyLog, clock: Clock) -> None:
        address, interval, pid = (
            environ.pop(name, "") for name in (SOCKET, WATCHDOG, WATCHDOG_PID)
        )
        # "@" stands for the zero byte of an abstract name, which no variable can hold.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        is_ours = pid in ("", str(os.getpid())) and interval.isascii() and interval.isdecimal()
        self.watchdog_seconds = int(interval) / MICRO if is_ours and address else 0.0
        self._log = log
        self._clock = clock
        self._is_ready = False

    def starting(self) -> None:
        """Say what the start waits for."""
        self._say("STATUS=Reading the event log.")

    def ready(self) -> None:
        """Say that events are taken."""
        self._is_ready = True
        self._say("READY=1", "STATUS=Taking events.")

    def reloading(self) -> None:
        """Say that the configuration is read again; `reloaded` follows, whatever comes of it."""
        if self._is_ready:
            now = int(self._clock.monotonic() * MICRO)
            self._say("RELOADING=1", f"MONOTONIC_USEC={now}")

    def reloaded(self) -> None:
        """Say that a reload is over."""
        # Before the end of the start, READY=1 would mean that it has ended.
        if self._is_ready:
            self._say("READY=1")

    def stopping(self) -> None:
        """Say that what is under way is being answered, and that nothing else comes."""
        self._is_ready = False
        self._say("STOPPING=1", "STATUS=Answering what is under way.")

    async def keep_alive(self) -> None:
        """Tell the watchdog twice per interval that the event loop turns, until cancelled."""
        while self.watchdog_seconds:
            # One that does not fit into a full queue is made up for by the next.
            self._say("WATCHDOG=1", seconds=0)
            await asyncio.sleep(self.watchdog_seconds / 2)

    def _say(self, *lines: str, seconds: float = SEND_SECONDS) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
                sock.settimeout(seconds)
                sock.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            self._log.error("service_manager_not_told", what=lines[0], why=str(error))
