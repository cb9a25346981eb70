"""The faults of a running exporter, switched by a test."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.server import Exporter
from tests.torture.faulty import wrapper


class Switch:
    """Writes the plan that `tests.torture.faulty` reads."""

    def __init__(self, directory: Path) -> None:
        self.plan = directory / "faults.json"
        self.off()

    def on(self, **faults: object) -> None:
        """Let these faults happen from now on, and no others."""
        fresh = self.plan.with_suffix(".new")
        fresh.write_text(json.dumps(faults))
        fresh.rename(self.plan)

    def off(self) -> None:
        """Let nothing fail."""
        self.on()


@contextmanager
def faulty_exporter(directory: Path, settings: str) -> Iterator[tuple[Exporter, Switch]]:
    """Run an exporter whose log can be made to fail."""
    switch = Switch(directory)
    with Exporter(directory, settings=settings, wrapper=wrapper(switch.plan)) as exporter:
        yield exporter, switch
