"""``bot-exporter test-page``: one alert through Alertmanager to a receiver, and its end."""

import argparse
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from ..model.errors import ExporterError
from .alertmanager import AlertmanagerClient, Trial
from .arguments import argument, seconds
from .commands import Subparsers, new_parser
from .endpoint import parse_endpoint

DEFAULT_URL = "http://127.0.0.1:9093"
POLL_SECONDS = 0.5
FOUND_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How time passes."""

    seconds: float
    sleep: Callable[[float], None]


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = new_parser(subparsers, "test-page")
    parser.add_argument(
        "--receiver",
        required=True,
        metavar="NAME",
        help="the receiver of Alertmanager's configuration that is to be tested",
    )
    parser.add_argument(
        "--alertmanager.url",
        dest="alertmanager_url",
        type=argument(parse_endpoint),
        default=DEFAULT_URL,
        metavar="URL",
        help=f"where Alertmanager listens (default: {DEFAULT_URL})",
    )
    parser.add_argument(
        "--wait",
        type=argument(seconds),
        default=30.0,
        metavar="DURATION",
        help="how long the alert fires before it is resolved (default: 30s)",
    )


def run(args: argparse.Namespace) -> int:
    """
    Send one alert, wait, resolve it, and say what should be seen.

    Raises:
        ExporterError: Alertmanager cannot be reached, or knows no such receiver.
    """
    client = AlertmanagerClient(args.alertmanager_url)
    page(client, args.receiver, Waiting(seconds=args.wait, sleep=time.sleep))
    return 0


def page(client: AlertmanagerClient, receiver: str, waiting: Waiting) -> None:
    """
    Send one alert to *receiver*, wait, and resolve it.

    Raises:
        ExporterError: Alertmanager cannot be reached, or knows no such receiver.
    """
    known = client.receivers()
    if receiver not in known:
        raise ExporterError(
            f"Alertmanager has no receiver {receiver!r}; it has: {', '.join(sorted(known))}"
        )
    # A group of its own: an earlier test must not hold this one back for group_interval.
    alert = Trial(receiver=receiver, run=secrets.token_hex(2), began=time.time())
    client.fire(alert)
    try:
        reached = _routed(client, alert, waiting)
        print(f"Sent: '{alert.name}' fires for {alert.bot}, on its way to {', '.join(reached)}.")
        if receiver not in reached:
            raise ExporterError(_unrouted(receiver))
        print(f"You should see within some seconds: {alert.summary}")
        print(f"It is resolved in {waiting.seconds:g} s; Ctrl-C resolves it at once.")
        waiting.sleep(waiting.seconds)
    finally:
        client.resolve(alert, at=time.time())
        print("Resolved. The receiver hears of it at its next group_interval, if it wants to.")


def _routed(client: AlertmanagerClient, alert: Trial, waiting: Waiting) -> list[str]:
    """Return the receivers to which Alertmanager routes the alert, as soon as it shows it."""
    for _ in range(round(FOUND_SECONDS / POLL_SECONDS)):
        found = client.routed(alert)
        if found is not None:
            if found.silenced:
                raise ExporterError("a silence matches the test alert; expire it and try again")
            return found.receivers
        waiting.sleep(POLL_SECONDS)
    raise ExporterError("Alertmanager took the alert but does not list it; look at its log")


def _unrouted(receiver: str) -> str:
    return (
        f"no route leads to {receiver!r}; add one with the matcher "
        f'receiver_test="{receiver}", or let bot-exporter generate --config write it'
    )
