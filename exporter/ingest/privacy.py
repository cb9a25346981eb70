"""Pseudonyms: keyed digests that stand for users, sessions, conversations and event ids."""

import os
import secrets
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

from ..model.errors import ConfigError, Problem

KEY_BYTES = 32
DIGEST_BYTES = 16  # 128 bits: no two of 10^12 ids are expected to meet (birthday bound 10^-15).
_MOST_KEPT = 8_000  # Digests that are kept ready, of all bots together: under 2 MB.


class Digests(dict[str, str]):
    """
    Value -> 32 hexadecimal digits, for one kind and namespace.

    A dictionary, because that is the quickest way Python has to look a name up again.
    """

    def __init__(self, prefix: blake2b, kept: "Kept") -> None:
        super().__init__()
        self._prefix = prefix
        self._kept = kept
        kept.all.append(self)

    def __missing__(self, value: str) -> str:
        """Compute the digest and keep it for the next event of the same user."""
        self._kept.one_more()
        state = self._prefix.copy()
        state.update(value.encode())
        name = self[value] = state.hexdigest()
        return name


class Kept:
    """How many digests are kept ready; beyond the limit all are forgotten and made again."""

    def __init__(self) -> None:
        self.all: list[Digests] = []
        self._count = 0

    def one_more(self) -> None:
        """Count a digest that is about to be kept."""
        self._count += 1
        if self._count > _MOST_KEPT:
            for digests in self.all:
                digests.clear()
            self._count = 1

    def forget(self) -> None:
        """Let go of every dictionary: new ones are about to take their place."""
        self.all.clear()
        self._count = 0


class Pseudonyms:
    """
    Keyed digests of identifiers: BLAKE2b of (kind, namespace, value).

    The namespace is the bot, unless the operator lets several bots share one, which makes a user
    of these bots the same person in analytics.

    Source: RFC 7693, keyed mode; the same value under another kind or namespace is unrelated.
    """

    def __init__(self, key: bytes, shared: Mapping[str, Sequence[str]] | None = None) -> None:
        self._base = blake2b(key=key, digest_size=DIGEST_BYTES)
        self.kept = Kept()
        shared = shared or {}
        # A shared namespace must not meet a bot of the same name, hence the slash.
        self._namespaces = {bot: f"/{name}" for name, bots in shared.items() for bot in bots}

    def digests(self, kind: str, bot: str) -> Digests:
        """Return the pseudonyms of one kind (user, session, conversation) of a bot."""
        return Digests(self.prefix(kind, self._namespaces.get(bot, bot)), self.kept)

    def prefix(self, kind: str, namespace: str) -> blake2b:
        r"""Return the hash state after *kind* and *namespace*; neither holds ``\0``."""
        state = self._base.copy()
        state.update(f"{kind}\0{namespace}\0".encode())
        return state


def load_or_create_key(path: Path) -> bytes:
    """
    Return the key of the pseudonyms; a missing file is created once, readable by its owner only.

    Raises:
        ConfigError: the file is too short, or others can read it.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _existing_key(path)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        # Half a key would stop every later start.
        path.unlink()
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return _existing_key(path)


def _existing_key(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise _refused(path, f"others can read the key; run: chmod 600 {path.name}")
    key = path.read_bytes()
    if key.isascii():  # Otherwise the bytes are the key, and a line feed may be one of them.
        key = _decoded(key.decode().strip())
    if not KEY_BYTES <= len(key) <= blake2b.MAX_KEY_SIZE:
        raise _refused(path, f"the key must have {KEY_BYTES} to {blake2b.MAX_KEY_SIZE} bytes")
    return key


def _decoded(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return text.encode()


def _refused(path: Path, message: str) -> ConfigError:
    return ConfigError([Problem(str(path), 0, "privacy.key_file", message)])
