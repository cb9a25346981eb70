"""The machine's clock."""

import time


class SystemClock:
    """Implements `model.ports.Clock`."""

    def wall(self) -> float:
        """Return the seconds since 1970."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()
