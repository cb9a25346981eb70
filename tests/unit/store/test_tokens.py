"""The contract of a token store, kept by SQLite and by the fake the other tests use."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from exporter.model.access import Scope
from exporter.model.errors import DataTooNewError, StorageError
from exporter.model.ports import TokenRecord, TokenStore
from exporter.store.tokens import FIRST_TOKEN_FILE, SqliteTokens, first_token
from tests.unit.ingest.door import FakeTokens

SHOP = TokenRecord(
    name="shop",
    digest=b"1" * 32,
    scopes=frozenset({Scope.INGEST, Scope.BACKFILL}),
    bots=frozenset({"shop-bot", "café-bot"}),
    created_at=1_770_000_000.25,
    expires_at=1_780_000_000.5,
)
SECRET = "bo_secret"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the database goes."""
    return tmp_path / "tokens.sqlite"


@pytest.fixture
def database(path: Path) -> Iterator[SqliteTokens]:
    """Return an open, empty store."""
    tokens = SqliteTokens(path)
    yield tokens
    tokens.close()


@pytest.fixture(params=["sqlite", "fake"])
def tokens(request: pytest.FixtureRequest, database: SqliteTokens) -> TokenStore:
    """Return the real thing, and its double."""
    return database if request.param == "sqlite" else FakeTokens()


def test_what_was_added_comes_back_unchanged(tokens: TokenStore) -> None:
    """Every field survives, the time to the microsecond."""
    tokens.add(SHOP)

    assert [SHOP] == list(tokens.records())


def test_records_come_oldest_first(tokens: TokenStore) -> None:
    """The order is that of creation, not of insertion."""
    second = replace(SHOP, name="second", digest=b"2" * 32, created_at=SHOP.created_at + 1)
    tokens.add(second)
    tokens.add(SHOP)

    assert [SHOP, second] == list(tokens.records())


def test_an_active_name_is_taken(tokens: TokenStore) -> None:
    """Two active tokens of one name could not be told apart when one must go."""
    tokens.add(SHOP)

    with pytest.raises(StorageError, match="shop"):
        tokens.add(replace(SHOP, digest=b"2" * 32))


def test_one_secret_has_one_record(tokens: TokenStore) -> None:
    """A digest names exactly one grant."""
    tokens.add(SHOP)

    with pytest.raises(StorageError):
        tokens.add(replace(SHOP, name="other"))


def test_a_revoked_token_stays_as_a_trace_and_frees_its_name(tokens: TokenStore) -> None:
    """Who asks later sees that it existed; the name may be used again."""
    tokens.add(SHOP)
    again = replace(SHOP, digest=b"2" * 32, created_at=SHOP.created_at + 9)

    assert tokens.revoke("shop", at=1_770_000_005.0)
    tokens.add(again)

    assert [replace(SHOP, revoked_at=1_770_000_005.0), again] == list(tokens.records())


def test_revoking_tells_whether_there_was_something_to_revoke(tokens: TokenStore) -> None:
    """An unknown name, and one revoked before, change nothing."""
    tokens.add(SHOP)

    verdicts = [tokens.revoke(name, at=1.0) for name in ("nobody", "shop", "shop")]

    assert [False, True, False] == verdicts
    assert [1.0] == [record.revoked_at for record in tokens.records()]


def test_records_survive_a_restart(path: Path, database: SqliteTokens) -> None:
    """They are on disk."""
    database.add(SHOP)
    database.close()
    reopened = SqliteTokens(path)

    assert [SHOP] == list(reopened.records())
    reopened.close()


def test_records_survive_a_kill(path: Path) -> None:
    """What add() confirmed needs no orderly end."""
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from exporter.store.tokens import SqliteTokens\n"
        "from tests.unit.store.test_tokens import SHOP\n"
        "SqliteTokens(Path(sys.argv[1])).add(SHOP)\n"
        "os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, path], check=False, timeout=60)
    tokens = SqliteTokens(path)

    assert 9 == done.returncode
    assert [SHOP] == list(tokens.records())
    tokens.close()


def test_only_the_owner_can_read_any_of_its_files(path: Path, database: SqliteTokens) -> None:
    """Digests are no secrets, but nobody else's business."""
    database.add(SHOP)

    files = sorted(path.parent.iterdir())

    assert ["tokens.sqlite", "tokens.sqlite-shm", "tokens.sqlite-wal"] == [f.name for f in files]
    assert {0o600} == {stat.S_IMODE(file.stat().st_mode) for file in files}


def test_a_file_with_a_wider_mode_is_narrowed(path: Path) -> None:
    """A restored backup may have lost its mode."""
    path.touch(0o644)
    tokens = SqliteTokens(path)

    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    tokens.close()


def test_every_commit_is_synced(path: Path, database: SqliteTokens) -> None:
    """WAL with synchronous=FULL: a confirmed change survives a power cut."""
    modes = [
        database._connection.execute(f"PRAGMA {name}").fetchone()[0]  # noqa: SLF001
        for name in ("journal_mode", "synchronous")
    ]

    assert ["wal", 2] == modes


def test_a_database_of_a_newer_version_is_left_alone(path: Path) -> None:
    """A downgrade refuses with a remedy instead of guessing."""
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    before = path.read_bytes()

    with pytest.raises(DataTooNewError, match="newer version"):
        SqliteTokens(path)

    assert before == path.read_bytes()


def test_a_file_that_is_no_database_is_reported_by_name(path: Path) -> None:
    """The message names the file and the remedy."""
    path.write_bytes(b"not a database, but long enough to look at" * 100)

    with pytest.raises(StorageError, match=r"tokens\.sqlite: .*check the disk"):
        SqliteTokens(path)


def test_a_missing_directory_is_reported_by_name(tmp_path: Path) -> None:
    """The same goes for a path that cannot exist."""
    with pytest.raises(StorageError, match="nowhere"):
        SqliteTokens(tmp_path / "nowhere" / "tokens.sqlite")


def test_threads_may_share_it(database: SqliteTokens) -> None:
    """The authenticator reads on a thread of its own while others add."""
    start = threading.Barrier(4)

    def add(worker: int) -> None:
        start.wait()
        for number in range(10):
            database.add(replace(SHOP, name=f"{worker}-{number}", digest=os.urandom(32)))
            database.records()

    threads = [threading.Thread(target=add, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 40 == len(database.records())


def test_the_first_start_writes_a_private_token_file(
    tmp_path: Path, database: SqliteTokens
) -> None:
    """Without any token nobody could send: one is made, and only its owner can read it."""
    written = first_token(database, tmp_path, secret=SECRET, record=SHOP)

    assert tmp_path / FIRST_TOKEN_FILE == written
    assert SECRET + "\n" == written.read_text()
    assert 0o600 == stat.S_IMODE(written.stat().st_mode)
    assert [SHOP] == list(database.records())


def test_a_second_start_changes_nothing(tmp_path: Path, database: SqliteTokens) -> None:
    """Not even when the only token was revoked: that was somebody's decision."""
    database.add(SHOP)
    database.revoke("shop", at=1.0)

    assert first_token(database, tmp_path, secret=SECRET, record=SHOP) is None
    assert not (tmp_path / FIRST_TOKEN_FILE).exists()


def test_a_start_that_was_interrupted_is_repeated(tmp_path: Path, database: SqliteTokens) -> None:
    """The file comes before the record; left over from a crash, it is replaced."""
    (tmp_path / FIRST_TOKEN_FILE).write_text("bo_stale\n")
    (tmp_path / (FIRST_TOKEN_FILE + ".new")).write_text("bo_half")

    first_token(database, tmp_path, secret=SECRET, record=SHOP)

    assert SECRET + "\n" == (tmp_path / FIRST_TOKEN_FILE).read_text()
    assert not (tmp_path / (FIRST_TOKEN_FILE + ".new")).exists()


def test_a_planted_link_is_not_followed(tmp_path: Path, database: SqliteTokens) -> None:
    """The secret goes into a new file, never into one somebody else chose."""
    target = tmp_path / "readable-by-all"
    target.touch()
    (tmp_path / FIRST_TOKEN_FILE).symlink_to(target)

    first_token(database, tmp_path, secret=SECRET, record=SHOP)

    assert "" == target.read_text()


def test_a_token_file_that_cannot_be_written_leaves_no_record(
    tmp_path: Path, database: SqliteTokens
) -> None:
    """A record without its file would be a token nobody can use, and block the next start."""
    with pytest.raises(StorageError, match=r"ingest\.token"):
        first_token(database, tmp_path / "nowhere", secret=SECRET, record=SHOP)

    assert [] == list(database.records())
