"""What a process costs, read from /proc, what a sync of the disk costs, and how rounds add up."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

TICKS = os.sysconf("SC_CLK_TCK")
SYNCS = 200
BLOCK = b"x" * 512


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of several rounds and their range: `f"{spread:.1f}"` shows all three."""

    median: float
    low: float
    high: float

    def __format__(self, spec: str) -> str:
        """Return the median with the range in brackets; one round has no range."""
        middle, low, high = (format(v, spec) for v in (self.median, self.low, self.high))
        return middle if low == middle == high else f"{middle} ({low} to {high})"


def spread(values: Sequence[float]) -> Spread:
    """Return the median and the range of at least one value."""
    return Spread(median(values), min(values), max(values))


def ratio(over: Sequence[float], under: Sequence[float]) -> Spread:
    """Return the ratio of the medians, and the range of the ratios within each round."""
    pairs = [a / b for a, b in zip(over, under, strict=True)]
    return Spread(median(over) / median(under), min(pairs), max(pairs))


def cpu_seconds(pid: int) -> float:
    """Return the user and system time the process has used, of all its threads."""
    # The second field, the name, may hold blanks; it ends with the last bracket.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def cpu_since(pid: int, before: float) -> float:
    """Return what the process has used since `cpu_seconds` was *before*, at least a tick."""
    # The clock only ticks; work below one tick is not free.
    return max(cpu_seconds(pid) - before, 1 / TICKS)


def anonymous_mib(pid: int) -> float:
    """Return the memory that is the process's own, not files it has mapped, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024


def sync_ms(directory: Path) -> tuple[float, float]:
    """Return median and 99th percentile of an append of 512 bytes with fdatasync."""
    path = directory / "sync-probe"
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        times = []
        for _ in range(SYNCS):
            os.write(file, BLOCK)
            began = time.perf_counter()
            os.fdatasync(file)
            times.append((time.perf_counter() - began) * 1e3)
    finally:
        os.close(file)
        path.unlink()
    return median(times), percentile(times, 0.99)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least *share* of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
