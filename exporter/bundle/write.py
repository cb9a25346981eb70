"""Generated files on disk: write what changed, and tell what is not as it should be."""

import os
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice
from pathlib import Path

from .files import MARK

MOST_LINES = 20  # Of a difference; who wants all of it runs `make generate` and `git diff`.
WIDTH = 160
PUBLIC, PRIVATE = 0o666, 0o600
_HEAD_BYTES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Who makes the files: the mark in their first lines, and the command to run."""

    mark: str = MARK
    command: str = "make generate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A file that is not what the sources say: which, how, and the first lines that differ."""

    path: str
    state: str
    diff: str = ""

    def __str__(self) -> str:
        """Return the state on one line, and the difference below it."""
        return "\n".join(part for part in (f"{self.path}: {self.state}", self.diff) if part)


def write(root: Path, files: Mapping[str, str], private: Collection[str] = ()) -> list[str]:
    """
    Write the files below *root* that differ, each at once or not at all; return their paths.

    Those that are *private* can be read by their owner, and by a group that somebody gave them.
    """
    changed = [path for path, text in files.items() if _content(root / path) != text.encode()]
    for path in changed:
        mode = PRIVATE if path in private else PUBLIC
        _replace(root / path, files[path].encode(), mode)
    return changed


def check(root: Path, files: Mapping[str, str], maker: Maker = Maker()) -> list[Drift]:
    """Return every file below *root* that is missing, stale, or generated no longer."""
    return [*_outdated(root, files, maker), *left_over(root, files, maker)]


def foreign(root: Path, files: Mapping[str, str], maker: Maker) -> list[str]:
    """Return the paths below *root* where a file lies that *maker* did not make."""
    there = {path: _content(root / path) for path in files}
    return [
        path
        for path, content in there.items()
        if (content is None and (root / path).exists())
        or (content is not None and not _is_marked(content, maker))
    ]


def left_over(root: Path, files: Mapping[str, str], maker: Maker) -> Iterator[Drift]:
    """Yield what says it is generated, lies beside generated files, and comes from nowhere."""
    for folder in sorted({(root / path).parent for path in files}):
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            path = file.relative_to(root).as_posix()
            if path not in files and _is_marked(_content(file) or b"", maker):
                yield Drift(path=path, state="is not generated any more; delete it")


def _outdated(root: Path, files: Mapping[str, str], maker: Maker) -> Iterator[Drift]:
    for path, text in files.items():
        content = _content(root / path)
        if content is None:
            yield Drift(path=path, state=f"is missing; run `{maker.command}`")
        elif content != text.encode():
            difference = _difference(content.decode(errors="replace"), text)
            yield Drift(path=path, state=f"is stale; run `{maker.command}`", diff=difference)


def _is_marked(content: bytes, maker: Maker) -> bool:
    return maker.mark.encode() in content[:_HEAD_BYTES]


def _difference(before: str, after: str) -> str:
    lines = unified_diff(
        before.splitlines(), after.splitlines(), "on disk", "generated", lineterm="", n=1
    )
    shown = [line[:WIDTH] for line in islice(lines, MOST_LINES)]
    return "\n".join([*shown, "..."] if len(shown) == MOST_LINES else shown)


def _content(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _replace(file: Path, content: bytes, mode: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.tmp")
    draft.unlink(missing_ok=True)
    try:
        draft.touch(mode=mode, exist_ok=False)
        draft.write_bytes(content)
        if mode == PRIVATE and file.exists():
            _keep_readers(file, draft)
        os.replace(draft, file)  # noqa: PTH105 - says what it does better than Path.replace
    finally:
        draft.unlink(missing_ok=True)


def _keep_readers(old: Path, new: Path) -> None:
    """Give *new* the owner and the group of *old*, and what they may: a server has to read it."""
    wanted, given = old.stat(), new.stat()
    if (wanted.st_uid, wanted.st_gid) != (given.st_uid, given.st_gid):
        os.chown(new, wanted.st_uid, wanted.st_gid)
    new.chmod(stat.S_IMODE(wanted.st_mode) & 0o770)
