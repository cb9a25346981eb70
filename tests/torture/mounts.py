"""File systems for a scenario, always unmounted in the end; these need root."""

import ctypes
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.server import ROOT
from tests.support.waiting import wait_until

DETACH = 2  # MNT_DETACH of umount2(2).
MOUNT_SECONDS = 20.0
REMEDY = (
    "run the fault suites as root on Linux with /dev/fuse (in a container: "
    "--cap-add SYS_ADMIN --device /dev/fuse); nothing else is needed"
)


def unmount(target: Path) -> None:
    """Unmount, whatever is still open there; fine when nothing is mounted."""
    ctypes.CDLL(None, use_errno=True).umount2(os.fsencode(target), DETACH)


def require_mounting() -> None:
    """Fail with the remedy where file systems cannot be mounted."""
    assert os.geteuid() == 0, f"mounting needs root: {REMEDY}"
    assert Path("/dev/fuse").exists(), f"no /dev/fuse: {REMEDY}"


@contextmanager
def small_disk(target: Path, *, size_bytes: int, inodes: int) -> Iterator[Path]:
    """Mount a tmpfs of this size on *target*."""
    require_mounting()
    target.mkdir(exist_ok=True)
    options = f"size={size_bytes},nr_inodes={inodes},mode=700"
    libc = ctypes.CDLL(None, use_errno=True)
    failed = libc.mount(b"small", os.fsencode(target), b"tmpfs", 0, options.encode())
    assert not failed, f"tmpfs: {os.strerror(ctypes.get_errno())}: {REMEDY}"
    try:
        yield target
    finally:
        unmount(target)


class PowerDisk:
    """
    A mounted `tests.torture.pwrfs`; `cut` is the power cut.

    Args:
        directory: Takes what survives.
        target: Where it is mounted.
        seed: Of what survives without having been synced.
    """

    def __init__(self, directory: Path, target: Path, *, seed: int) -> None:
        require_mounting()
        self._backing = directory / "platter"
        self._backing.mkdir()
        self._target = target
        self._target.mkdir()
        self._random = random.Random(seed)
        self._daemon: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Mount it."""
        self.mount()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Unmount it; nothing on it matters any more."""
        self.cut()

    def mount(self) -> None:
        """Bring the disk back, with what was synced and, by luck, more than that."""
        luck = self._random.choice(("0", "0.3", "0.8"))
        seed = str(self._random.randrange(1 << 30))
        command = (sys.executable, "-m", "tests.torture.pwrfs", self._backing, self._target)
        self._daemon = subprocess.Popen([*command, seed, luck], cwd=ROOT)
        wait_until(self._is_mounted, seconds=MOUNT_SECONDS, what=f"the FUSE is mounted: {REMEDY}")

    def cut(self) -> None:
        """Take the power away: what was not synced is gone, and the mount with it."""
        daemon, self._daemon = self._daemon, None
        if daemon is not None:
            daemon.kill()
            daemon.wait()
        unmount(self._target)

    def _is_mounted(self) -> bool:
        assert self._daemon is not None
        code = self._daemon.poll()
        assert code is None, f"the FUSE process ended with {code}: {REMEDY}"
        return self._target.is_mount()
