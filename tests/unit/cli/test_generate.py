"""`bot-exporter generate` writes what the catalogue says, and refuses what may not be."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from exporter import __version__
from exporter.catalog.builtin import CATALOG
from exporter.catalog.released import RELEASED_FILE
from exporter.cli import generate
from exporter.cli.generate import generated_files
from exporter.cli.main import main


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a checkout with fresh files and a release."""
    assert 0 == main(["generate", "--release", "--root", str(tmp_path)])
    return tmp_path


def check(root: Path) -> int:
    """Return the verdict of the check."""
    return main(["generate", "--check", "--root", str(root)])


def test_fresh_files_pass(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A check after a run has nothing to say."""
    capsys.readouterr()

    assert 0 == check(root)
    assert "" == capsys.readouterr().err


def test_the_files_of_this_tree_are_fresh() -> None:
    """What is committed is what the catalogue says today."""
    assert 0 == check(Path(__file__).parents[3])


def test_a_second_run_writes_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only what changed is touched."""
    capsys.readouterr()

    assert 0 == main(["generate", "--root", str(root)])
    assert "" == capsys.readouterr().out


def test_a_check_writes_nothing(tmp_path: Path) -> None:
    """A check may run on a read-only tree."""
    assert 1 == check(tmp_path)
    assert [] == list(tmp_path.iterdir())


def test_an_edited_file_fails_with_the_difference(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The person who edited it sees what and what to do."""
    page = root / "docs/reference/metrics.md"
    page.write_text(page.read_text("utf-8").replace("# Metrics", "# Numbers"), "utf-8")

    assert 1 == check(root)
    assert "metrics.md: is stale; run `make generate`" in (told := capsys.readouterr().err)
    assert "-# Numbers\n+# Metrics" in told


def test_the_release_holds_every_metric_of_this_version(root: Path) -> None:
    """The next version is compared with it."""
    release = json.loads((root / RELEASED_FILE).read_text("utf-8"))

    assert __version__ == release["version"]
    assert {m.name for m in CATALOG.metrics} == {f["name"] for f in release["families"]}


def test_without_the_flag_no_release_is_recorded(tmp_path: Path) -> None:
    """Generating every day must not move what was promised."""
    assert 0 == main(["generate", "--root", str(tmp_path)])
    assert not (tmp_path / RELEASED_FILE).exists()


@pytest.mark.parametrize("flag", ["--check", "--release"])
def test_a_broken_promise_is_refused(
    root: Path, flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A release cannot be recorded over the names it would break."""
    file = root / RELEASED_FILE
    file.write_text(file.read_text("utf-8").replace("bot_turns_total", "bot_rounds_total"), "utf-8")

    assert 1 == main(["generate", flag, "--root", str(root)])
    assert "bot_rounds_total: released in" in capsys.readouterr().err


def test_an_unsound_catalogue_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is derived from declarations that break a law."""
    orphaned = replace(CATALOG, feeds=CATALOG.feeds[1:])
    monkeypatch.setattr(generate, "CATALOG", orphaned)

    assert 1 == main(["generate", "--root", str(tmp_path)])
    assert "bot_events_total: nothing feeds it" in capsys.readouterr().err
    assert [] == list(tmp_path.iterdir())


def test_the_description_of_the_interface_is_among_the_files() -> None:
    """Programmers find it next to the schema."""
    assert "docs/reference/openapi.json" in generated_files()
