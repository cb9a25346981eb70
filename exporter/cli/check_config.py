"""``bot-exporter check-config``: everything that is wrong with the configuration, at once."""

import argparse
import sys
from collections.abc import Iterator

from ..config.alerting_files import read_alerting_files
from ..config.model import Config
from ..config.probe_files import read_probe_files
from ..config.web import load_web_config
from ..integrations.signature import key_of
from ..service.web_security import tls_context
from .commands import Subparsers, new_parser
from .options import SERVING, add_options, loader

NO_HEARTBEAT = (
    "warning: deadman.url is empty: nobody notices when this machine or its network is down; "
    "set it to a heartbeat on another machine"
)


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    add_options(new_parser(subparsers, "check-config"), SERVING)


def run(args: argparse.Namespace) -> int:
    """
    Print a summary of a sound configuration; starts nothing and connects to nothing.

    Raises:
        ConfigError: with every problem.
    """
    config = loader(args)()
    web = load_web_config(config.web.config_file)
    tls_context(web.tls_server_config)
    read_alerting_files(config, key_of)
    read_probe_files(config.probes)
    print(f"OK: {args.config_file or 'defaults, no configuration file'}")
    for name, value in _summary(config):
        print(f"  {name:<18}{value}")
    if not config.deadman.url:
        print(NO_HEARTBEAT, file=sys.stderr)
    return 0


def _summary(config: Config) -> Iterator[tuple[str, str]]:
    catalog = config.catalog
    yield "storage", config.storage.path
    yield "ingest listener", config.ingest.listen_address
    yield "internal listener", config.web.listen_address
    yield "bots", _count(len(config.bots), "registered", most=config.limits.bots)
    yield "own events", str(len(catalog.events))
    yield "own labels", str(len(catalog.labels))
    yield "own metrics", str(len(catalog.metrics))


def _count(number: int, what: str, *, most: int) -> str:
    return f"{number} {what}, at most {most}"
