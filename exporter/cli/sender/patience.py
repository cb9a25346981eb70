"""How long to wait before the next attempt, and when to stop trying."""

import email.utils
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
MOST_DOUBLINGS = 10

# A slow upload, too much at once, a restart, a full disk, and what proxies say meanwhile.
WORTH_ANOTHER_ATTEMPT = frozenset(
    (
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
        HTTPStatus.INSUFFICIENT_STORAGE,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Waits between attempts; tests bring their own time."""

    give_up_seconds: float
    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = secrets.SystemRandom().random

    def pause(self, attempt: int, retry_after: str | None) -> float:
        """
        Return the seconds to wait after the failed *attempt*, the first being 0.

        Doubling with jitter, so that many senders do not come back at once; never less than what
        the server asked for in its ``Retry-After``.
        """
        ceiling = min(
            LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(attempt, MOST_DOUBLINGS)
        )
        jittered = ceiling * (0.5 + self.random() / 2)
        asked = self._asked(retry_after)
        return jittered if asked is None else asked + jittered - ceiling / 2

    def _asked(self, retry_after: str | None) -> float | None:
        if retry_after is None:
            return None
        if retry_after.isascii() and retry_after.isdigit():
            return float(retry_after[:9])
        try:
            moment = email.utils.parsedate_to_datetime(retry_after)
        except ValueError:
            return None
        return max(0.0, moment.timestamp() - self.wall())
