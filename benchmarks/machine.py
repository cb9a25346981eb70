"""The machine a run was made on, without its name."""

import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .measure import sync_ms


@dataclass(frozen=True, slots=True)
class Machine:
    """What the figures depend on."""

    processor: str
    cores: int
    kernel: str
    python: str
    filesystem: str
    sync_p50_ms: float
    sync_p99_ms: float
    load_before: float

    def lines(self) -> Iterator[str]:
        """Yield the description."""
        yield f"{self.processor}, {self.cores} cores, {self.kernel}, Python {self.python}."
        yield (
            f"Data on {self.filesystem}, where fdatasync of 512 bytes takes "
            f"{self.sync_p50_ms:.2f} ms (median; p99 {self.sync_p99_ms:.2f} ms)."
        )
        yield f"Load average {self.load_before:.1f} before and {os.getloadavg()[0]:.1f} at the end:"
        yield "where others used the cores, milliseconds are worse than they could be."


def this_machine() -> Machine:
    """Return the machine as it is now, before the load."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        median, p99 = sync_ms(Path(scratch))
        kind = filesystem(Path(scratch), Path("/proc/self/mounts").read_text())
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        kernel=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        filesystem=kind,
        sync_p50_ms=median,
        sync_p99_ms=p99,
        load_before=load,
    )


def filesystem(directory: Path, mounts: str) -> str:
    """Return the kind of file system of *directory*; *mounts* is text like ``/proc/mounts``."""
    found, kind = "", "unknown"
    for line in mounts.splitlines():
        _, point, this, *_ = line.split()
        # Of two mounts at one place, the later one hides the earlier.
        if directory.resolve().is_relative_to(point) and len(point) >= len(found):
            found, kind = point, this
    return kind


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine() or sys.platform
