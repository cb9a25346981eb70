"""
Contact data of leads: sealed at the door, opened only where a lead is delivered.

AES-256-GCM with a random 96-bit nonce; the bot and the field are bound to it, so that a sealed
value cannot be moved to another lead's field unnoticed. Needs the extra `privacy`; without it
contact data is dropped and counted.

Source: NIST SP 800-38D; 2^32 values under one key are safe with random nonces (section 8.3).
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
except ImportError:  # The extra `privacy` is optional.
    AESGCM = None  # type: ignore[assignment,misc]
    InvalidTag = ValueError  # type: ignore[assignment,misc]

PREFIX = "sealed:1:"
KEY_BYTES = 32
_NONCE_BYTES = 12

CAN_SEAL = AESGCM is not None


class Seal:
    """Seals and opens single values with one key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key[:KEY_BYTES])

    def close(self, value: str, *, bot: str, field: str) -> str:
        """Return *value* sealed, as text."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, value.encode(), _context(bot, field))
        return PREFIX + urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, *, bot: str, field: str) -> str:
        """
        Return the value that `close` was given.

        Raises:
            ValueError: it was changed, moved, or sealed with another key.
        """
        if not sealed.startswith(PREFIX):
            raise ValueError(f"{field}: not a sealed value")
        data = urlsafe_b64decode(sealed.removeprefix(PREFIX))
        nonce, rest = data[:_NONCE_BYTES], data[_NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, rest, _context(bot, field)).decode()
        except InvalidTag:
            raise ValueError(f"{field}: changed, moved, or sealed with another key") from None


def _context(bot: str, field: str) -> bytes:
    return f"{bot}\0{field}".encode()
