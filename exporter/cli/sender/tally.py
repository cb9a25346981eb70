"""Counts what became of the events, and remembers the first problems."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .batches import Batch
from .delivery import Verdicts
from .lines import BadLine

MOST_SHOWN = 10


@dataclass(slots=True)
class Tally:
    """The sums so far: sent = accepted + duplicates + rejected; malformed lines are not sent."""

    source: str
    sent: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    malformed: int = 0
    stopped: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Return whether every line became an accepted event."""
        return not (self.rejected or self.malformed or self.stopped)

    def bad_line(self, bad: BadLine) -> None:
        """Count a line that cannot be sent."""
        self.malformed += 1
        self._remember(bad.line, f"{bad.reason}: {bad.message}")

    def add(self, batch: Batch, verdicts: Verdicts) -> None:
        """Count a batch that was answered."""
        self.sent += len(batch)
        self.accepted += verdicts.accepted
        self.duplicates += verdicts.duplicates
        self.rejected += len(verdicts.rejected)
        for verdict in verdicts.rejected:
            line = batch[verdict.index].line if 0 <= verdict.index < len(batch) else 0
            path = f"{verdict.path}: " if verdict.path else ""
            self._remember(line, f"{verdict.reason}: {path}{verdict.message}")

    def stop(self, batch: Batch, why: str) -> None:
        """Note that *batch*, of which some may have arrived, and everything behind it is left."""
        first, last = batch[0].line, batch[-1].line
        self.stopped = (
            f"{self.source}:{first}: stopped: {why}\n"
            f"There is no answer on lines {first} to {last}; those behind were not sent. "
            f"Go on with: tail -n +{first} FILE | bot-exporter send -"
        )

    def summary(self) -> Iterator[str]:
        """Yield the lines for a person: the first problems, then the sums."""
        yield from self.problems
        hidden = self.rejected + self.malformed - len(self.problems)
        if hidden > 0:
            yield f"... and {hidden} more"
        if self.stopped:
            yield self.stopped
        unsent = f"; {self.malformed} malformed lines not sent" if self.malformed else ""
        yield (
            f"{self.sent} events sent: {self.accepted} accepted, "
            f"{self.duplicates} duplicates, {self.rejected} rejected{unsent}"
        )

    def _remember(self, line: int, text: str) -> None:
        if len(self.problems) < MOST_SHOWN:
            # What a server says must not move the cursor.
            safe = "".join(c if c.isprintable() else "?" for c in text)
            self.problems.append(f"{self.source}:{line}: {safe}")
