"""The flags that several commands share, named as in Prometheus, and what they configure."""

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..config.load import load_config
from ..config.model import Config
from ..model.layout import StorageLayout


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A flag that wins over the key of the configuration that it stands for."""

    flag: str
    key: str
    metavar: str
    help: str


STORAGE = Option(
    flag="--storage.path",
    key="storage.path",
    metavar="DIR",
    help="directory of everything durable (default: data)",
)
SERVING = (
    STORAGE,
    Option(
        flag="--web.listen-address",
        key="web.listen_address",
        metavar="HOST:PORT",
        help="internal listener: metrics, health (default: 127.0.0.1:10351)",
    ),
    Option(
        flag="--ingest.listen-address",
        key="ingest.listen_address",
        metavar="HOST:PORT",
        help="public listener: events of bots (default: 127.0.0.1:10350)",
    ),
    Option(
        flag="--web.config.file",
        key="web.config_file",
        metavar="FILE",
        help="TLS and basic authentication of the internal listener",
    ),
    Option(
        flag="--log.level",
        key="logging.level",
        metavar="LEVEL",
        help="debug, info, warning or error (default: info)",
    ),
    Option(
        flag="--log.format",
        key="logging.format",
        metavar="FORMAT",
        help="logfmt or json (default: logfmt)",
    ),
)


def add_options(parser: argparse.ArgumentParser, options: Sequence[Option]) -> None:
    """Let *parser* take ``--config.file`` and *options*, which win over what the file says."""
    parser.add_argument(
        "--config.file",
        dest="config_file",
        metavar="FILE",
        help="configuration in YAML (default: none, every key has a default)",
    )
    for option in options:
        parser.add_argument(option.flag, dest=option.key, metavar=option.metavar, help=option.help)


def loader(args: argparse.Namespace) -> Callable[[], Config]:
    """
    Return what reads the configuration now and at every reload.

    The returned function raises ConfigError.
    """
    given = vars(args)
    overrides = {option.key: given.get(option.key) for option in SERVING}

    def load() -> Config:
        return load_config(args.config_file, environ=os.environ, overrides=overrides)

    return load


def layout(args: argparse.Namespace) -> StorageLayout:
    """
    Return where the storage is that the arguments and the configuration name.

    Raises:
        ConfigError: the configuration is wrong.
    """
    return StorageLayout(Path(loader(args)().storage.path))
