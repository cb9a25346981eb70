"""A disk that can lose power, fill up and fail, on the same door as the real one."""

import errno
import os
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from exporter.log.storage import TEMPORARY, Appender, Mapped

BLOCK_BYTES = 64


class PowerCut(KeyboardInterrupt):
    """The machine is gone. Of the one kind that no code may catch and go on."""


@dataclass
class SimFile:
    """What programs see of a file, and how much of it is on the platter."""

    data: bytearray = field(default_factory=bytearray)
    synced: int = 0


@dataclass
class _Change:
    """A change of the directory that is not durable yet: names that come and go together."""

    added: dict[str, SimFile]
    removed: list[str]


class SimDisk:
    """
    A Storage in memory.

    ``cut_at`` is the call during which the power goes; ``fail_at`` maps calls to
    the error number they fail with. ``calls`` counts, ``log`` names them.
    """

    def __init__(self, seed: int = 0) -> None:
        self.random = random.Random(seed)
        self.files: dict[str, SimFile] = {}
        self.calls = 0
        self.log: list[str] = []
        self.cut_at: int | None = None
        self.fail_at: dict[int, int] = {}
        self.fail_all: dict[str, int] = {}
        self._durable: dict[str, SimFile] = {}
        self._changes: list[_Change] = []

    def list(self) -> list[str]:
        return sorted(name for name in self.files if "/" not in name)

    def has(self, name: str) -> bool:
        return name in self.files

    def size(self, name: str) -> int:
        return len(self._file(name).data)

    def read(self, name: str, start: int = 0, stop: int | None = None) -> bytes:
        return bytes(self._file(name).data[start:stop])

    def map(self, name: str) -> Mapped:
        return bytes(self._file(name).data)

    def create(self, name: str) -> Appender:
        self.step("create", name)
        file = self._new(name)
        self.step("sync_directory", name)
        self._settle()
        return SimAppender(self, name, file)

    def replace(self, name: str, pieces: Iterable[bytes]) -> None:
        temporary = name + TEMPORARY
        self.step("create", temporary)
        appender = SimAppender(self, temporary, self._new(temporary, exclusive=False))
        try:
            for piece in pieces:
                appender.write((piece,))
            appender.sync()
            self.step("rename", name)
            self._rename(temporary, name)
        except OSError:
            self._change(removed=[temporary])
            raise
        self.step("sync_directory", name)
        self._settle()

    def sync(self, name: str) -> None:
        self.step("sync", name)
        file = self._file(name)
        file.synced = len(file.data)

    def rename(self, old: str, new: str) -> None:
        self.step("rename", new)
        self._rename(old, new)
        self.sync_directory()

    def remove(self, name: str) -> None:
        self.step("remove", name)
        if name in self.files:
            self._change(removed=[name])

    def sync_directory(self) -> None:
        self.step("sync_directory", "")
        self._settle()

    def free_bytes(self) -> int:
        return 1 << 40

    def total_bytes(self) -> int:
        return 1 << 41

    def step(self, call: str, name: str) -> None:
        """Count a call, and fail it if that is planned."""
        self.calls += 1
        self.log.append(f"{call} {name}")
        if self.cut_at is not None and self.calls >= self.cut_at:
            raise PowerCut
        number = self.fail_at.get(self.calls) or self.fail_all.get(call)
        if number:
            raise OSError(number, os.strerror(number))

    def after_power_cut(self) -> "SimDisk":
        """Return the disk as the next boot finds it: some of what was not synced is there."""
        disk = SimDisk(self.random.randrange(1 << 30))
        names = dict(self._durable)
        for change in self._changes:
            if self.random.random() < 0.5:
                for name in change.removed:
                    names.pop(name, None)
                names.update(change.added)
        disk.files = {name: self._survivor(file) for name, file in names.items()}
        disk._durable = dict(disk.files)
        return disk

    def after_kill(self) -> "SimDisk":
        """Return the disk as the next process finds it: all that was written, synced or not."""
        disk = SimDisk(self.random.randrange(1 << 30))
        disk.files = dict(self.files)
        disk._durable = dict(self._durable)
        disk._changes = [*self._changes]
        return disk

    def _survivor(self, file: SimFile) -> SimFile:
        data = bytearray(file.data)
        if file.synced < len(data):
            # Size and blocks reach the platter in any order.
            del data[self.random.randint(file.synced, len(data)) :]
            for start in range(file.synced, len(data), BLOCK_BYTES):
                if self.random.random() < 0.5:
                    end = min(start + BLOCK_BYTES, len(data))
                    data[start:end] = bytes(end - start)
        return SimFile(data, len(data))

    def _file(self, name: str) -> SimFile:
        if name not in self.files:
            raise FileNotFoundError(errno.ENOENT, "no such file", name)
        return self.files[name]

    def _new(self, name: str, *, exclusive: bool = True) -> SimFile:
        if exclusive and name in self.files:
            raise FileExistsError(errno.EEXIST, "file exists", name)
        file = SimFile()
        self._change(added={name: file})
        return file

    def _rename(self, old: str, new: str) -> None:
        self._change(added={new: self._file(old)}, removed=[old])

    def _change(self, added: dict[str, SimFile] | None = None, removed: Sequence[str] = ()) -> None:
        change = _Change(added or {}, [*removed])
        for name in change.removed:
            self.files.pop(name, None)
        self.files.update(change.added)
        self._changes.append(change)

    def _settle(self) -> None:
        self._changes.clear()
        self._durable = dict(self.files)


class SimAppender:
    """A file of a SimDisk that only grows."""

    def __init__(self, disk: SimDisk, name: str, file: SimFile) -> None:
        self.tell = 0
        self._disk = disk
        self._name = name
        self._file = file

    def write(self, buffers: Sequence[bytes]) -> None:
        data = b"".join(buffers)
        try:
            self._disk.step("write", self._name)
        except (OSError, PowerCut):
            # A full disk takes a part first.
            self._append(data[: self._disk.random.randint(0, len(data))])
            raise
        self._append(data)

    def sync(self) -> None:
        self._disk.step("sync", self._name)
        self._file.synced = len(self._file.data)

    def close(self) -> None:
        pass

    def _append(self, data: bytes) -> None:
        self._file.data += data
        self.tell += len(data)
