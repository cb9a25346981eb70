"""``bot-exporter fsck``: look into the event log of a stopped exporter, and repair it."""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from typing import TextIO

import msgspec

from ..log import fsck
from ..log.fsck import FsckReport, SegmentReport
from ..log.storage import DiskStorage
from ..model.errors import StorageError
from .commands import Subparsers, new_parser
from .offline import owned
from .options import STORAGE, add_options, layout

ROW = "{:<28} {:>8} {:>10} {:>13} {:>9} {:>8}"


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = new_parser(subparsers, "fsck")
    add_options(parser, [STORAGE])
    parser.add_argument(
        "--dump", metavar="FILE", help="write every readable event to FILE as NDJSON; - is stdout"
    )
    parser.add_argument(
        "--repair",
        action="store_true",
        help="replace damaged segments by clean copies; the originals go to aside/",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(args: argparse.Namespace) -> int:
    """
    Report, dump and repair in this order; return 0 when nothing is damaged any more.

    Raises:
        StorageError: an exporter uses the directory, or it cannot be read.
        ConfigError: the configuration is wrong.
    """
    place = layout(args)
    with owned(place.root):
        if not place.log.is_dir():
            raise StorageError(f"{place.log}: there is no event log; start the exporter once")
        storage = DiskStorage(place.log)
        report = fsck.report(storage)
        # With a dump on standard output, the report must not be in between.
        out = sys.stderr if args.dump == "-" else sys.stdout
        _print(report, out, as_json=args.json)
        if args.dump:
            _dump(storage, args.dump)
        if args.repair and report.damaged:
            _repair(storage)
            report = fsck.report(storage)
    return 0 if report.is_clean else 1


def _dump(storage: DiskStorage, target: str) -> None:
    if target == "-":
        events = fsck.dump(storage, sys.stdout.buffer)
    else:
        try:
            # Events hold pseudonyms and perhaps texts: only the owner may read them.
            file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            message = f"{target}: exists already; move it away or choose another name"
            raise StorageError(message) from None
        with os.fdopen(file, "wb") as out:
            events = fsck.dump(storage, out)
    print(
        f"dumped {events} events to {'standard output' if target == '-' else target}",
        file=sys.stderr,
    )


def _repair(storage: DiskStorage) -> None:
    blanked = fsck.repair(storage)
    size = sum(damage.end - damage.start for damage in blanked)
    print(
        f"repaired: {len(blanked)} ranges ({size} bytes) blanked; the originals are in "
        f"{storage.path / 'aside'}",
        file=sys.stderr,
    )


def _print(report: FsckReport, out: TextIO, *, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(_plain(report)).decode(), file=out)
        return
    for line in _table(report):
        print(line, file=out)


def _plain(report: FsckReport) -> Mapping[str, object]:
    return {
        "clean": report.is_clean,
        "frames": report.frames,
        "events": report.events,
        "segments": report.segments,
        "snapshots": report.snapshots,
        "runs": report.runs,
    }


def _table(report: FsckReport) -> Iterator[str]:
    yield ROW.format("SEGMENT", "FRAMES", "EVENTS", "BYTES", "IGNORED", "DAMAGED")
    for segment in report.segments:
        yield _row(segment)
    for segment in report.segments:
        for damage in segment.damaged:
            yield f"{segment.name}: bytes {damage.start} to {damage.end} cannot be read"
    for kind, files in (("snapshots", report.snapshots), ("runs of ids", report.runs)):
        broken = [name for name, is_whole in files.items() if not is_whole]
        yield f"{kind}: {len(files)}, damaged: {len(broken)} {' '.join(broken)}".rstrip()
    verdict = "clean" if report.is_clean else "damaged"
    yield f"{report.events} events in {report.frames} frames: {verdict}"


def _row(segment: SegmentReport) -> str:
    return ROW.format(
        segment.name,
        segment.frames,
        segment.events,
        segment.valid_bytes,
        segment.ignored_bytes,
        len(segment.damaged),
    )
