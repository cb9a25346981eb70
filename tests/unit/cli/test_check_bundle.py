"""`bot-exporter check-bundle` reads what a user has, ours or theirs."""

from pathlib import Path

import pytest

from exporter.cli.main import main

OWN = """\
metrics:
  - name: bot_big_orders_total
    type: counter
    description: Big orders.
    event: purchase
    labels: [bot]
    when: [{field: amount, op: gt, value: 100}]
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return a file of rules with one ghost."""
    file = tmp_path / "rules.yml"
    file.write_text("- expr: bot_turns_total\n- expr: bot_big_orders_total\n", "utf-8")
    return file


def test_a_ghost_fails_with_its_place(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The line is in the form that editors jump to."""
    assert 1 == main(["check-bundle", str(rules)])
    assert capsys.readouterr().out.startswith(f"{rules}:2: bot_big_orders_total: no such metric")


def test_own_metrics_are_known_with_their_catalogue(
    rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A user's dashboards speak of the user's metrics."""
    own = tmp_path / "own.yml"
    own.write_text(OWN, encoding="utf-8")

    assert 0 == main(["check-bundle", str(rules), "--catalog", str(own)])
    assert "OK: 1 files speak of existing metrics only\n" == capsys.readouterr().out


def test_a_folder_stands_for_its_files(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rules, dashboards and documents below it are read; what is hidden is not."""
    folder = rules.parent
    (folder / "sub").mkdir()
    (folder / "sub" / "page.md").write_text("`bot_zzz_total`", encoding="utf-8")
    (folder / "sub" / "program.py").write_text("bot_yyy_total", encoding="utf-8")
    (folder / ".git").mkdir()
    (folder / ".git" / "page.md").write_text("`bot_xxx_total`", encoding="utf-8")

    assert 1 == main(["check-bundle", str(folder)])
    assert 2 == len((told := capsys.readouterr().out).splitlines())
    assert "bot_zzz_total" in told


def test_a_file_that_cannot_be_read_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing file is no clean bill of health."""
    assert 1 == main(["check-bundle", str(tmp_path / "none.yml")])
    assert "none.yml" in capsys.readouterr().err


def test_a_file_that_is_no_text_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its name and the remedy, not a traceback."""
    file = tmp_path / "picture.md"
    file.write_bytes(b"\x89PNG\xff")

    assert 1 == main(["check-bundle", str(file)])
    assert f"{file}: holds bytes that are no UTF-8; save it as UTF-8\n" == capsys.readouterr().err


def test_a_broken_catalogue_is_told(
    rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every mistake with its line, as when the exporter starts."""
    own = tmp_path / "own.yml"
    own.write_text(OWN.replace("purchase", "purchased"), encoding="utf-8")

    assert 1 == main(["check-bundle", str(rules), "--catalog", str(own)])
    assert f"{own}:5: metrics[0].event: unknown event type" in capsys.readouterr().err
