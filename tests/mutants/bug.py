"""A planted bug: what breaks, where, and who should notice."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class MovedOnError(Exception):
    """The text that a bug replaces is not there, or not once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """
    One change of one file that breaks a promise.

    Attributes:
        name: What is broken, as a sentence.
        file: Where, from the root of the checkout.
        old: Text that occurs there exactly once.
        new: What a tired colleague might have written instead.
        tests: The narrowest tests that should fail, as paths or node ids of pytest.
        may_hang: A hang is what this bug is about, and counts as noticed.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    may_hang: bool = False

    def broken(self, source: str) -> str:
        """
        Return *source* with the bug in it.

        Raises:
            MovedOnError: *old* does not occur exactly once.
        """
        found = source.count(self.old)
        if found != 1:
            raise MovedOnError(
                f"{self.file}: the code has moved on, update the bug '{self.name}': "
                f"its old text occurs {found} times, not once"
            )
        return source.replace(self.old, self.new)


def moved_on(bugs: Sequence[Bug], root: Path) -> list[str]:
    """Return what is wrong with the places of *bugs* in the checkout at *root*."""
    problems = []
    for bug in bugs:
        try:
            bug.broken((root / bug.file).read_text("utf-8"))
        except (MovedOnError, FileNotFoundError) as error:
            problems.append(str(error))
    return problems
