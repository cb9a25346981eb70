"""The event log on a bad day: what the operator sees and gets."""

import json
import os
import stat
from pathlib import Path

import pytest

from exporter.cli.main import main
from exporter.log.segment import plain_name
from exporter.log.storage import DiskStorage, lock_directory
from exporter.model.layout import StorageLayout
from tests.unit.log.fakes import Rig

TEXTS = [str(number) for number in range(5)]


@pytest.fixture
async def storage(tmp_path: Path) -> Path:
    """Return the directory of an exporter that has stored five events and stopped."""
    rig = Rig(DiskStorage(StorageLayout(tmp_path).log))
    await rig.store(*TEXTS)
    await rig.writer.close()
    return tmp_path


def segment(storage: Path) -> Path:
    """Return the only segment."""
    return StorageLayout(storage).log / plain_name(1)


def damage(storage: Path) -> None:
    """Flip a bit of the third event."""
    content = bytearray(segment(storage).read_bytes())
    content[content.index(b'"2"')] ^= 1
    segment(storage).write_bytes(content)


def fsck(storage: Path, *words: str) -> int:
    """Run the command."""
    return main(["fsck", "--storage.path", str(storage), *words])


def test_a_sound_log_is_clean(storage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0, and a table for people."""
    assert 0 == fsck(storage)

    out = capsys.readouterr().out
    assert plain_name(1) in out
    assert f"{len(TEXTS)} events in" in out
    assert out.endswith("clean\n")


def test_damage_is_told_and_left_as_it_is(
    storage: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """1, and where it is."""
    damage(storage)
    before = segment(storage).read_bytes()

    assert 1 == fsck(storage)

    out = capsys.readouterr().out
    assert f"{plain_name(1)}: bytes " in out
    assert out.endswith("damaged\n")
    assert before == segment(storage).read_bytes()


def test_a_repaired_log_is_clean_and_the_original_is_kept(
    storage: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is deleted."""
    damage(storage)
    before = segment(storage).read_bytes()

    assert 0 == fsck(storage, "--repair")
    assert 0 == fsck(storage)

    kept = StorageLayout(storage).log / "aside" / plain_name(1)
    assert before == kept.read_bytes()
    assert "repaired: 1 ranges" in capsys.readouterr().err


def test_a_program_reads_the_report_as_json(
    storage: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One object on one line."""
    damage(storage)

    assert 1 == fsck(storage, "--json")

    report = json.loads(capsys.readouterr().out)
    assert (False, len(TEXTS) - 1) == (report["clean"], report["events"])
    assert 1 == len(report["segments"][0]["damaged"])


def test_events_are_dumped_into_a_private_file(storage: Path, tmp_path: Path) -> None:
    """What can be read, as NDJSON; only the owner may read it."""
    damage(storage)
    target = tmp_path / "dump.ndjson"

    fsck(storage, "--dump", str(target))

    ids = [json.loads(line)["id"] for line in target.read_text().splitlines()]
    assert ["0", "1", "3", "4"] == ids
    assert "0o600" == oct(stat.S_IMODE(target.stat().st_mode))


def test_a_dump_on_standard_output_is_nothing_but_events(
    storage: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """The report steps aside to standard error."""
    assert 0 == fsck(storage, "--dump", "-")

    captured = capfdbinary.readouterr()
    assert TEXTS == [json.loads(line)["id"] for line in captured.out.splitlines()]
    assert b"clean" in captured.err


def test_a_dump_does_not_replace_a_file(storage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It may be the only good copy."""
    target = storage / "dump.ndjson"
    target.write_text("precious")

    assert 1 == fsck(storage, "--dump", str(target))

    assert "precious" == target.read_text()
    assert "exists already" in capsys.readouterr().err


def test_a_running_exporter_is_not_disturbed(
    storage: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Stop it first."""
    lock = lock_directory(storage)

    assert 1 == fsck(storage, "--repair")

    os.close(lock)
    assert "another bot-exporter process owns this directory" in capsys.readouterr().err


def test_a_directory_without_a_log_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty report would look like lost data."""
    assert 1 == fsck(tmp_path)

    assert "there is no event log" in capsys.readouterr().err
    assert ["lock"] == [path.name for path in tmp_path.iterdir()]
