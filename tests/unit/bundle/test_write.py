"""Generated files are written when they differ, and every drift is told."""

import stat
from pathlib import Path

import pytest

from exporter.bundle.files import MARK
from exporter.bundle.write import MOST_LINES, Maker, check, foreign, write

FILES = {"docs/a.md": f"<!-- {MARK} -->\none\ntwo\n", "docs/b.json": '{"ü": 1}\n'}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder that holds the generated files."""
    write(tmp_path, FILES)
    return tmp_path


def test_missing_folders_are_made(tmp_path: Path) -> None:
    """The first call works in an empty checkout."""
    assert list(FILES) == write(tmp_path, FILES)
    assert FILES["docs/b.json"] == (tmp_path / "docs/b.json").read_text("utf-8")


def test_a_file_that_is_right_is_left_alone(root: Path) -> None:
    """Tools that watch files see only real changes."""
    assert [] == write(root, FILES)
    assert [] == check(root, FILES)


def test_a_file_is_written_whole_or_not_at_all(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk leaves the old file and no draft."""

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("exporter.bundle.write.os.replace", fail)

    with pytest.raises(OSError, match="no space left"):
        write(root, {**FILES, "docs/a.md": "other\n"})
    assert FILES["docs/a.md"] == (root / "docs/a.md").read_text("utf-8")
    assert ["a.md", "b.json"] == sorted(file.name for file in (root / "docs").iterdir())


def test_an_edited_file_is_stale(root: Path) -> None:
    """The difference shows what was edited, and what belongs there."""
    (root / "docs/a.md").write_text(f"<!-- {MARK} -->\none\n2\n", encoding="utf-8")

    (drift,) = check(root, FILES)

    assert "docs/a.md: is stale; run `make generate`" in str(drift)
    assert "-2\n+two" in str(drift)


def test_other_line_ends_are_stale(root: Path) -> None:
    """Files are equal byte by byte."""
    (root / "docs/b.json").write_bytes(b'{"\xc3\xbc": 1}\r\n')

    assert ["docs/b.json"] == [drift.path for drift in check(root, FILES)]


def test_a_missing_file_is_told(root: Path) -> None:
    """A deleted file cannot be fresh."""
    (root / "docs/b.json").unlink()

    assert ["docs/b.json: is missing; run `make generate`"] == [str(d) for d in check(root, FILES)]


def test_a_file_that_is_not_generated_any_more_is_told(root: Path) -> None:
    """Otherwise a page about metrics that went stays for ever."""
    (root / "docs/old.md").write_text(f"<!-- {MARK} -->\n", encoding="utf-8")
    (root / "docs/glossary.md").write_text("# Written by hand\n", encoding="utf-8")

    assert ["docs/old.md: is not generated any more; delete it"] == [
        str(drift) for drift in check(root, FILES)
    ]


def test_a_long_difference_is_cut(root: Path) -> None:
    """The end of a check is still readable when everything changed."""
    changed = "".join(f"{number}\n" for number in range(500))

    (drift,) = check(root, {**FILES, "docs/a.md": changed})

    assert MOST_LINES + 1 == len(drift.diff.splitlines())
    assert drift.diff.endswith("\n...")


OTHER = Maker(mark="Made by me", command="make me")


def mode(file: Path) -> int:
    """Return who may do what with *file*."""
    return stat.S_IMODE(file.stat().st_mode)


def test_another_maker_has_its_own_mark_and_command(root: Path) -> None:
    """A site's folder is checked with the command that writes it."""
    (root / "docs/old.md").write_text("Made by me\n", encoding="utf-8")

    drift = [str(entry) for entry in check(root, {"docs/new.md": "Made by me\n"}, OTHER)]

    assert [
        "docs/new.md: is missing; run `make me`",
        "docs/old.md: is not generated any more; delete it",
    ] == drift


def test_what_somebody_else_wrote_is_foreign(root: Path) -> None:
    """Nothing of theirs is overwritten; what is missing or ours is no obstacle."""
    (root / "docs/mine.md").write_text("Made by me, long ago\n", encoding="utf-8")
    (root / "docs/folder.md").mkdir()
    wanted = dict.fromkeys(["docs/a.md", "docs/mine.md", "docs/folder.md", "docs/none.md"], "")

    assert ["docs/a.md", "docs/folder.md"] == foreign(root, wanted, OTHER)


def test_a_private_file_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    """Also while it is written, and when it was open to all before."""
    write(tmp_path, {"open": "1", "closed": "1"}, private=["closed"])
    modes = mode(tmp_path / "open") & 0o044, mode(tmp_path / "closed")
    (tmp_path / "closed").chmod(0o644)

    write(tmp_path, {"closed": "2"}, private=["closed"])

    assert (0o044, 0o600) == modes
    assert 0o640 == mode(tmp_path / "closed")
