"""
Run fault scenarios and print their figures: `python -m tests.torture [--scenario NAME]`.

The exit code is 1 when a promise was broken; the text names the seed, and `--seed` plays it again.
"""

import argparse
import asyncio
import secrets
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from exporter.model.errors import ExporterError
from tests.support.server import ROOT
from tests.torture.catalogue import SCENARIOS
from tests.torture.scenario import Figures, Scale, Scenario, Stage

# What a broken promise, or a broken scenario, raises.
FAILURES = (
    AssertionError,
    ExporterError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
LINE = "{:<16} {:>12} {:>7} {:>12} {:>5} {:>8} {:>8}  {}"


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table."""

    scenario: str
    seed: int
    seconds: float
    figures: Figures | None
    broken: str = ""

    def __str__(self) -> str:
        """Return the row."""
        seconds = f"{self.seconds:.1f}"
        if self.figures is None:
            return LINE.format(self.scenario, self.seed, *"----", seconds, "BROKEN")
        f = self.figures
        verdict = f"kept; {f.facts}" if f.facts else "kept"
        numbers = (f.rounds, f"{f.acknowledged:,}", f.lost, f.doubled, seconds)
        return LINE.format(self.scenario, self.seed, *numbers, verdict)


def main() -> int:
    """Run the scenarios that were asked for and return the exit code."""
    options = _options()
    chosen = [SCENARIOS[name] for name in options.scenario or SCENARIOS]
    head = ("scenario", "seed", "rounds", "acknowledged", "lost", "doubled", "seconds", "verdict")
    _say(LINE.format(*head))
    results = []
    for scenario in chosen:
        results.append(play(scenario, options))
        _say(str(results[-1]))
    for result in results:
        if result.figures is None:
            _say(f"\n{result.scenario}: {result.broken}")
            _say(f"play it again: {_replay(result, options)}")
    total = sum(result.figures.acknowledged for result in results if result.figures)
    broken = sum(result.figures is None for result in results)
    _say(f"\n{total:,} events acknowledged, {broken} of {len(results)} scenarios broken")
    return int(bool(broken))


def play(scenario: Scenario, options: argparse.Namespace) -> Result:
    """Run one scenario in a directory of its own, which stays if the scenario fails."""
    directory = Path(tempfile.mkdtemp(prefix=f"torture-{scenario.name}-"))
    promtool = shutil.which("promtool", path=f"{ROOT}/.tools/usr/bin:/usr/bin:/usr/local/bin")
    seed, began = options.seed, time.monotonic()
    figures: Figures | None = None
    broken = ""
    try:
        assert promtool, "promtool is not installed: run tests/tools/install-prometheus.sh"
        stage = Stage(directory, seed, Scale(options.scale), Path(promtool), rounds=options.rounds)
        figures = asyncio.run(scenario.run(stage))
    except* FAILURES as group:
        broken = "\n".join(_leaves(group)) + f"\ndirectory: {directory}"
    if figures is not None:
        shutil.rmtree(directory)
    return Result(scenario.name, seed, time.monotonic() - began, figures, broken)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[str]:
    found: list[str] = []
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            found += _leaves(error)
        else:
            found.append(f"{type(error).__name__}: {error}")
    return found


def _replay(result: Result, options: argparse.Namespace) -> str:
    return (
        f"python -m tests.torture --scenario {result.scenario} --seed {result.seed} "
        f"--scale {options.scale} --rounds {options.rounds}"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--scenario", action="append", choices=SCENARIOS, help="one of them only")
    parser.add_argument(
        "--seed", type=int, default=secrets.randbelow(1 << 31), help="of all chance"
    )
    parser.add_argument("--rounds", type=int, default=0, help="instead of those of the scale")
    parser.add_argument("--scale", default="long", choices=[scale.value for scale in Scale])
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
