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


class Shield:
    """
    A context that ends quietly when its body raises; reusable and reentrant.

    `KeyboardInterrupt`, `SystemExit` and cancellation pass.
    """

    def __init__(self, on_error: Callable[[str], None] | None = None) -> None:
        self._on_error = on_error

    def __enter__(self) -> None:
        """Do nothing: it is entered for every event."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """Tell the class of the error; its message may quote a user."""
        if kind is None or not issubclass(kind, Exception):
            return False
        if self._on_error is not None:
            self._on_error(kind.__name__)
        return True


class Complaints:
    """Says every kind of trouble once a minute, however often it happens; never raises."""

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

    def shield(self, what: str) -> Shield:
        """Return a context that survives every error and says so."""
        return Shield(lambda error: self.say(f"{what} {error}", f"{what}: {error}"))

    def say(self, kind: str, message: str) -> None:
        """Log *message*, unless one of its *kind* was logged within the last minute."""
        hidden = self._hidden(kind)
        if hidden is None:
            return
        again = f" ({hidden} more since the last such line)" if hidden else ""
        # What a server says must not break the lines of a log.
        line = "".join(c if c.isprintable() else "?" for c in message + again)
        with Shield():  # The handler is the bot's, and may raise.
            self._log(line)

    def _hidden(self, kind: str) -> int | None:
        """Return how many of the kind were kept back before this one; None keeps it back, too."""
        now = self._monotonic()
        with self._lock:
            since, hidden = self._said.get(kind, (now - QUIET_SECONDS, 0))
            if now - since < QUIET_SECONDS:
                self._said[kind] = (since, hidden + 1)
                return None
            if kind not in self._said and len(self._said) >= MOST_KINDS:
                return None
            # Noted before it is said: the bot's handler may send an event that fails, too.
            self._said[kind] = (now, 0)
            return hidden
