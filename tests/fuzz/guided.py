"""
Coverage-guided runs of the targets with atheris (libFuzzer), each in a process of its own.

The seed does not fix every input here: a finding is played again by its input.
"""

import json
import re
import subprocess
import sys
from functools import partial

from exporter.catalog.builtin import CATALOG
from tests.fuzz.account import Account
from tests.fuzz.mutate import TOKENS
from tests.fuzz.noise import LONGEST, TARGETS, Target
from tests.fuzz.part import Part
from tests.support.server import ROOT
from tests.torture.scenario import Stage

PATIENCE_SECONDS = 1800.0
HANG_SECONDS = 10  # One input that takes longer is a finding of its own.
MEMORY_MIB = 2048
LONGEST_WORD = 64  # What libFuzzer takes.
_COVERED = re.compile(r"DONE +cov: (\d+) ft: (\d+) corp: (\d+)")


def run(target: Target, stage: Stage) -> Account:
    """Run one target from its corpus; an input that breaks a promise ends the run."""
    account = Account(stage.directory)
    figures, corpus = stage.directory / "figures.json", stage.directory / "corpus"
    corpus.mkdir()
    for number, text in enumerate(target.corpus()):
        (corpus / f"{number:04}").write_bytes(text)
    runs = stage.pick(short=target.guided // 20, long=target.guided)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.fuzz.guide", target.name, str(figures), str(runs)),
            *_options(stage),
        ],
        cwd=ROOT,
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    said = done.stderr.decode(errors="replace") + done.stdout.decode(errors="replace")
    for path in sorted(stage.directory.glob("found-*")):
        account.breach(_traceback(said), path.read_bytes())
    if not account.broken:
        assert done.returncode == 0, f"exit code {done.returncode}:\n{said[-2000:]}"
        for answer, count in json.loads(figures.read_text(encoding="utf-8")).items():
            account.note(answer, count)
        covered = _COVERED.search(said)
        account.facts = f"{covered[1]} edges, corpus {covered[3]}" if covered else ""
    return account


def _options(stage: Stage) -> list[str]:
    """Return what libFuzzer is told."""
    dictionary = stage.directory / "dictionary"
    dictionary.write_text("".join(f'"{_quoted(word)}"\n' for word in _words()), encoding="ascii")
    return [
        f"-seed={stage.seed % 2**32 or 1}",
        f"-max_len={LONGEST}",
        f"-timeout={HANG_SECONDS}",
        f"-rss_limit_mb={MEMORY_MIB}",
        f"-dict={dictionary}",
        f"-artifact_prefix={stage.directory}/found-",
        str(stage.directory / "corpus"),
    ]


def _words() -> list[bytes]:
    names = {name for event in CATALOG.events for name in (event.name, *CATALOG.fields(event))}
    short = {word for word in TOKENS if len(word) <= LONGEST_WORD}
    return sorted(short | {name.encode() for name in names})


def _quoted(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


def _traceback(said: str) -> str:
    """Return the last lines of the exception, without libFuzzer's own."""
    _, _, after = said.partition("=== Uncaught Python exception: ===")
    return (after or said)[-4000:].partition("\n==")[0].strip()


PARTS = tuple(
    Part(f"guided-{name}", f"atheris on the {name} target", partial(run, target), target.read)
    for name, target in TARGETS.items()
)
