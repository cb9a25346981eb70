"""
Plant bugs and see who notices: `python -m tests.mutants [--only WORDS] [--list] [--jobs N]`.

Each bug gets a copy of the checkout of its own, in which only the tests it names are run. The
exit code is 0 when every bug was caught, 1 when one was not, and 2 when nothing could be told:
the code has moved on, or the tests fail without any bug.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .bug import Bug, moved_on
from .catalogue import BUGS
from .workshop import ROOT, Finding, Workshop

_UNKNOWN = 2


def main() -> int:
    """Plant the bugs that were asked for and return the exit code."""
    options = _options()
    words = [word.lower() for word in options.only]
    bugs = [bug for bug in BUGS if not words or any(word in bug.name.lower() for word in words)]
    if options.list:
        for bug in bugs:
            _say(f"{bug.name}  ({bug.file})")
        return 0
    problems = moved_on(bugs, ROOT)
    if problems or not bugs:
        _say("\n".join(problems) or "no planted bug has such a name; see --list")
        return _UNKNOWN
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutants-") as home:
        findings = _plant(Workshop(Path(home)), bugs, jobs=options.jobs)
    if not findings:
        return _UNKNOWN
    caught = sum(finding.is_caught for finding in findings)
    seconds = time.monotonic() - began
    _say(f"\n{caught} of {len(findings)} planted bugs caught in {seconds:.0f} s")
    return int(caught < len(findings))


def _plant(workshop: Workshop, bugs: Sequence[Bug], *, jobs: int) -> list[Finding]:
    """Return a finding for each bug; none when the tests fail without any."""
    tests = sorted({test for bug in bugs for test in bug.tests})
    sound = workshop.test_sound(tests, jobs=jobs)
    if sound.code != 0:
        _say(f"the tests fail without any bug: mend that first\n{sound.output}")
        return []
    _say(f"green    {sound.seconds:5.1f} s  {len(tests)} tests and files, without any bug")
    findings = []
    with ThreadPoolExecutor(jobs) as pool:
        for finding in pool.map(workshop.test_broken, range(len(bugs)), bugs):
            _say(str(finding))
            findings.append(finding)
    return findings


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="WORDS", help="bugs whose name has them"
    )
    parser.add_argument("--list", action="store_true", help="show the bugs and plant none")
    parser.add_argument("--jobs", type=int, default=2, choices=(1, 2), help="copies at a time")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
