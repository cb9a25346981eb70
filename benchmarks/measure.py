"""What a process costs, read from /proc, and what a sync of the disk costs."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

TICKS = os.sysconf("SC_CLK_TCK")
SYNCS = 200
BLOCK = b"x" * 512


def cpu_seconds(pid: int) -> float:
    """Return the user and system time the process has used, of all its threads."""
    # The second field, the name, may hold blanks; it ends with the last bracket.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


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
