"""Waiting for something that another process does, always with a deadline."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE_SECONDS = 0.02


def wait_until(check: Callable[[], T | None], *, seconds: float, what: str) -> T:
    """
    Return the first value of *check* that is true.

    Raises:
        AssertionError: It was not within *seconds*; *what* says what was awaited.
    """
    pause = threading.Event()
    deadline = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        pause.wait(PAUSE_SECONDS)
