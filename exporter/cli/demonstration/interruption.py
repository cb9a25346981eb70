"""SIGINT and SIGTERM as a request to end soon: what is under way may finish, waiting may not."""

import signal
import time
from types import FrameType, TracebackType
from typing import Self

from ...model.errors import ExporterError

GRACE_SECONDS = 0.5  # For an answer that is on its way.
REQUESTS = (signal.SIGINT, signal.SIGTERM)


class AskedToStopError(ExporterError):
    """Somebody wants the command to end."""


class Interruption:
    """
    Listens to signals inside its ``with`` block, which stands in the main thread.

    A request ends `sleep` at once. Anything else gets half a second; then it ends in
    `AskedToStopError`, wherever it is.
    """

    def __init__(self) -> None:
        self.is_requested = False
        self._is_asleep = False

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._before = {number: signal.getsignal(number) for number in (*REQUESTS, signal.SIGALRM)}
        for number in REQUESTS:
            signal.signal(number, self._request)
        signal.signal(signal.SIGALRM, self._insist)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the signals as they were."""
        self.settle()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def settle(self) -> None:
        """Insist no longer: what comes now is short."""
        if self.is_requested:
            signal.setitimer(signal.ITIMER_REAL, 0.0)

    def sleep(self, duration_seconds: float) -> None:
        """
        Wait.

        Raises:
            AskedToStopError: somebody asked before or meanwhile.
        """
        self._is_asleep = True
        try:
            if self.is_requested:
                raise AskedToStopError
            time.sleep(duration_seconds)
        finally:
            self._is_asleep = False

    def _request(self, _number: int, _frame: FrameType | None) -> None:
        self.is_requested = True
        if self._is_asleep:
            raise AskedToStopError
        signal.setitimer(signal.ITIMER_REAL, GRACE_SECONDS)

    def _insist(self, _number: int, _frame: FrameType | None) -> None:
        raise AskedToStopError
