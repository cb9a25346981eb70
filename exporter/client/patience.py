"""How long to wait before the same bytes go again."""

import email.utils
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 30.0
LONGEST_ASKED_SECONDS = 3600.0  # A slip in somebody's proxy must not silence a bot for a year.
MOST_DOUBLINGS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Doubling pauses with jitter, so that many bots do not come back at once."""

    first_seconds: float = FIRST_PAUSE_SECONDS
    longest_seconds: float = LONGEST_PAUSE_SECONDS
    wall: Callable[[], float] = time.time
    random: Callable[[], float] = random.random

    def pause(self, attempt: int, asked: float | None) -> float:
        """
        Return the seconds to wait after the failed *attempt*, the first being 0.

        *asked* is what the server asked for; the pause is never shorter than that.
        """
        ceiling = min(
            self.longest_seconds, self.first_seconds * 2.0 ** min(attempt, MOST_DOUBLINGS)
        )
        jittered = ceiling * (0.5 + self.random() / 2)
        return jittered if asked is None else asked + jittered - ceiling / 2

    def asked(self, retry_after: str | None) -> float | None:
        """Return the seconds a ``Retry-After`` asks for; None when it is absent or nonsense."""
        if retry_after is None:
            return None
        if retry_after.isascii() and retry_after.isdigit():
            return min(float(retry_after[:9]), LONGEST_ASKED_SECONDS)
        try:
            moment = email.utils.parsedate_to_datetime(retry_after).timestamp()
        except (ValueError, OverflowError):
            return None
        return min(max(0.0, moment - self.wall()), LONGEST_ASKED_SECONDS)
