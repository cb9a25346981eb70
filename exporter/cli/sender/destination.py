"""Where events go and who sends them: the flags that every sending command has."""

import argparse
from dataclasses import replace

from ..arguments import argument
from ..endpoint import Endpoint, parse_endpoint

DEFAULT_URL = "http://127.0.0.1:10350"
EVENTS_PATH = "/v1/events"


def add_destination(parser: argparse.ArgumentParser) -> None:
    """Declare ``--url`` and ``--token-file``."""
    parser.add_argument(
        "--url",
        type=argument(parse_endpoint),
        default=DEFAULT_URL,
        help=f"the ingest listener (default: {DEFAULT_URL})",
    )
    parser.add_argument(
        "--token-file",
        metavar="FILE",
        help="file of the token (default: BOT_EXPORTER_TOKEN, then ingest.token of the storage)",
    )


def events_of(base: Endpoint) -> Endpoint:
    """Return where events are posted, given the listener's address or that very URL."""
    if base.target.endswith(EVENTS_PATH):
        return base
    return replace(base, target=base.target.rstrip("/") + EVENTS_PATH)
