"""Sends the events of the demo, counts what became of them, and says so now and then."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from ...demo.story import Event as Told
from ..sender.delivery import Delivery, Verdict
from ..sender.lines import Event
from ..sender.tally import Tally

SECONDS_BETWEEN_LINES = 10.0


def say(text: str) -> None:
    """Print a line for a person, beside the result."""
    print(text, file=sys.stderr, flush=True)


@dataclass(slots=True)
class Outbox:
    """
    What was sent: sent = accepted + duplicates + rejected.

    *unanswered* events went out without an answer before the end; *skipped* ones were never sent,
    because the exporter was away for too long.
    """

    delivery: Delivery
    monotonic: Callable[[], float] = time.monotonic
    tally: Tally = field(default_factory=lambda: Tally("event"))
    unanswered: int = 0
    skipped: int = 0
    _said_at: float = 0.0

    def __post_init__(self) -> None:
        """Say the first numbers ten seconds from now."""
        self._said_at = self.monotonic()

    def send(self, told: list[Told]) -> list[Verdict]:
        """
        Return the verdicts on the events that were not accepted.

        Raises:
            ExporterError: the exporter does not take them, or somebody asked to stop.
        """
        batch = [
            Event(self.tally.sent + number, msgspec.json.encode(event))
            for number, event in enumerate(told, start=1)
        ]
        self.unanswered = len(batch)
        rejected: list[Verdict] = []
        for part, verdicts in self.delivery.send(batch):
            self.unanswered -= len(part)
            is_first = not self.tally.rejected
            self.tally.add(part, verdicts)
            if is_first and self.tally.problems:
                say(self.tally.problems[0])
            rejected += verdicts.rejected
        self._say_how_far()
        return rejected

    def summary(self) -> str:
        """Return the sums."""
        *_, sums = self.tally.summary()
        more = [f"; {self.unanswered} more without an answer"] if self.unanswered else []
        more += [f"; {self.skipped} never sent, the exporter was away"] if self.skipped else []
        return "".join((sums, *more))

    def _say_how_far(self) -> None:
        if self.monotonic() - self._said_at >= SECONDS_BETWEEN_LINES:
            self._said_at = self.monotonic()
            say(self.summary())
