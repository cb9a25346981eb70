"""``bot-exporter serve``: the exporter itself."""

import argparse

from ..service.app import run as run_exporter
from .commands import Subparsers, new_parser
from .options import SERVING, add_options, loader


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    add_options(new_parser(subparsers, "serve"), SERVING)


def run(args: argparse.Namespace) -> int:
    """
    Serve until SIGTERM or SIGINT; SIGHUP reads the configuration again.

    Raises:
        ExporterError: the configuration or the data cannot be used.
    """
    load = loader(args)
    return run_exporter(load(), load)
