"""Works on a storage directory that no exporter is using."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..log.storage import lock_directory
from ..model.errors import StorageError


@contextmanager
def owned(root: Path) -> Iterator[None]:
    """
    Hold the lock of the storage directory *root*, which must exist.

    Raises:
        DirectoryLockedError: an exporter uses it.
        StorageError: it does not exist, or belongs to somebody else.
    """
    if not root.is_dir():
        raise StorageError(
            f"{root}: there is no such directory; check --storage.path, or start the exporter once"
        )
    owner = root.stat().st_uid
    if owner != os.geteuid():
        # Files of root would keep the exporter from starting.
        raise StorageError(f"{root}: belongs to {_name(owner)}; run this as that user")
    try:
        lock = lock_directory(root)
    except OSError as error:
        raise StorageError(f"{root}: {error.strerror}; check its permissions") from error
    try:
        yield
    finally:
        os.close(lock)


def _name(uid: int) -> str:
    try:
        return f"the user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"uid {uid}"
