"""What came of the inputs of a part: how many, which answers, and the promises they broke."""

import base64
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

MOST_SHOWN = 3
LONGEST_SHOWN = 4096  # A longer input goes into a file, which stays.


@dataclass(slots=True)
class Account:
    """
    The figures of a part.

    Args:
        directory: Takes the inputs that are too long for a line.
    """

    directory: Path
    inputs: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    facts: str = ""
    broken: int = 0
    _shown: list[str] = field(default_factory=list)

    def note(self, answer: str, count: int = 1) -> None:
        """Count *count* inputs that were answered with *answer*."""
        self.inputs += count
        self.answers[answer] += count

    def breach(self, what: str, data: bytes) -> None:
        """Remember that *data* broke a promise; the run goes on, to find the others."""
        self.broken += 1
        if self.broken <= MOST_SHOWN:
            self._shown.append(f"{what}\n  input: {self._text(data)}")

    def check(self) -> None:
        """
        Say which promises were broken.

        Raises:
            AssertionError: There are some; the text holds the first inputs.
        """
        assert not self.broken, f"{self.broken} inputs broke a promise:\n" + "\n".join(self._shown)

    def _text(self, data: bytes) -> str:
        if len(data) <= LONGEST_SHOWN:
            return f"base64 {base64.b64encode(data).decode()}"
        path = self.directory / f"input-{sha256(data).hexdigest()[:12]}"
        path.write_bytes(data)
        return f"{len(data)} bytes in {path}"
