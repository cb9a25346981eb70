"""What systemd hears of the exporter: `exporter.service.notify`."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from exporter.service.notify import Notifier
from tests.unit.service.log_capture import ManualClock
from tests.unit.service.virtual import LoopClock, let_pass, run

ABSTRACT = f"@bot-exporter-test-{os.getpid()}"


class Manager:
    """A service manager that writes down what it hears."""

    def __init__(self, address: str) -> None:
        self.environ = {"HOME": "/nowhere", "NOTIFY_SOCKET": address}
        self.lines: list[dict[str, object]] = []
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(address.replace("@", "\0", 1))
        self.sock.setblocking(False)  # noqa: FBT003 - the signature of the standard library

    def error(self, event: str, **fields: object) -> None:
        """Take a line of the log."""
        self.lines.append({"event": event} | fields)

    def heard(self) -> list[str]:
        """Return the messages since the last look."""
        messages = []
        with suppress(BlockingIOError):
            while True:
                messages.append(self.sock.recv(4096).decode())
        return messages


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    """Return a manager that listens at a path, or at an abstract name."""
    address = ABSTRACT if request.param == "abstract" else str(tmp_path / "n")
    manager = Manager(address)
    with manager.sock:
        yield manager


def notifier(manager: Manager) -> Notifier:
    """Return what reports to *manager*."""
    return Notifier(manager.environ, manager, ManualClock())


def test_a_life_is_told_from_its_start_to_its_end(manager: Manager) -> None:
    """With the time of a reload, which systemd compares with that of its request."""
    tells = notifier(manager)
    for tell in (tells.starting, tells.ready, tells.reloading, tells.reloaded, tells.stopping):
        tell()

    assert [
        "STATUS=Reading the event log.",
        "READY=1\nSTATUS=Taking events.",
        "RELOADING=1\nMONOTONIC_USEC=1000000000",
        "READY=1",
        "STOPPING=1\nSTATUS=Answering what is under way.",
    ] == manager.heard()
    assert [] == manager.lines


def test_a_reload_before_the_end_of_the_start_is_not_told(manager: Manager) -> None:
    """READY=1 would mean that events are taken; the same holds for the end."""
    tells = notifier(manager)
    tells.reloading()
    tells.reloaded()
    before = manager.heard()
    tells.ready()
    tells.stopping()
    manager.heard()
    tells.reloading()
    tells.reloaded()

    assert ([], []) == (before, manager.heard())


def test_children_cannot_speak_for_the_exporter(manager: Manager) -> None:
    """They find neither the address nor the watchdog."""
    manager.environ |= {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}

    notifier(manager)

    assert {"HOME": "/nowhere"} == manager.environ


def test_the_watchdog_hears_from_a_loop_that_turns_twice_per_interval(manager: Manager) -> None:
    """At once, and then every half of it."""
    manager.environ |= {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}

    async def live() -> None:
        tells = Notifier(manager.environ, manager, LoopClock())
        with suppress(TimeoutError):
            async with asyncio.timeout(61):
                await tells.keep_alive()

    run(live())

    assert ["WATCHDOG=1"] * 5 == manager.heard()


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"WATCHDOG_USEC": "0"},
        {"WATCHDOG_USEC": "soon"},
        {"WATCHDOG_USEC": "-5"},
        {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"},
    ],
)
def test_without_a_watchdog_for_us_nothing_is_sent(
    manager: Manager, variables: dict[str, str]
) -> None:
    """The task ends instead of turning for nobody."""
    manager.environ |= variables

    run(notifier(manager).keep_alive())

    assert [] == manager.heard()


def test_without_a_service_manager_nothing_is_said() -> None:
    """Also not to the log: most exporters have none."""
    lines: list[str] = []

    class Log:
        def error(self, event: str, **fields: object) -> None:
            lines.append(event)

    tells = Notifier({"WATCHDOG_USEC": "30000000"}, Log(), ManualClock())
    tells.starting()
    tells.ready()
    run(tells.keep_alive())

    assert [] == lines


@pytest.mark.parametrize("address", ["/nowhere/at/all", "vsock:2:1234", "@" + "x" * 200])
def test_a_manager_that_cannot_be_reached_stops_nothing(address: str, tmp_path: Path) -> None:
    """A line says so; systemd itself reports what it does not hear."""
    manager = Manager(str(tmp_path / "n"))
    manager.environ["NOTIFY_SOCKET"] = address
    with manager.sock:
        notifier(manager).ready()

    (line,) = manager.lines
    assert ("service_manager_not_told", "READY=1") == (line["event"], line["what"])


def test_a_manager_that_does_not_read_holds_the_watchdog_up_no_moment(tmp_path: Path) -> None:
    """Its queue is full: the line says so, and the loop goes on."""
    manager = Manager(str(tmp_path / "n"))
    manager.environ["WATCHDOG_USEC"] = "2000000"

    async def live() -> float:
        tells = Notifier(manager.environ, manager, LoopClock())
        with suppress(TimeoutError):
            async with asyncio.timeout(5000):
                await tells.keep_alive()
        await let_pass(0.001)
        return LoopClock().monotonic()

    with manager.sock:
        assert 6000 <= run(live()) <= 6002

    assert manager.lines
    assert "WATCHDOG=1" == manager.lines[0]["what"]
