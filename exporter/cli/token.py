"""``bot-exporter token``: create, list and revoke the tokens of bots."""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from ..catalog.quantities import Quantity
from ..model.access import Scope
from ..service.clock import SystemClock
from ..service.tokens import NAME_RULE, TokenRequest, TokenView, require_name
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
        scopes=tuple(args.scope or (Scope.INGEST,)),
        bots=tuple(args.bot),
        lifetime_seconds=args.expires,
    )
    with token_access(layout(args), SystemClock()) as tokens:
        issued = tokens.create(request)
    # Only the secret goes to standard output, so that it can go straight into a file.
    print(issued.token)
    view = issued.view
    allowed = f"{', '.join(view.scopes)} for {', '.join(view.bots) or 'every bot'}"
    print(f"Token '{view.name}' allows {allowed}, until {_day(view.expires_at)}.", file=sys.stderr)
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
        "--name", required=True, type=_name, help=f"how people call it: {NAME_RULE}"
    )
    parser.add_argument(
        "--scope",
        action="append",
        choices=[scope.value for scope in Scope],
        help="what it allows; repeat for several (default: ingest)",
    )
    parser.add_argument(
        "--bot",
        action="append",
        default=[],
        help="a bot whose events it may send; repeat for several (default: every bot)",
    )
    parser.add_argument(
        "--expires",
        type=_seconds,
        metavar="DURATION",
        help="how long it is valid, such as 90d or 12h (default: for ever)",
    )
    return parser


def _add_list(actions: Subparsers) -> argparse.ArgumentParser:
    return _action(actions, "list", "List all tokens, never their secrets.")


def _add_revoke(actions: Subparsers) -> argparse.ArgumentParser:
    parser = _action(actions, "revoke", "End a token.")
    parser.add_argument("name", metavar="NAME", type=_name, help="name of the token")
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


def _name(text: str) -> str:
    try:
        return require_name(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _seconds(text: str) -> float:
    try:
        seconds = Quantity.DURATION.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if not seconds:
        raise argparse.ArgumentTypeError("would be over at once; write 90d or 12h")
    return seconds


def _cells(view: TokenView) -> tuple[str, ...]:
    bots = ",".join(view.bots) or "*"
    scopes = ",".join(view.scopes)
    return view.name, view.state, scopes, bots, _day(view.created_at), _day(view.expires_at)


def _day(moment: float | None) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%MZ}" if moment else "for ever"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
