"""The thread that sends, from its first event to the end of the process."""

import atexit
import os
import threading
import weakref
from collections.abc import Callable

from .buffer import Buffer
from .counts import Counts
from .delivery import UNSENT, Delivery
from .limits import Limits
from .patience import Patience
from .shield import Complaints
from .transport import Transport

THREAD_NAME = "bot_exporter.client"
# Whoever closes wants to see the outcome of the last attempt, too.
SHARE_FOR_ATTEMPTS = 0.9

_LIVING: "weakref.WeakSet[Sender]" = weakref.WeakSet()


class Sender:
    """
    Owns everything that a fork must renew: queue, thread, connection, counts.

    Args:
        new_transport: Makes a connection; called again in a forked child.
        limits: Bounds and waiting times.
        patience: Pauses between attempts.
        complaints: Where trouble is told.
    """

    def __init__(
        self,
        new_transport: Callable[[], Transport],
        *,
        limits: Limits,
        patience: Patience,
        complaints: Complaints,
    ) -> None:
        self.limits = limits
        self.on_fork: Callable[[], None] | None = None
        self._new_transport = new_transport
        self._patience = patience
        self._complaints = complaints
        self.counts = Counts()
        self.buffer = Buffer(limits, self._pushed_out)
        self._delivery = self._new_delivery()
        self._starting = threading.RLock()
        self.thread: threading.Thread | None = None
        _LIVING.add(self)

    def ensure_thread(self) -> None:
        """
        Start the thread unless it runs.

        Raises:
            RuntimeError: the system has no more threads, or the interpreter shuts down.
        """
        with self._starting:
            if self.thread is not None:
                return
            # Noted first: a signal handler may send an event while the thread starts.
            self.thread = threading.Thread(target=self._run, name=THREAD_NAME, daemon=True)
            try:
                self.thread.start()
            except RuntimeError:
                self.thread = None
                raise

    def close(self, timeout_seconds: float) -> bool:
        """Send what is queued and end; False when something was left at the time-out."""
        self.buffer.close(timeout_seconds * SHARE_FOR_ATTEMPTS)
        thread = self.thread
        if thread is None:
            # There was nothing to send, or no thread could be started: this one will do.
            self._run()
        elif thread is not threading.current_thread():
            thread.join(timeout_seconds)
        return not self.buffer.queued() and UNSENT not in self.counts.snapshot(0).dropped

    def retire(self) -> None:
        """Let the thread send what is queued and end; returns at once."""
        self.buffer.close(self.limits.exit_seconds * SHARE_FOR_ATTEMPTS)

    def after_fork(self) -> None:
        """Begin anew in the child; what the parent queued is the parent's to send."""
        self._delivery.transport.forget()
        self.counts = Counts()
        self.buffer.clear()
        self._complaints.renew()
        self._delivery = self._new_delivery()
        self._starting = threading.RLock()
        self.thread = None
        if self.on_fork is not None:
            self.on_fork()

    def _run(self) -> None:
        buffer, delivery, counts = self.buffer, self._delivery, self.counts
        while batch := buffer.take():
            has_time = delivery.deliver(batch)
            buffer.settle()
            if not has_time or not buffer.rest(0, may_be_cut=True):
                break
        left = buffer.abandon()
        if left:
            counts.drop(UNSENT, left)
        delivery.close()

    def _pushed_out(self, events: int) -> None:
        self.counts.drop("queue_full", events)

    def _new_delivery(self) -> Delivery:
        return Delivery(
            transport=self._new_transport(),
            counts=self.counts,
            complaints=self._complaints,
            patience=self._patience,
            rest=self.buffer.rest,
        )


def _after_fork() -> None:
    for sender in list(_LIVING):
        sender.after_fork()


def _at_exit() -> None:
    senders = list(_LIVING)
    for sender in senders:
        sender.retire()  # All at once: the process waits for the slowest, not for the sum.
    for sender in senders:
        sender.close(sender.limits.exit_seconds)


os.register_at_fork(after_in_child=_after_fork)
atexit.register(_at_exit)
