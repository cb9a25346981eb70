"""
Measure speed and size against what most people would write: `make bench`.

Every figure is the median of at least three rounds in which both sides take turns.
"""

import argparse
import os
import sys

from .decode import measure_decode
from .ingest import measure_ingest
from .report import RESULTS, Run, text
from .scrape import measure_scrape

ROUNDS = 3


def main() -> None:
    """Measure, print, and write RESULTS.md unless told not to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a minute instead of four")
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md as it is")
    options = parser.parse_args()
    load_before = os.getloadavg()[0]
    # In this order: the first two need a process without much in its memory.
    scrape = measure_scrape(rounds=ROUNDS if options.quick else 2 * ROUNDS)
    decode = measure_decode(rounds=ROUNDS if options.quick else 4 * ROUNDS)
    ingest = measure_ingest(rounds=ROUNDS, seconds=1.0 if options.quick else 8.0)
    report = text(Run(ingest, scrape, decode, " ".join(sys.argv[1:]), load_before))
    print(report)
    if not options.dry_run:
        RESULTS.write_text(report)


if __name__ == "__main__":
    main()
