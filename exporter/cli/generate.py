"""``bot-exporter generate``: write the files derived from the catalogue, or check them."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from .. import __version__
from ..bundle.files import FOLDER, files, markdown, runbooks
from ..bundle.runbooks import FILE as RUNBOOKS
from ..bundle.runbooks import PAGE
from ..bundle.site_files import MARK as SITE_MARK
from ..bundle.site_files import private_files, site_files
from ..bundle.write import Maker, check, foreign, left_over, write
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
from ..config.site_load import load_site
from ..ingest.openapi import openapi_document
from .commands import Subparsers, new_parser
from .reference import cli_reference

WRONG_USAGE = 2


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
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="a site's file: write its own rules and messages, and nothing of the checkout",
    )
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="the folder for the files of that site"
    )


def run(args: argparse.Namespace) -> int:
    """
    Return 0 when the catalogue is sound and every file is as it should be.

    Raises:
        ConfigError: with every mistake in a site's file.
        OSError: a file cannot be read or written.
    """
    if args.config is not None or args.output is not None:
        return _run_site(args)
    root: Path = args.root
    problems = [*lint(CATALOG), *_broken_promises(root)]
    if problems:
        _complain(problems)
        return 1
    generated = generated_files(root)
    if args.check:
        drift = [str(entry) for entry in check(root, generated)]
        _complain(drift)
        return 1 if drift else 0
    if args.release:
        generated[RELEASED_FILE] = release_json(release_of(CATALOG, __version__))
    for path in write(root, generated):
        print(f"wrote {path}")
    return 0


def generated_files(root: Path = Path()) -> dict[str, str]:
    """Return every generated file, by its path from the *root* of the repository."""
    openapi = openapi_document(event_schema(CATALOG))
    written = root / RUNBOOKS
    pages = {PAGE: runbooks(written.read_text("utf-8"))} if written.is_file() else {}
    return {
        **pages,
        **files({f"{FOLDER}/openapi.json": openapi}),
        f"{FOLDER}/cli.md": markdown(cli_reference(), "exporter/cli"),
    }


def _run_site(args: argparse.Namespace) -> int:
    if args.config is None or args.output is None or args.release:
        _complain(["--config and --output go together, and without --release"])
        return WRONG_USAGE
    loaded = load_site(args.config)
    command = f"bot-exporter generate --config {args.config} --output {args.output}"
    maker = Maker(mark=SITE_MARK, command=command)
    wanted, output = site_files(loaded, args.config.name), args.output
    if args.check:
        drift = [str(entry) for entry in check(output, wanted, maker)]
        _complain(drift)
        return 1 if drift else 0
    if strangers := foreign(output, wanted, maker):
        advice = "was not written by this command; name another --output, or move it away"
        _complain([f"{output / path}: {advice}" for path in strangers])
        return 1
    changed = write(output, wanted, private_files(loaded))
    for path in changed:
        print(f"wrote {output / path}")
    print(f"OK: {output} holds {len(wanted)} files, {len(changed)} of them changed")
    # Prometheus would go on loading what is no longer wanted.
    _complain(
        [f"{output / entry.path}: {entry.state}" for entry in left_over(output, wanted, maker)]
    )
    return 0


def _broken_promises(root: Path) -> Iterator[str]:
    file = root / RELEASED_FILE
    # Without the file nothing is released yet, so nothing was promised.
    released = read_release(file.read_text("utf-8")) if file.is_file() else Release(version="0")
    return release_problems(CATALOG, released, RETIRED, version=__version__)


def _complain(lines: list[str]) -> None:
    for line in lines:
        print(line, file=sys.stderr)
