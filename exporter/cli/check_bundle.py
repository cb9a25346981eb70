"""``bot-exporter check-bundle``: metrics nobody exposes in rules, dashboards and documents."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..bundle.lint import Text, findings
from ..bundle.mentions import DATA_FILES
from ..catalog.builtin import CATALOG
from ..catalog.extend import extend
from ..catalog.spec import Catalog
from ..config.load import read_document
from ..model.errors import ConfigError, Problem
from .commands import Subparsers, new_parser

SUFFIXES = (*DATA_FILES, ".md")


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command and its arguments."""
    parser = new_parser(subparsers, "check-bundle")
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="file, or folder of .yml, .json and .md files",
    )
    parser.add_argument(
        "--catalog",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="YAML with own events and metrics; may be given more than once",
    )


def run(args: argparse.Namespace) -> int:
    """
    Print each name that no metric has, with its place; return 1 when there is one.

    Raises:
        ConfigError: a file is no text, or a catalogue is refused.
        OSError: a file cannot be read.
    """
    catalog = _catalog(args.catalog)
    texts = list(_texts(args.paths))
    found = list(findings(texts, catalog))
    for finding in found:
        print(finding)
    ghosts = sum(finding.is_ghost for finding in found)
    if not ghosts:
        print(f"OK: {len(texts)} files speak of existing metrics only")
    return 1 if ghosts else 0


def _catalog(extensions: Sequence[Path]) -> Catalog:
    return extend(CATALOG, [read_document(file) for file in extensions])


def _texts(paths: Sequence[Path]) -> Iterator[Text]:
    for path in paths:
        for file in _files_of(path):
            yield Text(str(file), _content(file))


def _files_of(path: Path) -> list[Path]:
    """Return *path*, or the files below it that may speak of metrics, hidden ones left out."""
    if not path.is_dir():
        return [path]
    found = (file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file())
    return sorted(file for file in found if not _is_hidden(file.relative_to(path)))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _content(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        message = "holds bytes that are no UTF-8; save it as UTF-8"
        raise ConfigError([Problem(str(file), 0, "", message)]) from None
