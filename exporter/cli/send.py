"""``bot-exporter send``: a file of events, one JSON object per line."""

import argparse
import os
import sys
import uuid

from ..store.tokens import FIRST_TOKEN_FILE
from .arguments import argument, seconds
from .commands import Subparsers, new_parser
from .options import STORAGE, add_options, layout
from .sender.batches import batches
from .sender.credentials import find_token
from .sender.delivery import Delivery, GaveUpError, RefusedError
from .sender.destination import add_destination, events_of
from .sender.lines import read_events
from .sender.patience import Patience
from .sender.progress import Progress, new_progress
from .sender.source import Source, open_source
from .sender.tally import Tally

DEFAULT_BATCH = 500
LARGEST_BATCH = 10_000


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = new_parser(subparsers, "send")
    parser.add_argument("file", metavar="FILE", help="NDJSON, plain or gzip; - is standard input")
    add_destination(parser)
    parser.add_argument(
        "--batch",
        type=argument(_batch_size),
        default=DEFAULT_BATCH,
        metavar="N",
        help=f"events per request (default: {DEFAULT_BATCH})",
    )
    parser.add_argument(
        "--give-up",
        type=argument(seconds),
        default=300.0,
        metavar="DURATION",
        help="how long to try with one batch (default: 300s)",
    )
    add_options(parser, [STORAGE])


def run(args: argparse.Namespace) -> int:
    """
    Send everything and print a summary; return 0 when every line became an event.

    Raises:
        ExporterError: the file or the token cannot be read.
    """
    token = find_token(args.token_file, os.environ, lambda: layout(args).root / FIRST_TOKEN_FILE)
    endpoint = events_of(args.url)
    if token and endpoint.exposes_secrets:
        print(f"warning: the token goes to {endpoint.host} unencrypted", file=sys.stderr)
    with open_source(args.file) as source:
        progress = new_progress(source.size_bytes)
        delivery = Delivery(
            endpoint,
            token=token,
            patience=Patience(give_up_seconds=args.give_up),
            on_wait=lambda why, pause: progress.say(f"waiting {pause:.1f} s: {why}"),
        )
        return _send(source, delivery, progress, most=args.batch)


def _send(source: Source, delivery: Delivery, progress: Progress, *, most: int) -> int:
    tally = Tally(source.name)
    found = read_events(source.stream, lambda: uuid.uuid4().hex)
    try:
        for batch in batches(found, most=most, on_bad=tally.bad_line):
            left = len(batch)
            try:
                for part, verdicts in delivery.send(batch):
                    tally.add(part, verdicts)
                    left -= len(part)
            except (GaveUpError, RefusedError) as error:
                tally.stop(batch[-left:], str(error))
                break
            progress.advance(tally.sent, source.position_bytes())
    finally:
        # Also after Ctrl-C: what is acknowledged is worth knowing.
        progress.close()
        delivery.close()
        print(*tally.summary(), sep="\n")
    return 0 if tally.is_complete else 1


def _batch_size(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= LARGEST_BATCH:
        raise ValueError(f"{text!r} is no number from 1 to {LARGEST_BATCH}")
    return int(text)
