"""Generated files on disk: write what changed, and tell what is not as it should be."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice
from pathlib import Path

from .files import MARK

MOST_LINES = 20  # Of a difference; who wants all of it runs `make generate` and `git diff`.
WIDTH = 160
_HEAD_BYTES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A file that is not what the sources say: which, how, and the first lines that differ."""

    path: str
    state: str
    diff: str = ""

    def __str__(self) -> str:
        """Return the state on one line, and the difference below it."""
        return "\n".join(part for part in (f"{self.path}: {self.state}", self.diff) if part)


def write(root: Path, files: Mapping[str, str]) -> list[str]:
    """Write the files below *root* that differ, each at once or not at all; return their paths."""
    changed = [path for path, text in files.items() if _content(root / path) != text.encode()]
    for path in changed:
        _replace(root / path, files[path].encode())
    return changed


def check(root: Path, files: Mapping[str, str]) -> list[Drift]:
    """Return every file below *root* that is missing, stale, or generated no longer."""
    return [*_outdated(root, files), *_left_over(root, files)]


def _outdated(root: Path, files: Mapping[str, str]) -> Iterator[Drift]:
    for path, text in files.items():
        content = _content(root / path)
        if content is None:
            yield Drift(path=path, state="is missing; run `make generate`")
        elif content != text.encode():
            difference = _difference(content.decode(errors="replace"), text)
            yield Drift(path=path, state="is stale; run `make generate`", diff=difference)


def _left_over(root: Path, files: Mapping[str, str]) -> Iterator[Drift]:
    """Yield what says it is generated, lies beside generated files, and comes from nowhere."""
    for folder in sorted({(root / path).parent for path in files}):
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            path = file.relative_to(root).as_posix()
            if path not in files and MARK.encode() in (_content(file) or b"")[:_HEAD_BYTES]:
                yield Drift(path=path, state="is not generated any more; delete it")


def _difference(before: str, after: str) -> str:
    lines = unified_diff(
        before.splitlines(), after.splitlines(), "on disk", "generated", lineterm="", n=1
    )
    shown = [line[:WIDTH] for line in islice(lines, MOST_LINES)]
    return "\n".join([*shown, "..."] if len(shown) == MOST_LINES else shown)


def _content(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _replace(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.tmp")
    try:
        draft.write_bytes(content)
        os.replace(draft, file)  # noqa: PTH105 - says what it does better than Path.replace
    finally:
        draft.unlink(missing_ok=True)
