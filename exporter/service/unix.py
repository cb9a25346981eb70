"""Unix sockets that only their owner can reach, below paths of any length."""

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..model.errors import StorageError

OWNER_ONLY = 0o600
LONGEST_ADDRESS = 107  # sun_path of Linux without its final zero.


def listen(path: Path) -> socket.socket:
    """
    Return a socket bound to *path*, replacing a leftover of a process that ended badly.

    Raises:
        StorageError: another process listens there, or the socket cannot be made.
    """
    try:
        _remove_leftover(path)
        return _bind(path)
    except OSError as error:
        message = f"{path}: {error.strerror or error}; check the directory and its owner"
        raise StorageError(message) from error


def connect(path: Path, *, timeout_seconds: float) -> socket.socket:
    """
    Return a socket connected to who listens at *path*.

    Raises:
        OSError: nobody does: FileNotFoundError, ConnectionRefusedError; or it is not allowed.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout_seconds)
        with _address(path) as address:
            sock.connect(address)
    except BaseException:
        sock.close()
        raise
    return sock


def remove(path: Path, *, inode: int) -> None:
    """Remove the socket file if it is still the one with that inode, not a successor's."""
    try:
        if path.lstat().st_ino == inode:
            path.unlink()
    except FileNotFoundError:
        return


def _bind(path: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # On Linux the file gets the mode of the socket: it is private from its first moment,
        # without touching the umask of the other threads.
        os.fchmod(sock.fileno(), OWNER_ONLY)
        with _address(path) as address:
            sock.bind(address)
        path.chmod(OWNER_ONLY)
    except BaseException:
        sock.close()
        raise
    return sock


def _remove_leftover(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise StorageError(f"{path}: is not a socket; move it away")
    try:
        connect(path, timeout_seconds=1.0).close()
    except ConnectionRefusedError:
        path.unlink(missing_ok=True)
    else:
        raise StorageError(f"{path}: another process listens there; stop it first")


@contextmanager
def _address(path: Path) -> Iterator[str]:
    """Yield a name of *path* that is short enough for a socket address."""
    if len(os.fsencode(path)) <= LONGEST_ADDRESS:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
