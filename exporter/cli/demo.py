"""``bot-exporter demo``: three synthetic bots, live, in the past, or as a file of events."""

import argparse
import math
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile

import msgspec

from ..demo.cast import BOTS
from ..demo.incidents import Calendar, Incident, Kind, new_incident
from ..demo.story import DAY, Event
from ..demo.stream import Settings, Stream
from ..model.errors import ExporterError
from ..store.tokens import FIRST_TOKEN_FILE
from .arguments import argument, seconds
from .commands import Subparsers, new_parser
from .demonstration.interruption import AskedToStopError, Interruption
from .demonstration.live import Live
from .demonstration.outbox import Outbox, say
from .demonstration.past import past_days, tell_past
from .options import STORAGE, add_options, layout
from .sender.credentials import find_token
from .sender.delivery import Delivery
from .sender.destination import add_destination, events_of
from .sender.patience import Patience

LIVE_RATE, PAST_RATE = 20.0, 1.0
LOWEST_RATE, HIGHEST_RATE = 0.1, 5000.0
INCIDENT_SECONDS = 600.0
PRINTED_SECONDS = 600.0

Moments = Iterator[tuple[float, Event]]


@dataclass(frozen=True, slots=True)
class _Wish:
    """An incident that somebody asked for."""

    kind: Kind
    duration_seconds: float


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = new_parser(subparsers, "demo")
    parser.add_argument(
        "--rate",
        type=argument(_rate),
        metavar="N",
        help="events per second of all bots, on average over a working day "
        f"(default: {LIVE_RATE:g}, with --history {PAST_RATE:g})",
    )
    parser.add_argument(
        "--seed", type=argument(_seed), default=1, metavar="N", help="any number (default: 1)"
    )
    parser.add_argument(
        "--duration",
        type=argument(seconds),
        metavar="DURATION",
        help="end after so long (default: never; with --print the last 10m)",
    )
    parser.add_argument(
        "--incident",
        type=argument(_wish),
        action="append",
        default=[],
        metavar="KIND[:DURATION]",
        help=f"begin with an incident (default: for 10m): {', '.join(Kind)}; repeat for several",
    )
    parser.add_argument(
        "--history",
        type=argument(seconds),
        metavar="DURATION",
        help="send the days up to a week ago instead, such as 90d; needs the scope backfill",
    )
    parser.add_argument(
        "--print",
        action="store_true",
        dest="is_printed",
        help="write the events to standard output instead of sending them",
    )
    _add_destination(parser)
    add_options(parser, [STORAGE])


def run(args: argparse.Namespace) -> int:
    """
    Tell what was asked for; return 0 when nothing was rejected and nothing is missing.

    Raises:
        ExporterError: the token cannot be read, or --history is too short.
    """
    now = round(time.time(), 3)
    if args.history:
        start, until = past_days(now, args.history)
    elif args.is_printed:
        start, until = now - (args.duration or PRINTED_SECONDS), now
    else:
        start, until = now, now + (args.duration or math.inf)
    settings = Settings(
        seed=args.seed,
        start=start,
        rate=args.rate or (PAST_RATE if args.history else LIVE_RATE),
        incidents=tuple(
            new_incident(args.seed, wish.kind, start, wish.duration_seconds)
            for wish in args.incident
        ),
        is_warm=not args.history,
    )
    stream = iter(Stream(settings))
    if args.is_printed:
        return _print(stream, until)
    _announce(args, settings)
    return _send(args, stream, until)


def _print(stream: Moments, until: float) -> int:
    for _, event in takewhile(lambda moment: moment[0] < until, stream):
        sys.stdout.buffer.write(msgspec.json.encode(event) + b"\n")
    return 0


def _send(args: argparse.Namespace, stream: Moments, until: float) -> int:
    token = find_token(args.token_file, os.environ, lambda: layout(args).root / FIRST_TOKEN_FILE)
    endpoint = events_of(args.url)
    if token and endpoint.exposes_secrets:
        say(f"warning: the token goes to {endpoint.host} unencrypted")
    with Interruption() as interruption:
        outbox = Outbox(
            Delivery(
                endpoint,
                token=token,
                patience=Patience(give_up_seconds=args.give_up, sleep=interruption.sleep),
                on_wait=lambda why, pause: say(f"waiting {pause:.1f} s: {why}"),
            )
        )
        why = ""
        try:
            if args.history:
                why = tell_past(stream, outbox, until=until)
            else:
                Live(stream=stream, outbox=outbox, sleep=interruption.sleep).run(until)
        except AskedToStopError:
            say("stopped")
        except ExporterError as error:
            why = str(error)
        interruption.settle()
        outbox.delivery.close()
    if why:
        say(f"stopped: {why}")
    print(outbox.summary())
    return 1 if why or outbox.tally.rejected else 0


def _announce(args: argparse.Namespace, settings: Settings) -> None:
    names = ", ".join(bot.name for bot in BOTS)
    what = "the past of" if args.history else "events of"
    say(f"sending {what} {names} to {args.url.host}, {settings.rate:g} a second on average")
    soon = 0.0 if args.history else DAY
    calendar = Calendar(settings.seed, settings.incidents)
    for incident in calendar.between(settings.start, settings.start + soon + 1.0):
        say(_described(incident))


def _described(incident: Incident) -> str:
    start, end = (
        f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%SZ}"
        for moment in (incident.start, incident.end)
    )
    return f"incident {incident.kind} of {incident.bot or 'all bots'} from {start} to {end}"


def _add_destination(parser: argparse.ArgumentParser) -> None:
    add_destination(parser)
    parser.add_argument(
        "--give-up",
        type=argument(seconds),
        default=300.0,
        metavar="DURATION",
        help="how long to try with one request (default: 300s)",
    )


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise ValueError(f"{text!r} is no rate from {LOWEST_RATE:g} to {HIGHEST_RATE:g}")
    return rate


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"{text!r} is no whole number of at least 0")
    return int(text[:18])


def _wish(text: str) -> _Wish:
    name, _, duration = text.partition(":")
    if name not in list(Kind):
        raise ValueError(f"{name!r} is no incident; choose from {', '.join(Kind)}")
    return _Wish(Kind(name), seconds(duration) if duration else INCIDENT_SECONDS)
