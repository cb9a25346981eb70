"""A short, seeded pass of every part that needs no extra; `make fuzz` runs all of it."""

import argparse
import base64
from pathlib import Path

import pytest

from tests.fuzz import __main__ as command
from tests.fuzz.account import LONGEST_SHOWN, MOST_SHOWN, Account
from tests.fuzz.catalogue import PARTS
from tests.fuzz.part import Part
from tests.torture.scenario import Scale, Stage

SEED = 20_261_123
# atheris and schemathesis come with the extra `fuzz`, which the tests do without.
NEEDS_EXTRA = frozenset(name for name in PARTS if name.startswith("guided")) | {"openapi"}
OPTIONS = argparse.Namespace(seed=SEED, scale="short", count=0)


@pytest.fixture
def stage(tmp_path: Path, promtool: Path) -> Stage:
    """Return an empty directory with the seed of the short pass."""
    return Stage(tmp_path, SEED, Scale.SHORT, promtool)


@pytest.mark.parametrize("name", [name for name in PARTS if name not in NEEDS_EXTRA])
def test_bad_input_breaks_no_promise(name: str, stage: Stage) -> None:
    """Each input gets the answer it deserves, nothing of it is counted, nothing is surprised."""
    account = PARTS[name].run(stage)

    account.check()
    assert account.inputs == account.answers.total() > 0


@pytest.mark.parametrize("name", [name for name in PARTS if PARTS[name].replay])
def test_an_input_can_be_played_again(name: str) -> None:
    """What a failure prints is all that is needed to see it once more."""
    replay = PARTS[name].replay

    assert replay is not None
    assert replay(b'{"type":"heartbeat","bot":"shop"}')


def test_a_broken_promise_is_told_with_its_first_inputs(tmp_path: Path) -> None:
    """A line for a short one, a file for a long one; the others are only counted."""
    account = Account(tmp_path)
    inputs = [b"short \xff", b"x" * (LONGEST_SHOWN + 1), *[b"y"] * 5]

    for data in inputs:
        account.breach("it did not answer", data)

    with pytest.raises(AssertionError, match="7 inputs broke a promise") as broken:
        account.check()
    (path,) = tmp_path.iterdir()
    text = str(broken.value)
    assert MOST_SHOWN == text.count("it did not answer")
    assert base64.b64encode(inputs[0]).decode() in text
    assert str(path) in text
    assert inputs[1] == path.read_bytes()


def test_a_part_that_fails_names_seed_and_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command that plays it again is in the text, and the exit code is 1."""

    def run(stage: Stage) -> Account:
        account = Account(stage.directory)
        account.note("accepted")
        account.breach("taken", b"{}")
        return account

    monkeypatch.setitem(PARTS, "json", Part("json", "", run))

    result = command.play("json", OPTIONS)

    assert "base64 e30=" in result.broken
    assert str(result).startswith("json")
    assert "BROKEN" in str(result)
    assert f"--only json --seed {SEED} --scale short" in command.again(result, OPTIONS)
    assert 1 == command.sum_up([result], 0.0)
