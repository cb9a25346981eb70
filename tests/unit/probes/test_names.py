"""Names that nobody answers for delay nobody who asks for another one."""

import asyncio
import socket
import threading
from collections.abc import Sequence

import pytest

from exporter.model.probing import ProbeReason as R
from exporter.probes.names import MOST_LOOKUPS, NameResolver
from exporter.probes.outcome import FailedError

from . import evil
from .rig import check_of, run, workshop


class DeadServer:
    """Answers for one name; whoever asks for another one waits until the end of the test."""

    def __init__(self) -> None:
        self.end = threading.Event()
        self.asked: list[str] = []

    def lookup(self, name: str) -> Sequence[str]:
        """Look *name* up."""
        self.asked.append(name)
        if name != "alive.example":
            self.end.wait(60)
            raise socket.gaierror(socket.EAI_AGAIN, "later")
        return ["127.0.0.1"]


async def test_fifty_dead_names_delay_nobody() -> None:
    """Each hangs for itself; the living name is found at once."""
    server = DeadServer()
    shop = workshop(resolver=NameResolver(server.lookup))
    try:
        async with evil.serving(evil.answering("200 OK")) as alive:
            dead = [
                check_of(name=f"dead{i}", target=f"dead{i}.example:80", timeout_seconds=1, tcp={})
                for i in range(50)
            ]
            hanging = [asyncio.create_task(run(check, shop)) for check in dead]
            await asyncio.sleep(0)
            check = check_of(target=f"http://alive.example:{alive.port}/", http={})
            outcome = await run(check, shop)
            still = sum(not task.done() for task in hanging)
            outcomes = await asyncio.gather(*hanging)
    finally:
        server.end.set()

    assert None is outcome.reason
    assert 50 == still
    assert {R.RESOLVE_TIMEOUT} == {outcome.reason for outcome in outcomes}


async def test_a_dead_name_is_asked_for_once_at_a_time() -> None:
    """The next run waits for the same answer: threads do not pile up."""
    server = DeadServer()
    shop = workshop(resolver=NameResolver(server.lookup))
    try:
        for _ in range(5):
            check = check_of(target="dead.example:80", timeout_seconds=0.05, tcp={})
            await run(check, shop)
    finally:
        server.end.set()

    assert ["dead.example"] == server.asked


async def test_too_many_dead_names_are_our_trouble() -> None:
    """Beyond the limit nobody knows; nothing is called down for it."""
    end = threading.Event()

    def wait(name: str) -> Sequence[str]:
        end.wait(60)
        return []

    resolver = NameResolver(wait)
    try:
        tasks = [asyncio.create_task(resolver.resolve(f"n{i}")) for i in range(MOST_LOOKUPS)]
        await asyncio.sleep(0)
        with pytest.raises(FailedError) as caught:
            await resolver.resolve("one.more")
    finally:
        end.set()
    await asyncio.gather(*tasks)

    assert R.INTERNAL is caught.value.reason


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), R.NAME_NOT_FOUND),
        (socket.gaierror(socket.EAI_AGAIN, "x"), R.NAME_LOOKUP_FAILED),
        (UnicodeError("label too long"), R.NAME_NOT_FOUND),
    ],
)
async def test_a_name_that_is_not_there_is_told_from_a_server_in_trouble(
    error: Exception, reason: R
) -> None:
    """One is the owner's mistake, the other may pass."""

    def fail(name: str) -> Sequence[str]:
        raise error

    outcome = await run(
        check_of(target="x.example:80", tcp={}), workshop(resolver=NameResolver(fail))
    )

    assert reason == outcome.reason


async def test_an_address_needs_no_lookup() -> None:
    """Numbers are their own answer."""

    def fail(name: str) -> Sequence[str]:
        raise AssertionError(name)

    resolver = NameResolver(fail)

    assert ["127.0.0.1"] == await resolver.resolve("127.0.0.1")
    assert ["::1"] == await resolver.resolve("::1")
