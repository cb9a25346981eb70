"""``bot-exporter generate``: write the files derived from the catalogue, or check them."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from .. import __version__
from ..bundle.files import FOLDER, files, markdown
from ..bundle.write import check, write
from ..catalog.builtin import CATALOG
from ..catalog.lint import lint
from ..catalog.released import (
    RELEASED_FILE,
    Release,
    read_release,
    release_json,
    release_of,
    release_problems,
)
from ..catalog.retired import RETIRED
from ..catalog.schema import event_schema
from ..ingest.openapi import openapi_document
from .commands import Subparsers, new_parser
from .reference import cli_reference


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command and its flags."""
    parser = new_parser(subparsers, "generate")
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; fail when a file is not as it should be",
    )
    parser.add_argument(
        "--release",
        action="store_true",
        help="also record today's metrics as released, for the version in the making",
    )
    parser.add_argument(
        "--root", type=Path, default=Path(), metavar="DIR", help="the checkout (default: here)"
    )


def run(args: argparse.Namespace) -> int:
    """Return 0 when the catalogue is sound and every file is as it should be."""
    root: Path = args.root
    problems = [*lint(CATALOG), *_broken_promises(root)]
    if problems:
        _complain(problems)
        return 1
    generated = generated_files()
    if args.check:
        drift = [str(entry) for entry in check(root, generated)]
        _complain(drift)
        return 1 if drift else 0
    if args.release:
        generated[RELEASED_FILE] = release_json(release_of(CATALOG, __version__))
    for path in write(root, generated):
        print(f"wrote {path}")
    return 0


def generated_files() -> dict[str, str]:
    """Return every generated file, by its path from the root of the repository."""
    openapi = openapi_document(event_schema(CATALOG))
    return {
        **files({f"{FOLDER}/openapi.json": openapi}),
        f"{FOLDER}/cli.md": markdown(cli_reference(), "exporter/cli"),
    }


def _broken_promises(root: Path) -> Iterator[str]:
    file = root / RELEASED_FILE
    # Without the file nothing is released yet, so nothing was promised.
    released = read_release(file.read_text("utf-8")) if file.is_file() else Release(version="0")
    return release_problems(CATALOG, released, RETIRED, version=__version__)


def _complain(lines: list[str]) -> None:
    for line in lines:
        print(line, file=sys.stderr)
