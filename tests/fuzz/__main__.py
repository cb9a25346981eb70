"""
Send bad input of every kind and print what came of it: `python -m tests.fuzz [--only NAME]`.

The exit code is 1 when a promise was broken; the text names the seed and the first inputs.
`--seed` plays a part again, `--input` one input (in base64) of a part that reads bytes.
"""

import argparse
import base64
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.account import Account
from tests.fuzz.catalogue import PARTS
from tests.support.server import ROOT
from tests.torture.scenario import Scale, Stage

# What a broken promise, or a broken part, raises.
FAILURES = (
    *(AssertionError, LookupError, OSError, RuntimeError, TypeError, ValueError),
    subprocess.SubprocessError,
)
LINE = "{:<15} {:>10} {:>8} {:>8}  {}"
# Answers to what was no mistake.
TAKEN = ("accepted", "neutral", "200", "202", "202+202", "as it is", "frame", "gap", "frame+gap")
MOST_ANSWERS = 9


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table."""

    part: str
    seconds: float
    cpu_seconds: float  # Of the part and the exporter: the same on a busy machine.
    account: Account | None
    broken: str = ""

    @property
    def refused(self) -> int:
        """Return how many inputs were bad: all but those that were taken."""
        if self.account is None:
            return 0
        return self.account.inputs - sum(self.account.answers[answer] for answer in TAKEN)

    def __str__(self) -> str:
        """Return the row."""
        times = (f"{self.seconds:.1f}", f"{self.cpu_seconds:.1f}")
        if self.account is None:
            return LINE.format(self.part, "-", *times, "BROKEN")
        common = self.account.answers.most_common()
        said = ", ".join(f"{count:,} {answer}" for answer, count in common[:MOST_ANSWERS])
        rest = sum(count for _, count in common[MOST_ANSWERS:])
        facts = f"; {self.account.facts}" if self.account.facts else ""
        others = f", {rest:,} others" if rest else ""
        verdict = "BROKEN: " if self.broken else ""
        told = f"{verdict}{said}{others}{facts}"
        return LINE.format(self.part, f"{self.account.inputs:,}", *times, told)


def main() -> int:
    """Run the parts that were asked for and return the exit code."""
    options = _options()
    if options.list:
        _say("\n".join(f"{name:<15} {part.goal}" for name, part in PARTS.items()))
        return 0
    names = options.only or list(PARTS)
    if options.input:
        return _replay(names, options.input)
    _say(f"seed {options.seed}\n" + LINE.format("part", "inputs", "seconds", "cpu", "answers"))
    began = time.monotonic()
    results = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for done in as_completed([pool.submit(play, name, options) for name in names]):
            results.append(done.result())
            _say(str(results[-1]))
    for result in results:
        if result.broken:
            _say(f"\n{result.part}: {result.broken}\nplay it again: {again(result, options)}")
    return sum_up(results, time.monotonic() - began)


def play(name: str, options: argparse.Namespace) -> Result:
    """Run one part in a directory of its own, which stays if the part fails."""
    directory = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    promtool = shutil.which("promtool", path=f"{ROOT}/.tools/usr/bin:/usr/bin:/usr/local/bin")
    began, used = time.monotonic(), _cpu_seconds()
    account, broken = None, ""
    try:
        assert promtool, "promtool is not installed: run tests/tools/install-prometheus.sh"
        scale = Scale(options.scale)
        stage = Stage(directory, options.seed, scale, Path(promtool), rounds=options.count)
        account = PARTS[name].run(stage)
        account.check()
    except FAILURES as error:
        broken = f"{type(error).__name__}: {error}\ndirectory: {directory}"
    if not broken:
        shutil.rmtree(directory)
    times = (time.monotonic() - began, _cpu_seconds() - used)
    return Result(name, *times, account, broken)


def sum_up(results: list[Result], seconds: float) -> int:
    """Print the total and return the exit code."""
    inputs = sum(result.account.inputs for result in results if result.account)
    refused = sum(result.refused for result in results)
    broken = sum(bool(result.broken) for result in results)
    cpu_seconds = sum(result.cpu_seconds for result in results)
    _say(
        f"\n{inputs:,} inputs, {refused:,} of them bad, "
        f"in {seconds:.0f} s ({cpu_seconds:.0f} s of processor time)"
    )
    _say(f"{broken} of {len(results)} parts broken")
    return int(bool(broken))


def again(result: Result, options: argparse.Namespace) -> str:
    """Return the command that plays a part again."""
    return (
        f"python -m tests.fuzz --only {result.part} --seed {options.seed} "
        f"--scale {options.scale} --count {options.count}"
    )


def _replay(names: list[str], text: str) -> int:
    """Tell what becomes of one input; what breaks a promise raises as it did."""
    for name in names:
        read = PARTS[name].replay
        if read is not None:
            _say(f"{name}: {read(base64.b64decode(text))}")
    return 0


def _cpu_seconds() -> float:
    """Return the processor time of this process and of those it waited for."""
    return sum(os.times()[:4])


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--only", action="append", choices=PARTS, help="one of them only")
    parser.add_argument(
        "--seed", type=int, default=secrets.randbelow(1 << 31), help="of all chance"
    )
    parser.add_argument("--count", type=int, default=0, help="instead of that of the scale")
    parser.add_argument("--scale", default="long", choices=[scale.value for scale in Scale])
    parser.add_argument("--jobs", type=int, default=2, help="parts that run at the same time")
    parser.add_argument("--input", default="", help="one input in base64, for the part of --only")
    parser.add_argument("--list", action="store_true", help="say which parts there are")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
