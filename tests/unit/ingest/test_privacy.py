"""The key of the pseudonyms and the digests made with it: `exporter.ingest.privacy`."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from exporter.ingest.privacy import KEY_BYTES, Pseudonyms, load_or_create_key
from exporter.model.errors import ConfigError
from tests.unit.ingest.parts import KEY

PLENTY = 50_000


def keep(path: Path, content: bytes, mode: int = 0o600) -> Path:
    """Return *path*, a file with this content and mode."""
    path.write_bytes(content)
    path.chmod(mode)
    return path


@contextmanager
def no_room_for_files() -> Iterator[None]:
    """Let every write to a file fail, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_the_key_is_made_once(tmp_path: Path) -> None:
    """A new key would make every user a new one."""
    path = tmp_path / "pseudonym.key"

    first, second = load_or_create_key(path), load_or_create_key(path)

    assert first == second
    assert KEY_BYTES == len(first)


def test_every_installation_has_its_own_key(tmp_path: Path) -> None:
    """It is random."""
    assert load_or_create_key(tmp_path / "a") != load_or_create_key(tmp_path / "b")


def test_only_its_owner_can_read_the_key(tmp_path: Path) -> None:
    """Whatever the umask says."""
    path = tmp_path / "pseudonym.key"

    load_or_create_key(path)

    assert 0o600 == path.stat().st_mode & 0o777


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o601])
def test_a_key_that_others_can_open_is_refused(tmp_path: Path, mode: int) -> None:
    """The message names the file and the remedy."""
    path = keep(tmp_path / "pseudonym.key", KEY.hex().encode(), mode)

    with pytest.raises(ConfigError, match=r"pseudonym\.key.*chmod 600"):
        load_or_create_key(path)


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (KEY.hex().encode(), KEY),
        (KEY.hex().upper().encode() + b"\r\n", KEY),
        (b"correct horse battery staple 12345\n", b"correct horse battery staple 12345"),
        (b"\xff" * 31 + b"\n", b"\xff" * 31 + b"\n"),
        (bytes(range(200, 232)), bytes(range(200, 232))),
    ],
)
def test_a_key_may_be_hexadecimal_a_sentence_or_bytes(
    tmp_path: Path, content: bytes, key: bytes
) -> None:
    """`openssl rand -hex 32` and `head -c 32 /dev/urandom` both make one."""
    assert key == load_or_create_key(keep(tmp_path / "key", content))


@pytest.mark.parametrize("content", [b"", b"\n", b"00" * 31, b"short", b"\xff" * 31, b"x" * 65])
def test_a_key_of_another_length_is_refused(tmp_path: Path, content: bytes) -> None:
    """Short keys can be guessed, and BLAKE2b takes none above 64 bytes."""
    with pytest.raises(ConfigError, match="32 to 64 bytes"):
        load_or_create_key(keep(tmp_path / "key", content))


def test_a_key_that_could_not_be_written_leaves_no_file(tmp_path: Path) -> None:
    """Half a key would stop every later start, also when there is room again."""
    path = tmp_path / "key"

    with no_room_for_files(), pytest.raises(OSError, match="large"):
        load_or_create_key(path)

    assert KEY_BYTES == len(load_or_create_key(path))


def test_a_digest_depends_on_kind_and_namespace() -> None:
    """Neither can be shifted into the value."""
    names = Pseudonyms(KEY)

    digests = {
        names.digests(kind, bot)[value]
        for kind, bot, value in [
            ("user", "a", "b"),
            ("user", "ab", ""),
            ("session", "a", "b"),
            ("user", "a", "\0b"),
            ("user", "b", "a"),
        ]
    }

    assert 5 == len(digests)


def test_a_shared_namespace_meets_no_bot_of_its_name() -> None:
    """Only the bots that are listed share their users."""
    names = Pseudonyms(KEY, {"shop": ["web", "voice"]})

    web, voice, shop = (names.digests("user", bot)["ann"] for bot in ("web", "voice", "shop"))

    assert web == voice != shop


def test_names_that_are_kept_ready_are_bounded() -> None:
    """A bot with millions of users must not fill the memory; the digests stay the same."""
    names = Pseudonyms(KEY)
    users = [names.digests("user", bot) for bot in ("shop", "bank")]
    first = users[0]["user 0"]

    for number in range(PLENTY):
        assert 32 == len(users[number % 2][f"user {number}"])

    assert sum(len(digests) for digests in users) < PLENTY
    assert first == users[0]["user 0"]
