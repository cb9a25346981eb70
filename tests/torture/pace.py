"""Letting time pass in a scenario, and waiting without blocking the bots."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from tests.support.waiting import wait_until

T = TypeVar("T")


async def pass_time(seconds: float) -> None:
    """Let the bots work for a while; a fault at a random moment needs one."""
    try:
        await asyncio.wait_for(asyncio.Event().wait(), seconds)
    except TimeoutError:
        return


async def until(check: Callable[[], T | None], *, seconds: float, what: str) -> T:
    """Return the first value of *check* that is true; it runs on a thread and may block."""
    return await asyncio.to_thread(lambda: wait_until(check, seconds=seconds, what=what))
