"""A scrape, and everything that must be true of each one."""

import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

Series = tuple[str, tuple[tuple[str, str], ...]]


def series(name: str, labels: Mapping[str, str]) -> Series:
    """Return the name and the sorted labels of a series."""
    return name, tuple(sorted(labels.items()))


@dataclass(frozen=True, slots=True)
class Scrape:
    """What one scrape answered."""

    body: bytes
    values: Mapping[Series, float]

    def value(self, name: str, /, **labels: str) -> float:
        """Return one value; a series that is not there is a KeyError."""
        return self.values[series(name, labels)]

    def total(self, name: str) -> float:
        """Return the sum of all series called *name*."""
        return sum(value for (found, _), value in self.values.items() if found == name)


def read_text(body: bytes) -> Scrape:
    """Return a scrape in the text format 0.0.4."""
    return _read(body, text_string_to_metric_families(body.decode()))


def read_openmetrics(body: bytes) -> Scrape:
    """Return a scrape in OpenMetrics 1.0, whose parser is strict."""
    return _read(body, openmetrics.text_string_to_metric_families(body.decode()))  # type: ignore[no-untyped-call]


def _read(body: bytes, families: Iterable[Metric]) -> Scrape:
    samples = (sample for family in families for sample in family.samples)
    return Scrape(body, {series(s.name, s.labels): s.value for s in samples})


def check_identity(scrape: Scrape) -> None:
    """Every event that was received got exactly one verdict."""
    received, *verdicts = (
        scrape.value(f"bot_exporter_events_{part}_total")
        for part in ("received", "accepted", "duplicate", "rejected")
    )
    assert received == sum(verdicts)


def check_format(scrape: Scrape, promtool: Path) -> None:
    """Prometheus' own tool finds nothing to complain about."""
    done = subprocess.run(
        [promtool, "check", "metrics"], input=scrape.body, capture_output=True, check=False
    )
    assert 0 == done.returncode, (done.stdout + done.stderr).decode()
