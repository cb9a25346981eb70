"""The door to the disk: the real one and the simulated one keep the same promises."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from exporter.log.storage import DiskStorage, Storage, lock_directory
from exporter.model.errors import DirectoryLockedError

from .sim import SimDisk

LOCK_IT = """
import sys, pathlib
from exporter.log.storage import lock_directory
lock_directory(pathlib.Path(sys.argv[1]))
"""


@pytest.fixture(params=["disk", "sim"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """Return each implementation in turn."""
    return DiskStorage(tmp_path / "data") if request.param == "disk" else SimDisk()


def test_what_is_appended_can_be_read(storage: Storage) -> None:
    """Buffers come back one behind the other, whole or in ranges."""
    appender = storage.create("a.log")

    appender.write((b"one", b"", b"two"))
    appender.sync()

    assert 6 == appender.tell == storage.size("a.log")
    assert b"onetwo" == storage.read("a.log") == bytes(storage.map("a.log"))
    assert b"et" == storage.read("a.log", 2, 4)
    assert b"o" == storage.read("a.log", 5, 99)
    appender.close()


def test_more_buffers_than_the_system_takes_at_once_are_written(storage: Storage) -> None:
    """IOV_MAX is no limit of ours."""
    appender = storage.create("a.log")
    buffers = [str(number).encode() for number in range(3000)]

    appender.write(buffers)

    assert b"".join(buffers) == storage.read("a.log")
    appender.close()


def test_a_file_is_created_once(storage: Storage) -> None:
    """Nobody appends to a segment of before."""
    storage.create("a.log").close()

    with pytest.raises(FileExistsError):
        storage.create("a.log")


def test_replacing_gives_new_content_in_one_step(storage: Storage) -> None:
    """Afterwards there is one file with the new content and nothing beside it."""
    storage.replace("a", [b"old"])

    storage.replace("a", [b"n", b"ew"])

    assert b"new" == storage.read("a")
    assert ["a"] == storage.list()


def test_a_failed_replacement_leaves_the_old_content(storage: Storage) -> None:
    """An error while the content is made costs nothing."""
    storage.replace("a", [b"old"])

    with pytest.raises(OSError, match="half-way"):
        storage.replace("a", _breaking())

    assert b"old" == storage.read("a")
    assert ["a"] == storage.list()


def test_names_can_be_changed_and_removed(storage: Storage) -> None:
    """Renaming overwrites; removing what is not there is fine; aside is not listed."""
    storage.replace("a", [b"1"])
    storage.replace("aside/b", [b"2"])

    storage.rename("a", "c")
    storage.remove("a")
    storage.sync_directory()

    assert ["c"] == storage.list()
    assert storage.has("aside/b")
    assert not storage.has("a")


def test_a_mapping_outlives_the_removal_of_its_file(storage: Storage) -> None:
    """A lookup that has begun ends, whatever happens to the file."""
    storage.replace("a", [b"content"])
    storage.replace("empty", [])

    mapped = storage.map("a")
    storage.remove("a")

    assert b"content" == bytes(mapped)
    assert b"" == bytes(storage.map("empty"))


def test_a_missing_file_is_told(storage: Storage) -> None:
    """Reading what is not there is the error of the system."""
    with pytest.raises(FileNotFoundError):
        storage.read("nothing")


def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that takes three bytes at a time gets them all."""
    real = os.writev

    def three_bytes(file: int, buffers: Sequence[bytes]) -> int:
        return real(file, [b"".join(bytes(part) for part in buffers)[:3]])

    monkeypatch.setattr(os, "writev", three_bytes)
    appender = DiskStorage(tmp_path).create("a")

    appender.write((b"ab", b"cdefgh", b"", b"ij"))

    assert b"abcdefghij" == (tmp_path / "a").read_bytes()
    appender.close()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the system was asked to sync and to rename, in this order."""
    calls: list[str] = []

    def syncing(real: Callable[[int], None]) -> Callable[[int], None]:
        def sync(file: int) -> None:
            calls.append(f"sync {Path(f'/proc/self/fd/{file}').readlink().name}")
            real(file)

        return sync

    def renaming(real: Callable[[Path, Path], None]) -> Callable[[Path, Path], None]:
        def rename(old: Path, new: Path) -> None:
            calls.append(f"rename {Path(old).name} {Path(new).name}")
            real(old, new)

        return rename

    for name in ("fdatasync", "fsync"):
        monkeypatch.setattr(os, name, syncing(getattr(os, name)))
    for name in ("rename", "replace"):
        monkeypatch.setattr(os, name, renaming(getattr(os, name)))
    return calls


def test_a_sync_reaches_the_disk_and_not_only_the_cache(tmp_path: Path, asked: list[str]) -> None:
    """The simulated disk believes it; here the system itself must hear of it."""
    storage = DiskStorage(tmp_path / "data")
    appender = storage.create("a.log")
    asked.clear()

    appender.write((b"one",))
    before = [*asked]
    appender.sync()
    storage.sync("a.log")

    assert ([], ["sync a.log"] * 2) == (before, asked)
    appender.close()


def test_the_name_of_a_new_file_is_durable(tmp_path: Path, asked: list[str]) -> None:
    """Its content would be of no use: nobody would find it."""
    storage = DiskStorage(tmp_path / "data")

    storage.create("a.log").close()

    assert ["sync data"] == asked


def test_content_is_durable_before_its_name_and_then_the_name_is(
    tmp_path: Path, asked: list[str]
) -> None:
    """Whenever the power goes, the name leads to all of the old content or all of the new."""
    storage = DiskStorage(tmp_path / "data")

    storage.replace("a", [b"n", b"ew"])
    storage.rename("a", "b")

    assert ["sync a.tmp", "rename a.tmp a", "sync data", "rename a b", "sync data"] == asked


def test_files_belong_to_their_owner_alone(tmp_path: Path) -> None:
    """Nobody else on the machine reads what users said."""
    storage = DiskStorage(tmp_path / "data")

    storage.create("a.log").close()
    storage.replace("b", [b"x"])

    assert 0o700 == stat.S_IMODE((tmp_path / "data").stat().st_mode)
    modes = {stat.S_IMODE((tmp_path / "data" / name).stat().st_mode) for name in storage.list()}
    assert {0o600} == modes


def test_the_room_on_the_disk_is_known(tmp_path: Path) -> None:
    """What is kept for the administrator counts neither as free nor as room."""
    storage = DiskStorage(tmp_path / "data")

    assert 0 < storage.free_bytes() <= storage.total_bytes()


def test_a_second_process_is_refused_at_once(tmp_path: Path) -> None:
    """The message names the directory and the way out; the lock dies with its process."""
    lock = lock_directory(tmp_path)

    second = subprocess.run(
        [sys.executable, "-c", LOCK_IT, str(tmp_path)], check=False, capture_output=True, text=True
    )
    with pytest.raises(DirectoryLockedError, match=r"--storage\.path"):
        lock_directory(tmp_path)
    os.close(lock)
    third = subprocess.run([sys.executable, "-c", LOCK_IT, str(tmp_path)], check=False)

    assert 1 == second.returncode
    assert "owns this directory" in second.stderr
    assert 0 == third.returncode


def _breaking() -> Iterator[bytes]:
    yield b"half"
    raise OSError("half-way")
