"""What happens to personal data at the door: digests instead of identifiers, no text, no contacts."""

import os
import secrets
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

from ..model.errors import ConfigError, Problem

KEY_BYTES = 32
DIGEST_BYTES = 16  # 128 bits: no two of 10^12 ids are expected to meet (birthday bound 10^-15).
_MOST_CACHED = 20_000


class Pseudonyms:
    """
    Keyed digests of identifiers: BLAKE2b of (kind, namespace, value).

    The namespace is the bot, unless the operator lets several bots share one, which makes a user
    of these bots the same person in analytics.

    Source: RFC 7693, keyed mode; the same value under another kind or namespace is unrelated.
    """

    def __init__(self, key: bytes, shared: Mapping[str, Sequence[str]] | None = None) -> None:
        self._base = blake2b(key=key, digest_size=DIGEST_BYTES)
        shared = shared or {}
        # A shared namespace must not meet a bot of the same name, hence the slash.
        self._namespaces = {bot: f"/{name}" for name, bots in shared.items() for bot in bots}
        self._kinds: dict[tuple[str, str], blake2b] = {}
        self._known: dict[tuple[str, str, str], str] = {}

    def name(self, kind: str, bot: str, value: str) -> str:
        """Return the pseudonym of an identifier as 32 hexadecimal digits."""
        known = self._known.get((kind, bot, value))
        if known is not None:
            return known
        namespace = self._namespaces.get(bot, bot)
        state = self.prefix(kind, namespace)
        state.update(value.encode())
        if len(self._known) >= _MOST_CACHED:
            self._known.clear()
        name = self._known[(kind, bot, value)] = state.hexdigest()
        return name

    def prefix(self, kind: str, namespace: str) -> blake2b:
        r"""Return a copy of the hash state after *kind* and *namespace*; neither holds ``\0``."""
        state = self._kinds.get((kind, namespace))
        if state is None:
            state = self._base.copy()
            state.update(f"{kind}\0{namespace}\0".encode())
            if len(self._kinds) >= _MOST_CACHED:
                self._kinds.clear()
            self._kinds[(kind, namespace)] = state
        return state.copy()


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
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return _existing_key(path)


def _existing_key(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise _refused(path, f"others can read the key; run: chmod 600 {path.name}")
    text = path.read_text().strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = text.encode()
    if not KEY_BYTES <= len(key) <= blake2b.MAX_KEY_SIZE:
        raise _refused(path, f"the key must have {KEY_BYTES} to {blake2b.MAX_KEY_SIZE} bytes")
    return key


def _refused(path: Path, message: str) -> ConfigError:
    return ConfigError([Problem(str(path), 0, "privacy.key_file", message)])
