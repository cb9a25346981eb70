"""One conversation as it is told: a clock on a grid, a seeded die, and the events so far."""

from random import Random

from tests.e2e.dialogues import Dialogue
from tests.e2e.people import MARK, Event, bot_of, envelope

# Times lie on this grid and amounts on powers of two, so every sum is exact in binary.
GRAIN = 64
SPREAD = 1.05  # Of the log-normal durations: one in a thousand is thirty times the median.
LONGEST_SECONDS = 600


class Teller:
    """
    Tells one dialogue.

    Args:
        dialogue: What was said.
        start: Seconds since 1970, on the grid.
        rng: Decides whatever the dialogue does not say.
    """

    def __init__(self, dialogue: Dialogue, *, start: float, rng: Random) -> None:
        self.rng = rng
        self.now = start
        self.events: list[Event] = []
        self._name = dialogue.name
        self._shared = envelope(dialogue, bot_of(dialogue), rng)

    def wait(self, seconds: float) -> None:
        """Let at least one step of the grid pass."""
        self.now += max(1, round(seconds * GRAIN)) / GRAIN

    def say(self, type_: str, /, **fields: object) -> None:
        """Send an event; fields that are None are left out."""
        self.wait(0)
        event = {
            "type": type_,
            "id": f"{MARK}-id-{self._name}-{len(self.events)}",
            "ts": self.now,
            **self._shared,
        }
        event |= {name: value for name, value in fields.items() if value is not None}
        self.events.append(event)

    def often(self, share: float) -> bool:
        """Return True with the probability *share*."""
        return self.rng.random() < share

    def seconds(self, median: float) -> float:
        """Return a duration on the grid, log-normal around *median*."""
        drawn = median * self.rng.lognormvariate(0.0, SPREAD)
        return min(round(drawn * GRAIN), LONGEST_SECONDS * GRAIN) / GRAIN
