"""What every kind of check has in common."""

from typing import Protocol

from .notes import Notes


class Probe(Protocol):
    """Something that can be asked again and again."""

    async def run(self, notes: Notes) -> None:
        """
        Return when the answer is good; the facts are in *notes*.

        Raises:
            FailedError: it is not.
            OSError: it cannot be reached; so may other errors that `faults` knows.
        """
        ...
