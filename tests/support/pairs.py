"""The pairs of Prometheus and Alertmanager that the bundle promises to work with."""

from dataclasses import dataclass
from pathlib import Path

from .server import ROOT


@dataclass(frozen=True, slots=True)
class Pair:
    """One pair, fetched by ``tests/tools/fetch-pairs.sh``; its name is the profile it is for."""

    name: str

    def program(self, name: str) -> Path:
        """Return the path of a program of the pair; fail when it was not fetched."""
        path = ROOT / ".tools" / self.name / "usr" / "bin" / name
        assert path.is_file(), f"{path} is missing: run tests/tools/fetch-pairs.sh"
        return path

    @property
    def prometheus(self) -> Path:
        """Return the server."""
        return self.program("prometheus")

    @property
    def promtool(self) -> Path:
        """Return its tool."""
        return self.program("promtool")

    @property
    def alertmanager(self) -> Path:
        """Return the server."""
        return self.program("prometheus-alertmanager")

    @property
    def amtool(self) -> Path:
        """Return its tool."""
        return self.program("amtool")


PAIRS = (Pair("floor"), Pair("current"))
