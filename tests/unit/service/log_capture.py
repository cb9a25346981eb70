"""Logs that write into memory, under a clock that stands still until it is told."""

import io
import json
from typing import Any

from exporter.service.log_lines import RENDERERS
from exporter.service.logs import Logs, Threshold

NOON = 1_770_000_000.125
NOON_TEXT = "2026-02-02T02:40:00.125Z"


class ManualClock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self._wall = NOON
        self._monotonic = 1000.0

    def wall(self) -> float:
        return self._wall

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._wall += seconds
        self._monotonic += seconds


class Capture:
    """Logs whose lines can be read."""

    def __init__(self, fmt: str = "json") -> None:
        self.clock = ManualClock()
        self.threshold = Threshold()
        self.levels: list[str] = []
        self.out = io.BytesIO()
        self.logs = Logs(
            self.out,
            render=RENDERERS[fmt],
            on_line=self.levels.append,
            clock=self.clock,
            threshold=self.threshold,
        )
        self.log = self.logs.logger()

    @property
    def text(self) -> str:
        """Return everything written."""
        return self.out.getvalue().decode()

    @property
    def lines(self) -> list[str]:
        """Return the lines without their ends."""
        assert self.text == "" or self.text.endswith("\n")
        return self.text.split("\n")[:-1]

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Return the lines of JSON, decoded."""
        return [json.loads(line) for line in self.lines]

    @property
    def only(self) -> dict[str, Any]:
        """Return the one line there is."""
        (line,) = self.objects
        return line
