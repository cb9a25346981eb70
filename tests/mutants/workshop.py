"""Copies of the checkout in a temporary directory, broken and tested one by one."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from .bug import Bug
from .origin import COPY_VARIABLE, NOTE

ROOT = Path(__file__).parent.parent.parent
LONGEST_SECONDS = 180.0
LONGEST_SOUND_SECONDS = 900.0  # All of the tests, on a machine that does other things as well.
LAST_LINES = 15
# No cache, no plugin that could turn a hang into a failure, and the first failure is enough.
PYTEST = ("-m", "pytest", "-x", "-q", "--tb=line", "--timeout=0", "-p", "no:cacheprovider")
PLUGIN = ("-p", "tests.mutants.origin")


class Verdict(Enum):
    """What became of a bug."""

    CAUGHT = "caught"
    SURVIVED = "SURVIVED"
    HUNG = "HUNG"
    BROKEN = "BROKEN"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of pytest; *code* is None when it had to be killed."""

    code: int | None
    seconds: float
    first_failure: str
    why: str
    output: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What the tests said of one bug."""

    bug: Bug
    verdict: Verdict
    run: Run

    @property
    def is_caught(self) -> bool:
        """Return whether the suite noticed."""
        return self.verdict is Verdict.CAUGHT

    def __str__(self) -> str:
        """Return the line of the report, with the end of the output where it is needed."""
        line = f"{self.verdict.value:<8} {self.run.seconds:5.1f} s  {self.bug.name}"
        match self.verdict:
            case Verdict.CAUGHT:
                return (
                    f"{line}\n{'':18}by {self.run.first_failure or 'a hang'}\n{'':21}{self.run.why}"
                )
            case Verdict.SURVIVED:
                return f"{line}\n{'':18}{self.bug.file}; none of: {' '.join(self.bug.tests)}"
            case Verdict.HUNG | Verdict.BROKEN:
                return f"{line}\n{self.run.output}"


class Workshop:
    """Makes copies below *home*: a sound one, and from it one for each bug."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._sound = home / "sound"
        for name in _files():
            target = self._sound / name
            target.parent.mkdir(parents=True, exist_ok=True)
            # With its times, so that compiled files are found again in the other copies.
            shutil.copy2(ROOT / name, target)

    def test_sound(self, tests: Sequence[str], *, jobs: int) -> Run:
        """Run *tests* where nothing is broken."""
        workers = [] if jobs == 1 else ["-n", str(jobs)]
        return _run(self._sound, [*workers, *tests], timeout_seconds=LONGEST_SOUND_SECONDS)

    def test_broken(self, number: int, bug: Bug) -> Finding:
        """Run the tests of *bug* in a copy that has it."""
        copy = self._home / str(number)
        # Links, which are made in no time; what is broken becomes a file of its own.
        shutil.copytree(self._sound, copy, copy_function=os.link)
        try:
            file = copy / bug.file
            source = file.read_text("utf-8")
            file.unlink()
            file.write_text(bug.broken(source), "utf-8")
            for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*"):
                compiled.unlink()
            run = _run(copy, bug.tests, timeout_seconds=LONGEST_SECONDS)
        finally:
            shutil.rmtree(copy)
        return Finding(bug, verdict_of(run.code, may_hang=bug.may_hang), run)


def verdict_of(code: int | None, *, may_hang: bool) -> Verdict:
    """Return what an exit code of pytest says of a bug; None is a hang."""
    match code:
        case 0:
            return Verdict.SURVIVED
        case 1:
            return Verdict.CAUGHT
        case None:
            return Verdict.CAUGHT if may_hang else Verdict.HUNG
        case _:
            return Verdict.BROKEN


def _files() -> list[str]:
    """Return the files of the checkout: those git knows, and new ones it does not ignore."""
    git = shutil.which("git") or "git"
    command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _run(copy: Path, arguments: Sequence[str], *, timeout_seconds: float) -> Run:
    command = [sys.executable, *PYTEST, *PLUGIN, f"--basetemp={copy}.tmp", *arguments]
    tools = ROOT / ".tools/usr/bin"
    own = {
        "PYTHONPATH": str(copy),
        COPY_VARIABLE: str(copy),
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
    }
    began = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=copy,
        env={**os.environ, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=timeout_seconds)
            code = process.returncode
        except subprocess.TimeoutExpired:
            # With the processes that the tests have started.
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            code = None
    shutil.rmtree(f"{copy}.tmp", ignore_errors=True)
    note = copy / NOTE
    first_failure, _, why = note.read_text("utf-8").partition("\n") if note.exists() else ("",) * 3
    return Run(
        code=code,
        seconds=time.monotonic() - began,
        first_failure=first_failure,
        why=why,
        output="\n".join(output.splitlines()[-LAST_LINES:]),
    )
