"""The demo as it happens: every event goes out when its moment has come."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ...demo.story import Event
from .outbox import Outbox

TICK_SECONDS = 0.2
MOST_EVENTS = 100  # In one request.
# A bot keeps what it cannot send, but not for ever: what is older than this is not sent any more.
PATIENCE_SECONDS = 60.0


@dataclass(slots=True, kw_only=True)
class Live:
    """
    Sends a stream at its own pace.

    Nothing is generated before its time, so nothing piles up while the exporter is away.
    """

    stream: Iterator[tuple[float, Event]]
    outbox: Outbox
    sleep: Callable[[float], None]
    wall: Callable[[], float] = time.time

    def run(self, until: float) -> None:
        """
        Send what happens until the moment *until*, infinity for ever.

        Raises:
            ExporterError: the exporter does not take it, or somebody asked to stop.
        """
        waiting = next(self.stream)
        while True:
            now = self.wall()
            batch: list[Event] = []
            while waiting[0] <= min(now, until) and len(batch) < MOST_EVENTS:
                if waiting[0] < now - PATIENCE_SECONDS:
                    self.outbox.skipped += 1
                else:
                    batch.append(waiting[1])
                waiting = next(self.stream)
            if batch:
                self.outbox.send(batch)
            if len(batch) < MOST_EVENTS:
                if now >= until:
                    return
                self.sleep(min(TICK_SECONDS, until - now))
