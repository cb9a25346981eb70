"""``bot-exporter serve``: the exporter itself."""

import argparse
import importlib
import os
from collections.abc import Callable
from typing import Protocol, cast

from ..config.model import Config
from ..log.storage import lock_directory
from ..model.layout import StorageLayout
from .commands import Subparsers, new_parser
from .options import SERVING, add_options, loader


class App(Protocol):
    """What `exporter.service.app` offers."""

    def run(self, config: Config, load: Callable[[], Config]) -> int:
        """Run until it is told to stop and return the exit code."""
        ...


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
    config = load()
    lock = lock_directory(StorageLayout(config.storage.path).root)
    try:
        # Read once the directory is ours: a second exporter ends before the time this takes.
        app = cast("App", importlib.import_module("..service.app", __package__))
        return app.run(config, load)
    finally:
        os.close(lock)
