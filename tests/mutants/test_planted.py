"""The list of planted bugs keeps up with the code and with the tests."""

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from .bug import Bug, MovedOnError, moved_on
from .catalogue import BUGS
from .origin import COPY_VARIABLE, pytest_configure
from .workshop import ROOT, Verdict, verdict_of

FEWEST = 36


@cache
def names_in(file: Path) -> set[str]:
    """Return the names of the tests in a file."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = ast.walk(ast.parse(file.read_text("utf-8")))
    return {node.name for node in nodes if isinstance(node, functions)}


def is_there(test: str) -> bool:
    """Tell whether a path or node id of pytest leads to a test."""
    file, _, name = test.partition("::")
    path = ROOT / file
    return path.is_file() and (not name or name.partition("[")[0] in names_in(path))


def test_every_bug_finds_the_text_it_replaces() -> None:
    """Once: twice would break more than its name says."""
    assert [] == moved_on(BUGS, ROOT)


def test_every_bug_changes_something() -> None:
    """A bug that is none would survive for ever."""
    assert [] == [bug.name for bug in BUGS if bug.old == bug.new]


def test_every_bug_has_a_name_of_its_own() -> None:
    """The report is read by name."""
    counts = Counter(bug.name for bug in BUGS)

    assert [] == [name for name, count in counts.items() if count > 1]
    assert len(BUGS) >= FEWEST


def test_every_test_that_should_notice_is_there() -> None:
    """A renamed test would leave its bugs unwatched."""
    missing = [(bug.name, test) for bug in BUGS for test in bug.tests if not is_there(test)]

    assert [] == missing
    assert all(bug.tests for bug in BUGS)


@pytest.mark.parametrize("source", ["", "x = 1\nx = 1\n"])
def test_text_that_is_gone_or_doubled_is_told(source: str) -> None:
    """With the name of the bug that must be updated."""
    bug = Bug(name="X is wrong", file="a.py", old="x = 1", new="x = 2", tests=("a",))

    with pytest.raises(MovedOnError, match="moved on, update the bug 'X is wrong'"):
        bug.broken(source)


def test_the_package_under_test_must_be_that_of_the_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests of a sound package would say that every bug survived."""
    monkeypatch.setenv(COPY_VARIABLE, str(tmp_path))

    with pytest.raises(pytest.UsageError, match="not that of"):
        pytest_configure()


@pytest.mark.parametrize(
    ("code", "may_hang", "verdict"),
    [
        (0, False, Verdict.SURVIVED),
        (1, False, Verdict.CAUGHT),
        (2, False, Verdict.BROKEN),
        (4, False, Verdict.BROKEN),
        (5, False, Verdict.BROKEN),
        (None, False, Verdict.HUNG),
        (None, True, Verdict.CAUGHT),
    ],
)
def test_only_a_failed_test_catches_a_bug(
    code: int | None, verdict: Verdict, *, may_hang: bool
) -> None:
    """A file that cannot be imported, or a hang nobody expects, proves nothing."""
    assert verdict is verdict_of(code, may_hang=may_hang)
