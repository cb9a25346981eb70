"""One thread for one kind of blocking work, so that nothing else can keep it waiting."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Protocol, TypeAlias, TypeVar

T = TypeVar("T")

Done: TypeAlias = Callable[[T | None, OSError | None], None]


class Runner(Protocol):
    """Runs jobs one after the other, off the event loop."""

    def run(self, job: Callable[[], T], done: Done[T]) -> None:
        """Run *job*, then call *done* on the event loop with its result or its OSError."""
        ...

    def stop(self) -> None:
        """Return when the jobs at hand are done; takes no more."""
        ...


class Worker:
    """
    A thread of its own, started by the first job.

    A daemon: a disk that hangs for ever must not keep the process alive.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def run(self, job: Callable[[], T], done: Done[T]) -> None:
        """Run *job* in the thread, then *done* on the running event loop."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        self._jobs.put(partial(_run, job, done, asyncio.get_running_loop()))

    def stop(self) -> None:
        """Let the jobs at hand finish and end the thread."""
        if self._thread is not None and self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()


def _run(job: Callable[[], T], done: Done[T], loop: asyncio.AbstractEventLoop) -> None:
    result, failure = None, None
    try:
        result = job()
    except OSError as error:
        failure = error
    finally:
        # Also after a bug, which then ends the thread with its traceback: the
        # waiting side must refuse, not hang. A closed loop has nobody waiting.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(done, result, failure)
