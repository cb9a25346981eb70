"""``bot-exporter healthcheck``: is it ready? For containers, which have no curl."""

import argparse
import http.client
import sys
from http import HTTPStatus
from pathlib import Path

from ..model.errors import ExporterError
from ..model.layout import StorageLayout
from .arguments import argument, seconds
from .commands import Subparsers, new_parser
from .control import ControlClient
from .endpoint import Endpoint, parse_endpoint

READY_URL = "http://127.0.0.1:10351/-/ready"
READY_PATH = "/-/ready"


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = new_parser(subparsers, "healthcheck")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--url",
        type=argument(parse_endpoint),
        default=READY_URL,
        help=f"what to ask (default: {READY_URL})",
    )
    where.add_argument(
        "--storage.path",
        dest="storage_path",
        type=Path,
        metavar="DIR",
        help="ask through the control socket in DIR, whatever the listeners demand",
    )
    parser.add_argument(
        "--timeout",
        type=argument(seconds),
        default=3.0,
        metavar="DURATION",
        help="how long an answer may take (default: 3s)",
    )


def run(args: argparse.Namespace) -> int:
    """Return 0 when the exporter is ready, otherwise 1 with the reason on standard error."""
    problem = (
        _ask_url(args.url, args.timeout)
        if args.storage_path is None
        else _ask_socket(args.storage_path, args.timeout)
    )
    if problem:
        print(f"not ready: {problem}", file=sys.stderr)
        return 1
    print("ready")
    return 0


def _ask_url(endpoint: Endpoint, timeout_seconds: float) -> str:
    """Return why the exporter is not ready; an empty text when it is."""
    connection = endpoint.connect(timeout_seconds)
    try:
        connection.request("GET", endpoint.target)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        connection.close()
    return "" if status == HTTPStatus.OK else f"the answer has status {status}"


def _ask_socket(storage_path: Path, timeout_seconds: float) -> str:
    socket = StorageLayout(storage_path).control_socket
    try:
        ControlClient(socket, timeout_seconds=timeout_seconds).request("GET", READY_PATH)
    except ExporterError as error:
        return str(error)
    return ""
