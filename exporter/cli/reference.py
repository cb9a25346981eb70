"""The reference page of the command line, the same under every version of Python."""

import argparse
from collections.abc import Iterator, Mapping

from .commands import COMMANDS, PROGRAM
from .main import make_parser

INTRODUCTION = f"""\
# Command line

`{PROGRAM} COMMAND --help` prints the same.
A flag of a command stands behind its name.
Most flags are also keys of the configuration file and environment variables: see
`--config.file`.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
"""


def cli_reference() -> str:
    """Return every command with its flags as Markdown."""
    parser = make_parser(COMMANDS)
    lines = [INTRODUCTION, *_flags(parser)]
    for name, command in _subcommands(parser).items():
        lines += _command(name, command)
    return "\n".join(lines).rstrip() + "\n"


def _command(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    yield f"## {name}\n"
    yield f"{parser.description}\n"
    actions = _subcommands(parser)
    for action, subparser in actions.items():
        yield f"### {name} {action}\n"
        yield f"{subparser.description}\n"
        yield from _flags(subparser)
    if not actions:
        yield from _flags(parser)


def _flags(parser: argparse.ArgumentParser) -> Iterator[str]:
    rows = [_row(action) for action in _arguments(parser)]
    if rows:
        yield "| Argument | Meaning |"
        yield "| --- | --- |"
        yield from rows
        yield ""


def _row(action: argparse.Action) -> str:
    names = ", ".join(_spelled(action, name) for name in action.option_strings or [""])
    meaning = str(action.help or "").replace("|", "\\|")
    required = "; required" if action.required and action.option_strings else ""
    return f"| {names} | {meaning}{required} |"


def _spelled(action: argparse.Action, flag: str) -> str:
    if action.nargs == 0:
        return f"`{flag}`"
    value = str(action.metavar or action.dest.upper())
    return f"`{flag} {value}`" if flag else f"`{value}`"


def _arguments(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield what the parser takes; argparse has no public way to ask."""
    for action in parser._actions:  # noqa: SLF001 - argparse lists its flags nowhere else
        if not isinstance(action.choices, Mapping) and "--help" not in action.option_strings:
            yield action


def _subcommands(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    for action in parser._actions:  # noqa: SLF001 - argparse lists its flags nowhere else
        if isinstance(action.choices, Mapping):
            return action.choices
    return {}
