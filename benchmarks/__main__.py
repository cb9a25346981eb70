"""
Measure speed and size against what most people would write, and against peers: `make bench`.

Every figure is the median of rounds in which all sides take turns.
"""

import argparse
import gc
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from .machine import this_machine
from .parts import NAMES, NEED_PUSHGATEWAY, part
from .published import published_section
from .pushgateway import installed
from .report import RESULTS, text
from .scale import FULL, QUICK, Scale
from .section import Section


def main(words: Sequence[str], results: Path = RESULTS) -> None:
    """Measure and print; a run of all parts goes to *results* unless told not to."""
    options = _parser().parse_args(words)
    chosen = [name for name in NAMES if name in (options.only or NAMES)]
    machine = this_machine()
    sections = _measured(chosen, QUICK if options.quick else FULL)
    if options.only is None:
        sections.append(published_section())
    report = text(machine, sections, " ".join(words))
    print(report)
    if options.only is None and not options.dry_run:
        results.write_text(report)


def _measured(chosen: Sequence[str], scale: Scale) -> list[Section]:
    # Asked for first: a missing Pushgateway is better known now than after minutes.
    peers = installed() if NEED_PUSHGATEWAY.intersection(chosen) else {}
    sections = []
    for name in chosen:
        gc.collect()  # Not in the middle of a part, because of what the last one left.
        began = time.monotonic()
        section = part(name, peers)(scale)
        # Whatever stops a later part must not lose what is measured.
        print(*section.markdown(), sep="\n", file=sys.stderr)
        print(f"{name}: {time.monotonic() - began:.0f} s\n", file=sys.stderr, flush=True)
        sections.append(section)
    return sections


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two minutes instead of eight")
    parser.add_argument(
        "--only",
        action="append",
        choices=NAMES,
        metavar="PART",
        help=f"run this part and leave RESULTS.md as it is; repeat for more: {', '.join(NAMES)}",
    )
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md as it is")
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
