"""
One coverage-guided run of one target in a process of its own: libFuzzer ends the process.

`python -m tests.fuzz.guide TARGET FIGURES RUNS [libFuzzer's options] CORPUS`: the classes of the
answers go to the file FIGURES before the last run ends. Needs the extra `fuzz`.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["exporter"]):
    from tests.fuzz.noise import TARGETS


def main() -> None:
    """Let libFuzzer drive the target; it never returns."""
    name, figures, runs, *rest = sys.argv[1:]
    read = TARGETS[name].read
    answers = Counter[str]()
    last = int(runs)

    def one(data: bytes) -> None:
        answers[read(data)] += 1
        if answers.total() == last:
            Path(figures).write_text(json.dumps(answers), encoding="utf-8")

    atheris.Setup([sys.argv[0], f"-runs={runs}", *rest], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
