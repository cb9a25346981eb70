"""Tokens on the command line: the same in a running exporter and in the files of a stopped one."""

import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest

from exporter.cli.main import main
from exporter.ingest.auth import digest
from exporter.log.storage import lock_directory
from exporter.model.access import Scope
from exporter.model.layout import StorageLayout
from exporter.model.ports import TokenRecord
from exporter.store.tokens import SqliteTokens

from .running import control_server


def records(root: Path) -> list[TokenRecord]:
    """Return what is stored."""
    tokens = SqliteTokens(StorageLayout(root).operations)
    try:
        return list(tokens.records())
    finally:
        tokens.close()


@contextmanager
def exporter_running(root: Path) -> Iterator[None]:
    """Hold the lock and serve the control socket, as ``serve`` does."""
    lock = lock_directory(root)
    try:
        with control_server(root):
            yield
    finally:
        os.close(lock)


@pytest.fixture(params=["running", "stopped"])
def exporter(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Return the storage directory of an exporter, which runs or not."""
    state: AbstractContextManager[None] = (
        exporter_running(tmp_path) if request.param == "running" else nullcontext()
    )
    with state:
        yield tmp_path


def token(root: Path, *words: str) -> int:
    """Run the command on the storage *root*."""
    return main(["token", *words, "--storage.path", str(root)])


def test_only_the_secret_goes_to_standard_output(
    exporter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``> file`` must hold a token and nothing else."""
    assert 0 == token(exporter, "create", "--name", "shop")

    captured = capsys.readouterr()
    (secret,) = captured.out.splitlines()
    assert [digest(secret)] == [record.digest for record in records(exporter)]
    assert secret not in captured.err


def test_scopes_bots_and_expiry_are_stored(exporter: Path) -> None:
    """Flags may be repeated."""
    words = ["--scope=ingest", "--scope=backfill", "--bot=a", "--bot=b", "--expires=90d"]

    assert 0 == token(exporter, "create", "--name", "shop", *words)

    (record,) = records(exporter)
    assert record.expires_at
    assert {Scope.INGEST, Scope.BACKFILL} == record.scopes
    assert {"a", "b"} == record.bots
    assert 90 * 86_400 == pytest.approx(record.expires_at - record.created_at)


def test_tokens_are_listed_as_a_table(exporter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Name, state, scopes, bots, creation, end; no secret, no digest."""
    token(exporter, "create", "--name", "shop", "--bot", "shop-bot")
    token(exporter, "create", "--name", "other")
    token(exporter, "revoke", "other")
    capsys.readouterr()

    assert 0 == token(exporter, "list")

    heading, shop, other = capsys.readouterr().out.splitlines()
    assert ["NAME", "STATE", "SCOPES", "BOTS", "CREATED", "EXPIRES"] == heading.split()
    assert ["shop", "active", "ingest", "shop-bot"] == shop.split()[:4]
    assert ["other", "revoked", "ingest", "*"] == other.split()[:4]
    assert shop.endswith("never")


def test_a_name_is_taken_once(exporter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message says what to do."""
    token(exporter, "create", "--name", "shop")
    capsys.readouterr()

    assert 1 == token(exporter, "create", "--name", "shop")

    captured = capsys.readouterr()
    assert "" == captured.out
    assert "token 'shop' exists already" in captured.err


def test_revoking_what_is_not_there_fails(
    exporter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A typing mistake must not look like a success."""
    assert 1 == token(exporter, "revoke", "ghost")

    assert "token 'ghost'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["create"],
        ["create", "--name", "two words"],
        ["create", "--name", "-x"],
        ["create", "--name", "x", "--scope", "root"],
        ["create", "--name", "x", "--bot", ":x"],
        ["create", "--name", "x", "--expires", "soon"],
        ["create", "--name", "x", "--expires", "0d"],
        ["revoke"],
        ["revoke", "two words"],
    ],
)
def test_impossible_wishes_are_wrong_usage(words: list[str], tmp_path: Path) -> None:
    """They are refused before anything is opened."""
    assert 2 == token(tmp_path, *words)

    assert [] == list(tmp_path.iterdir())


def test_a_directory_that_is_not_there_is_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A token for nobody would be the result of a typing mistake."""
    missing = tmp_path / "missing"

    assert 1 == token(missing, "create", "--name", "shop")

    assert not missing.exists()
    assert "check --storage.path" in capsys.readouterr().err


def test_an_exporter_without_its_socket_is_busy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It starts or stops just now; its files are not touched."""
    lock = lock_directory(tmp_path)

    assert 1 == token(tmp_path, "list")

    os.close(lock)
    assert "try again in a moment" in capsys.readouterr().err


def test_the_files_of_somebody_else_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What root makes there, the exporter could not read."""
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)

    assert 1 == token(tmp_path, "create", "--name", "shop")

    assert "run this as that user" in capsys.readouterr().err
    assert not StorageLayout(tmp_path).operations.exists()


def test_the_lock_is_given_back(tmp_path: Path) -> None:
    """The exporter can start right after the command, also after a failed one."""
    token(tmp_path, "create", "--name", "shop")
    token(tmp_path, "create", "--name", "shop")

    os.close(lock_directory(tmp_path))


def test_commands_at_the_same_time_do_not_disturb_each_other(tmp_path: Path) -> None:
    """A running exporter takes them one after the other."""
    with exporter_running(tmp_path):
        threads = [
            threading.Thread(target=token, args=(tmp_path, "create", "--name", f"t{n}"))
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert {f"t{n}" for n in range(8)} == {record.name for record in records(tmp_path)}
