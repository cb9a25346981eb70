"""
What stands between the client's mistakes and the bot.

The second place, beside the exporter's supervisor, that survives every error: a bot must not
fail because it is watched. It never hides an error of the bot itself.
"""

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType

LOGGER = logging.getLogger("bot_exporter.client")
QUIET_SECONDS = 60.0
MOST_KINDS = 100


class Complaints:
    """Says every kind of trouble once a minute, however often it happens."""

    def __init__(
        self,
        log: Callable[[str], None] = LOGGER.warning,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        self._monotonic = monotonic
        self._said: dict[str, tuple[float, int]] = {}
        self.renew()

    def renew(self) -> None:
        """Take a fresh lock: in a forked child nobody may be left to release the old one."""
        self._lock = threading.RLock()

    def say(self, kind: str, message: str) -> None:
        """Log *message*, unless one of its *kind* was logged within the last minute."""
        now = self._monotonic()
        with self._lock:
            since, hidden = self._said.get(kind, (-QUIET_SECONDS, 0))
            if now - since < QUIET_SECONDS:
                self._said[kind] = (since, hidden + 1)
                return
            if kind not in self._said and len(self._said) >= MOST_KINDS:
                return
            # Noted before it is said: the bot's log handler may send an event that fails, too.
            self._said[kind] = (now, 0)
        again = f" ({hidden} more since the last such line)" if hidden else ""
        # What a server says must not break the lines of a log.
        self._log("".join(c if c.isprintable() else "?" for c in message + again))


class Shield:
    """
    A context that ends quietly when its body raises; reusable and reentrant.

    `KeyboardInterrupt`, `SystemExit` and cancellation pass. Only the class of the error is
    logged: its message may quote a user.
    """

    def __init__(self, complaints: Complaints, what: str) -> None:
        self._complaints = complaints
        self._what = what

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if kind is None or not issubclass(kind, Exception):
            return False
        try:
            self._complaints.say(f"{self._what} {kind.__name__}", f"{self._what}: {kind.__name__}")
        finally:
            # Even when the bot's own log handler raises.
            return True  # noqa: B012, SIM107
