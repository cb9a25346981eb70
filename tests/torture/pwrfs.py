"""
A file system that forgets, when its process is killed, whatever was not synced.

Run as `python -m tests.torture.pwrfs BACKING MOUNT SEED LUCK`, as root. Files and directories live
in the memory of the process. Syncing a file writes its bytes to BACKING, syncing a directory writes
its names: one does not include the other. LUCK is the chance of a change to get there unasked, as
the kernel's own writing back would do it. Speaks with /dev/fuse itself, without libfuse.
"""

import ctypes
import errno
import json
import os
import random
import stat
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture import fuse_wire as wire
from tests.torture.fuse_wire import Op, Request

ROOT_NODE = 1
FOLDER = stat.S_IFDIR | 0o755


class FaultError(OSError):
    """What the kernel is told instead of an answer."""

    def __init__(self, number: int) -> None:
        super().__init__(number, os.strerror(number))


@dataclass(slots=True)
class Node:
    """A file or a directory in memory; *dirty* is where its first byte not on disk lies."""

    mode: int
    data: bytearray = field(default_factory=bytearray)
    names: dict[str, int] = field(default_factory=dict)
    dirty: int | None = None

    @property
    def is_folder(self) -> bool:
        """Return whether it has names instead of bytes."""
        return stat.S_ISDIR(self.mode)


class Backing:
    """What survives: a file of bytes for each file node, a table of names for each directory."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> dict[int, Node]:
        """Return the nodes that the names lead to."""
        nodes = {ROOT_NODE: Node(FOLDER)}
        waiting = [ROOT_NODE]
        while waiting:
            folder = waiting.pop()
            for name, (number, mode) in self._table(folder).items():
                nodes[folder].names[name] = number
                nodes[number] = Node(mode, self._bytes(number))
                if nodes[number].is_folder:
                    waiting.append(number)
        return nodes

    def next_number(self) -> int:
        """Return a number no node ever had."""
        return max((int(path.stem) for path in self._path.iterdir()), default=ROOT_NODE) + 1

    def store_bytes(self, number: int, data: bytes, offset: int) -> None:
        """Write bytes of a file."""
        file = os.open(self._path / str(number), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.pwrite(file, data, offset)
        finally:
            os.close(file)

    def cut(self, number: int, size: int) -> None:
        """Give a file its length."""
        file = os.open(self._path / str(number), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(file, size)
        finally:
            os.close(file)

    def store_names(self, number: int, table: dict[str, tuple[int, int]]) -> None:
        """Write the names of a directory, in one step."""
        fresh = self._path / f"{number}.new"
        fresh.write_text(json.dumps(table))
        fresh.rename(self._path / f"{number}.names")

    def _table(self, number: int) -> dict[str, tuple[int, int]]:
        path = self._path / f"{number}.names"
        table: dict[str, tuple[int, int]] = json.loads(path.read_text()) if path.exists() else {}
        return table

    def _bytes(self, number: int) -> bytearray:
        path = self._path / str(number)
        return bytearray(path.read_bytes() if path.exists() else b"")


class PowerFs:
    """The file system: one method for each question of the kernel."""

    def __init__(self, backing: Backing, *, seed: int, luck: float) -> None:
        self._backing = backing
        self._nodes = backing.load()
        self._next = backing.next_number()
        self._random = random.Random(seed)
        self._luck = luck
        self._answers = {
            Op.INIT: lambda q: wire.init_answer(q.body),
            Op.LOOKUP: lambda q: self._entry(self._child(q.node, wire.names(q.body)[0])),
            Op.GETATTR: lambda q: self._attributes(q.node),
            Op.SETATTR: self._setattr,
            Op.MKNOD: lambda q: self._entry(self._make(q.node, q.body, wire.MKNOD.size)),
            Op.MKDIR: lambda q: self._entry(self._make(q.node, q.body, wire.MKDIR.size)),
            Op.UNLINK: self._remove,
            Op.RMDIR: self._remove,
            Op.RENAME: lambda q: self._rename(q, wire.RENAME.size),
            Op.RENAME2: lambda q: self._rename(q, wire.RENAME2.size),
            Op.OPEN: lambda _: wire.OPENED.pack(0, 0, 0),
            Op.OPENDIR: lambda _: wire.OPENED.pack(0, 0, 0),
            Op.READ: self._read,
            Op.WRITE: self._write,
            Op.STATFS: lambda _: _room(),
            Op.RELEASE: lambda _: b"",
            Op.RELEASEDIR: lambda _: b"",
            Op.FLUSH: lambda _: b"",
            Op.FSYNC: self._sync_file,
            Op.FSYNCDIR: self._sync_folder,
            Op.READDIR: self._list,
            Op.CREATE: self._create,
        }

    def answer(self, question: Request) -> bytes | None:
        """Return the answer to *question*, None if there is to be none."""
        if question.op in wire.SILENT:
            return None
        try:
            handle = self._answers[Op(question.op)]
            return wire.answer(question.unique, handle(question))
        except (KeyError, ValueError):
            return wire.answer(question.unique, error=errno.ENOSYS)
        except OSError as error:
            return wire.answer(question.unique, error=error.errno or errno.EIO)

    def _child(self, folder: int, name: str) -> int:
        number = self._nodes[folder].names.get(name)
        if number is None:
            raise FaultError(errno.ENOENT)
        return number

    def _attributes(self, number: int) -> bytes:
        return wire.ATTR_HEAD.pack(wire.FOREVER, 0, 0) + self._plain(number)

    def _plain(self, number: int) -> bytes:
        node = self._nodes[number]
        return wire.attributes(number, size=len(node.data), mode=node.mode, now=int(time.time()))

    def _entry(self, number: int) -> bytes:
        head = wire.ENTRY.pack(number, 0, wire.FOREVER, wire.FOREVER, 0, 0)
        return head + self._plain(number)

    def _make(self, folder: int, body: bytes, head: int) -> int:
        mode = int.from_bytes(body[:4], "little")
        is_folder = head == wire.MKDIR.size
        number, self._next = self._next, self._next + 1
        self._nodes[number] = Node((stat.S_IFDIR if is_folder else 0) | mode)
        self._nodes[folder].names[wire.names(body[head:])[0]] = number
        self._maybe_store_names(folder)
        return number

    def _create(self, question: Request) -> bytes:
        body = question.body
        mode = int.from_bytes(body[4:8], "little")
        number = self._make(
            question.node, wire.MKNOD.pack(mode, 0, 0, 0) + body[wire.CREATE.size :], 16
        )
        return self._entry(number) + wire.OPENED.pack(0, 0, 0)

    def _remove(self, question: Request) -> bytes:
        name = wire.names(question.body)[0]
        self._child(question.node, name)
        del self._nodes[question.node].names[name]
        self._maybe_store_names(question.node)
        return b""

    def _rename(self, question: Request, head: int) -> bytes:
        (target,) = wire.RENAME.unpack_from(question.body)
        old, new = wire.names(question.body[head:])
        number = self._child(question.node, old)
        del self._nodes[question.node].names[old]
        self._nodes[target].names[new] = number
        self._maybe_store_names(question.node)
        self._maybe_store_names(target)
        return b""

    def _setattr(self, question: Request) -> bytes:
        given, _, _, size = wire.SETATTR.unpack_from(question.body)
        node = self._nodes[question.node]
        if given & wire.SIZE_GIVEN:
            del node.data[size:]
            node.data += bytes(size - len(node.data))
            node.dirty = min(size, size if node.dirty is None else node.dirty)
        if given & wire.MODE_GIVEN:
            at = wire.SETATTR_MODE_AT
            mode = int.from_bytes(question.body[at : at + 4], "little")
            node.mode = stat.S_IFMT(node.mode) | stat.S_IMODE(mode)
        return self._attributes(question.node)

    def _read(self, question: Request) -> bytes:
        _, offset, size = wire.READ.unpack_from(question.body)
        return bytes(self._nodes[question.node].data[offset : offset + size])

    def _write(self, question: Request) -> bytes:
        _, offset, size, *_ = wire.WRITE.unpack_from(question.body)
        data = question.body[wire.WRITE.size : wire.WRITE.size + size]
        node = self._nodes[question.node]
        node.data += bytes(max(0, offset - len(node.data)))
        node.data[offset : offset + size] = data
        node.dirty = offset if node.dirty is None else min(offset, node.dirty)
        if self._random.random() < self._luck:
            self._backing.store_bytes(question.node, data, offset)
        return wire.WRITTEN.pack(size, 0)

    def _sync_file(self, question: Request) -> bytes:
        node = self._nodes[question.node]
        if node.dirty is not None:
            self._backing.store_bytes(question.node, bytes(node.data[node.dirty :]), node.dirty)
            self._backing.cut(question.node, len(node.data))
            node.dirty = None
        return b""

    def _sync_folder(self, question: Request) -> bytes:
        self._store_names(question.node)
        return b""

    def _maybe_store_names(self, folder: int) -> None:
        if self._random.random() < self._luck:
            self._store_names(folder)

    def _store_names(self, folder: int) -> None:
        names = self._nodes[folder].names
        table = {name: (number, self._nodes[number].mode) for name, number in names.items()}
        self._backing.store_names(folder, table)

    def _list(self, question: Request) -> bytes:
        _, offset, size = wire.READ.unpack_from(question.body)
        lines = bytearray()
        entries = list(self._nodes[question.node].names.items())
        for place, (name, number) in enumerate(entries[offset:], offset + 1):
            line = wire.dirent(number, place, name, self._nodes[number].mode)
            if len(lines) + len(line) > size:
                break
            lines += line
        return bytes(lines)


def _room() -> bytes:
    free = 1 << 24
    return wire.STATFS.pack(free, free, free, free, free, wire.BLOCK, 255, wire.BLOCK, 0, *[0] * 6)


def main() -> None:
    """Mount, and answer until the process is killed or the file system unmounted."""
    backing, target, seed, luck = sys.argv[1:]
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"pwrfs", target.encode(), b"fuse", 6, options.encode()):
        sys.exit(f"cannot mount {target}: {os.strerror(ctypes.get_errno())}")
    system = PowerFs(Backing(Path(backing)), seed=int(seed), luck=float(luck))
    while True:
        try:
            question = os.read(device, wire.MAX_WRITE + 4096)
        except InterruptedError:
            continue
        except OSError:  # ENODEV: unmounted.
            return
        reply = system.answer(wire.read_request(question))
        if reply is not None:
            os.write(device, reply)


if __name__ == "__main__":
    main()
