"""Restarts under load: the sockets stay open, one process takes over from the other."""

import asyncio
import contextlib
import socket
from collections import Counter

import aiohttp
import pytest

from exporter.model.access import Grant, Scope

from .door import EVENTS, PATIENCE_SECONDS, Door, Settings, open_door, until

REQUESTS = 800


@pytest.mark.parametrize("keep_alive", [True, False], ids=["keep-alive", "one-shot"])
async def test_a_restart_under_load_loses_no_request(keep_alive: bool) -> None:  # noqa: FBT001
    """The new process listens on the inherited socket before the old one drains."""
    shared = socket.create_server(("127.0.0.1", 0), backlog=1024)
    url = f"http://127.0.0.1:{shared.getsockname()[1]}{EVENTS}"
    remaining = []
    async with contextlib.AsyncExitStack() as stack:
        doors = [await stack.enter_async_context(_successor(shared))]
        load = asyncio.create_task(_load(url, keep_alive=keep_alive))
        for _ in range(3):
            bodies = doors[-1].pipeline.bodies
            await until(lambda bodies=bodies: len(bodies) >= 100 or load.done())  # type: ignore[misc]
            doors.append(await stack.enter_async_context(_successor(shared)))
            remaining.append(await doors[-2].listener.drain(PATIENCE_SECONDS))
        statuses = await load
    shared.close()

    assert ({202: REQUESTS}, [0, 0, 0]) == (statuses, remaining)
    assert REQUESTS == sum(len(door.pipeline.bodies) for door in doors)
    assert all(door.pipeline.bodies for door in doors)


def _successor(shared: socket.socket) -> contextlib.AbstractAsyncContextManager[Door]:
    anonymous = Grant("anybody", frozenset({Scope.INGEST}))
    return open_door(Settings(sock=shared.dup(), grace_seconds=1.0, anonymous=anonymous))


async def _load(url: str, *, keep_alive: bool) -> Counter[int]:
    """Send the requests over 16 clients; return how often each status came."""
    statuses: Counter[int] = Counter()
    numbers = iter(range(REQUESTS))

    async def client() -> None:
        connector = aiohttp.TCPConnector(force_close=not keep_alive)
        async with aiohttp.ClientSession(connector=connector) as session:
            for _ in numbers:
                async with session.post(url, json={}) as response:
                    statuses[response.status] += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(16):
            group.create_task(client())
    return statuses
