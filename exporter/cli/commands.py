"""Which commands there are, without importing any of them."""

import argparse
import importlib
from collections.abc import Mapping
from typing import Protocol, TypeAlias, cast

PROGRAM = "bot-exporter"

# In the order of a first day with the exporter.
COMMANDS: Mapping[str, str] = {
    "serve": "Receive events and expose metrics.",
    "check-config": "Check the configuration and every file it names.",
    "token": "Create, list and revoke the tokens of bots.",
    "send": "Send a file of events.",
    "demo": "Let three synthetic bots send events that move every metric.",
    "test-page": "Send one alert to a receiver of Alertmanager, and resolve it.",
    "healthcheck": "Ask a running exporter whether it is ready.",
    "fsck": "Check, dump and repair the event log of a stopped exporter.",
    "generate": "Write rules, dashboards and reference documents.",
    "check-bundle": "Look for metrics that do not exist in rules, dashboards and documents.",
}

# argparse has no public name for what `add_subparsers` returns.
Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse names the type nowhere else


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Leaves room for long flags and keeps the lines of examples."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32)


class Command(Protocol):
    """What the module of every command offers."""

    def add_parser(self, subparsers: Subparsers) -> None:
        """Declare the command and its arguments."""
        ...

    def run(self, args: argparse.Namespace) -> int:
        """
        Do the work and return the exit code.

        Raises:
            ExporterError: it failed; the message is for the person at the terminal.
        """
        ...


def load_command(name: str) -> Command:
    """Return the module of the command; the others stay unread, which keeps the start fast."""
    module = importlib.import_module(f".{name.replace('-', '_')}", __package__)
    return cast("Command", module)


def new_parser(subparsers: Subparsers, name: str) -> argparse.ArgumentParser:
    """Return a parser for the command *name* that explains itself."""
    summary = COMMANDS[name]
    return subparsers.add_parser(
        name,
        help=summary,
        description=summary,
        allow_abbrev=False,
        formatter_class=HelpFormatter,
    )
