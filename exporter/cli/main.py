"""The command ``bot-exporter``: find the command, run it, turn errors into messages."""

import argparse
import os
import sys
from collections.abc import Collection, Sequence

from .. import __version__
from ..model.errors import ConfigError, ExporterError
from .commands import COMMANDS, PROGRAM, HelpFormatter, load_command, new_parser

FAILURE = 1
INTERRUPTED = 130  # As a shell reports a process that SIGINT ended.
READER_GONE = 141  # Likewise SIGPIPE.


def main(argv: Sequence[str] | None = None) -> int:
    """
    Run one command and return its exit code.

    0: done. 1: failed. 2: wrong usage. 130: interrupted.
    """
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        code = _dispatch(words)
        sys.stdout.flush()
    except SystemExit as exited:  # argparse: --help, --version or wrong usage
        return exited.code if isinstance(exited.code, int) else FAILURE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _forget_standard_output()
        return READER_GONE
    except (ExporterError, OSError) as error:
        _explain(error)
        return FAILURE
    return code


def make_parser(chosen: Collection[str] = ()) -> argparse.ArgumentParser:
    """Return the parser: the commands *chosen* with all their arguments, the others by name."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Bot events and health probes as Prometheus metrics.",
        epilog=f"{PROGRAM} COMMAND --help explains a command. Its options stand behind its name.",
        allow_abbrev=False,
        formatter_class=HelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=version_line(), help="print version and Python"
    )
    subparsers = parser.add_subparsers(
        title="commands", dest="command", metavar="COMMAND", required=True
    )
    for name in COMMANDS:
        if name in chosen:
            load_command(name).add_parser(subparsers)
        else:
            new_parser(subparsers, name)
    return parser


def version_line() -> str:
    """Return name, version and Python."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    return f"{PROGRAM} {__version__} (python {python})"


def _dispatch(words: Sequence[str]) -> int:
    # Options of the program itself come before a command and take no value.
    name = next((word for word in words if not word.startswith("-")), "")
    args = make_parser([name]).parse_args(words)
    return load_command(args.command).run(args)


def _explain(error: ExporterError | OSError) -> None:
    if isinstance(error, ConfigError):
        # One mistake per line, each with its file: editors jump to them.
        print(*error.problems, sep="\n", file=sys.stderr)
    else:
        print(f"{PROGRAM}: {error}", file=sys.stderr)


def _forget_standard_output() -> None:
    """Keep the interpreter from complaining when it flushes to a reader that has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
