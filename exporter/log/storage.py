"""
The only door to the disk, so that a test can stand in for it and break it.

Names are relative to the storage directory; ``aside/`` is its one folder.
Every method raises OSError as the system does.
"""

import errno
import fcntl
import itertools
import mmap
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

from ..model.errors import DirectoryLockedError, LogFullError, LogUnavailableError, StorageError

Mapped: TypeAlias = bytes | mmap.mmap

ASIDE = "aside/"
TEMPORARY = ".tmp"
_BUFFERS_PER_WRITE = 1024  # IOV_MAX of Linux.
_PRIVATE_FILE = 0o600
_PRIVATE_DIRECTORY = 0o700
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


class Appender(Protocol):
    """A file that only grows."""

    tell: int

    def write(self, buffers: Sequence[bytes]) -> None:
        """Append all *buffers*; after an error any part of them may be there."""
        ...

    def sync(self) -> None:
        """Return when everything written survives a power cut."""
        ...

    def close(self) -> None:
        """Give the file back; does not sync."""
        ...


class Storage(Protocol):
    """What the log needs of a directory."""

    def list(self) -> list[str]:
        """Return the names of the files, sorted; those set aside not included."""
        ...

    def has(self, name: str) -> bool:
        """Return whether the file exists."""
        ...

    def size(self, name: str) -> int:
        """Return the length of the file in bytes."""
        ...

    def read(self, name: str, start: int = 0, stop: int | None = None) -> bytes:
        """Return the bytes ``start <= offset < stop``, fewer where the file ends."""
        ...

    def map(self, name: str) -> Mapped:
        """Return the whole file for reading; it stays readable after a removal."""
        ...

    def create(self, name: str) -> Appender:
        """Create the file, which must not exist, and make its name durable."""
        ...

    def replace(self, name: str, pieces: Iterable[bytes]) -> None:
        """Give the file this content in one durable step: old or new, never a mix."""
        ...

    def sync(self, name: str) -> None:
        """Return when the content the file has now survives a power cut."""
        ...

    def rename(self, old: str, new: str) -> None:
        """Rename a file over whatever is there, durably."""
        ...

    def remove(self, name: str) -> None:
        """Remove a file; a missing one is fine."""
        ...

    def sync_directory(self) -> None:
        """Return when creations, renames and removals survive a power cut."""
        ...

    def free_bytes(self) -> int:
        """Return how much room an ordinary user has left."""
        ...

    def total_bytes(self) -> int:
        """Return how much room there is, what is kept for the administrator left out."""
        ...


class DiskStorage:
    """A real directory, private to its owner; made if it is not there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        (path / ASIDE).mkdir(mode=_PRIVATE_DIRECTORY, exist_ok=True)

    def list(self) -> list[str]:
        """Return the names of the files, sorted."""
        with os.scandir(self.path) as entries:
            return sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))

    def has(self, name: str) -> bool:
        """Return whether the file exists."""
        return (self.path / name).exists()

    def size(self, name: str) -> int:
        """Return the length of the file in bytes."""
        return (self.path / name).stat().st_size

    def read(self, name: str, start: int = 0, stop: int | None = None) -> bytes:
        """Return the bytes of a range of the file."""
        with (self.path / name).open("rb", buffering=0) as file:
            file.seek(start)
            wanted = file.seek(0, os.SEEK_END) if stop is None else stop
            file.seek(start)
            return _read_fully(file.fileno(), max(0, wanted - start))

    def map(self, name: str) -> Mapped:
        """Return the file as a read-only mapping."""
        with (self.path / name).open("rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
                return b""  # An empty file cannot be mapped.
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def create(self, name: str) -> Appender:
        """Create the file and make its name durable."""
        appender = DiskAppender(self.path / name)
        try:
            self._sync_folder_of(name)
        except OSError:
            appender.close()
            raise
        return appender

    def replace(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write beside, sync, rename, sync the directory."""
        temporary = name + TEMPORARY
        self.remove(temporary)
        appender = DiskAppender(self.path / temporary)
        try:
            try:
                for piece in pieces:
                    appender.write((piece,))
                appender.sync()
            finally:
                appender.close()
            (self.path / temporary).rename(self.path / name)
        except BaseException:
            self.remove(temporary)
            raise
        self._sync_folder_of(name)

    def sync(self, name: str) -> None:
        """Sync the content of a file that somebody else may have written."""
        file = os.open(self.path / name, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fdatasync(file)
        finally:
            os.close(file)

    def rename(self, old: str, new: str) -> None:
        """Rename a file, durably."""
        (self.path / old).rename(self.path / new)
        self._sync_folder_of(new)
        if new.startswith(ASIDE):
            self.sync_directory()

    def remove(self, name: str) -> None:
        """Remove a file; a missing one is fine."""
        (self.path / name).unlink(missing_ok=True)

    def sync_directory(self) -> None:
        """Make names durable."""
        _sync_path(self.path)

    def free_bytes(self) -> int:
        """Return how much room an ordinary user has left."""
        figures = os.statvfs(self.path)
        return figures.f_bavail * figures.f_frsize

    def total_bytes(self) -> int:
        """Return how much room there is, what is kept for the administrator left out."""
        figures = os.statvfs(self.path)
        kept = figures.f_bfree - figures.f_bavail
        return (figures.f_blocks - kept) * figures.f_frsize

    def _sync_folder_of(self, name: str) -> None:
        _sync_path((self.path / name).parent)


class DiskAppender:
    """A new file that only grows."""

    def __init__(self, path: Path) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._file = os.open(path, flags, _PRIVATE_FILE)
        self.tell = 0

    def write(self, buffers: Sequence[bytes]) -> None:
        """Append all *buffers*, however often the system takes only a part."""
        for first in range(0, len(buffers), _BUFFERS_PER_WRITE):
            self._write_all(buffers[first : first + _BUFFERS_PER_WRITE])

    def sync(self) -> None:
        """Return when everything written survives a power cut."""
        os.fdatasync(self._file)

    def close(self) -> None:
        """Give the descriptor back."""
        if self._file >= 0:
            file, self._file = self._file, -1
            os.close(file)

    def _write_all(self, buffers: Sequence[bytes | memoryview]) -> None:
        missing = sum(map(len, buffers))
        while missing:
            written = os.writev(self._file, buffers)
            self.tell += written
            missing -= written
            if missing:
                buffers = _behind(buffers, written)


def lock_directory(path: Path) -> int:
    """
    Lock the storage directory for the life of the process and return the descriptor.

    The lock goes away with the process, however that ends. Keep the number;
    closing it gives the directory up.

    Raises:
        DirectoryLockedError: Another process has it; raised at once.
    """
    path.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    file = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE_FILE)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        message = (
            f"{path}: another bot-exporter process owns this directory; "
            "stop it, or give this one its own --storage.path"
        )
        raise DirectoryLockedError(message) from None
    return file


def storage_error(error: OSError, doing: str) -> StorageError:
    """Return what the caller is told when *doing* failed with *error*."""
    if error.errno in _NO_ROOM:
        return LogFullError(
            f"{doing}: {error.strerror}; free disk space, the log recovers by itself"
        )
    return LogUnavailableError(f"{doing}: {error}; send the batch again later")


def _behind(buffers: Sequence[bytes | memoryview], written: int) -> list[bytes | memoryview]:
    """Return what is left of *buffers* once *written* bytes are gone."""
    ends = list(itertools.accumulate(map(len, buffers)))
    first = next(index for index, end in enumerate(ends) if end > written)
    taken = written - (ends[first - 1] if first else 0)
    return [memoryview(buffers[first])[taken:], *buffers[first + 1 :]]


def _read_fully(file: int, length: int) -> bytes:
    pieces = []
    while length > 0:
        piece = os.read(file, length)
        if not piece:
            break
        pieces.append(piece)
        length -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _sync_path(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
