"""``bot-exporter token``: create, list and revoke the tokens of bots."""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from ..model.access import Scope
from ..service.clock import SystemClock
from ..service.tokens import NAME_RULE, TokenRequest, TokenView, require_bot, require_name
from .arguments import argument, seconds
from .commands import HelpFormatter, Subparsers, new_parser
from .options import STORAGE, add_options, layout
from .token_access import token_access

HEADINGS = ("NAME", "STATE", "SCOPES", "BOTS", "CREATED", "EXPIRES")


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command and its actions."""
    parser = new_parser(subparsers, "token")
    actions = parser.add_subparsers(title="actions", dest="action", metavar="ACTION", required=True)
    made = [_add_create(actions), _add_list(actions), _add_revoke(actions)]
    parser.epilog = "\n".join(action.format_usage().strip() for action in made)


def run(args: argparse.Namespace) -> int:
    """
    Do what was asked for, in a running exporter or in the files of a stopped one.

    Raises:
        ExporterError: it could not be done.
    """
    actions: dict[str, Callable[[argparse.Namespace], None]] = {
        "create": _create,
        "list": _list,
        "revoke": _revoke,
    }
    actions[args.action](args)
    return 0


def _create(args: argparse.Namespace) -> None:
    request = TokenRequest(
        name=args.name,
        scopes=tuple(Scope(name) for name in args.scope or (Scope.INGEST,)),
        bots=tuple(args.bot),
        lifetime_seconds=args.expires,
    )
    with token_access(layout(args), SystemClock()) as tokens:
        issued = tokens.create(request)
    # Only the secret goes to standard output, so that it can go straight into a file.
    print(issued.token)
    view = issued.view
    allowed = f"{', '.join(view.scopes)} for {', '.join(view.bots) or 'every bot'}"
    end = f"until {_time(view.expires_at)}" if view.expires_at else "until it is revoked"
    print(f"Token '{view.name}' allows {allowed}, {end}.", file=sys.stderr)
    print("It is shown only now; only its digest is stored.", file=sys.stderr)


def _list(args: argparse.Namespace) -> None:
    with token_access(layout(args), SystemClock()) as tokens:
        views = tokens.list()
    for row in _aligned([HEADINGS, *(_cells(view) for view in views)]):
        print(row)


def _revoke(args: argparse.Namespace) -> None:
    with token_access(layout(args), SystemClock()) as tokens:
        tokens.revoke(args.name)
    print(f"Token '{args.name}' is revoked; it is refused within 5 seconds.")


def _add_create(actions: Subparsers) -> argparse.ArgumentParser:
    parser = _action(actions, "create", "Make a token and print its secret, this once.")
    parser.add_argument(
        "--name",
        required=True,
        type=argument(require_name),
        metavar="NAME",
        help=f"what people call it: {NAME_RULE}",
    )
    parser.add_argument(
        "--scope",
        action="append",
        choices=[scope.value for scope in Scope],
        metavar="SCOPE",
        help=f"{', '.join(Scope)}; repeat for several (default: ingest)",
    )
    parser.add_argument(
        "--bot",
        action="append",
        default=[],
        type=argument(require_bot),
        metavar="BOT",
        help="a bot whose events it may send; repeat for several (default: every bot)",
    )
    parser.add_argument(
        "--expires",
        type=argument(seconds),
        metavar="DURATION",
        help="how long it is valid, such as 90d or 12h (default: for ever)",
    )
    return parser


def _add_list(actions: Subparsers) -> argparse.ArgumentParser:
    return _action(actions, "list", "List all tokens, never their secrets.")


def _add_revoke(actions: Subparsers) -> argparse.ArgumentParser:
    parser = _action(actions, "revoke", "End a token.")
    parser.add_argument(
        "name", metavar="NAME", type=argument(require_name), help="name of the token"
    )
    return parser


def _action(actions: Subparsers, name: str, summary: str) -> argparse.ArgumentParser:
    parser = actions.add_parser(
        name,
        help=summary,
        description=summary,
        allow_abbrev=False,
        formatter_class=HelpFormatter,
    )
    add_options(parser, [STORAGE])
    return parser


def _cells(view: TokenView) -> tuple[str, ...]:
    bots = ",".join(view.bots) or "*"
    scopes = ",".join(view.scopes)
    expires = _time(view.expires_at) if view.expires_at else "never"
    return view.name, view.state, scopes, bots, _time(view.created_at), expires


def _time(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%MZ}"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
