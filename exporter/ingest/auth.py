"""
Turn an ``Authorization`` header into a grant, without ever touching the disk on the loop.

The records are held in memory and read again every two seconds on a thread of its own, so a
revocation takes effect within five seconds even when the disk is slow.
"""

import asyncio
import hmac
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256

from ..model.access import Grant, Scope
from ..model.errors import StorageError
from ..model.ports import Clock, TokenRecord, TokenStore
from ..model.verdicts import Refusal, RefusedError

PREFIX = "bo_"  # Lets secret scanners recognise a leaked token.
SECRET_BYTES = 32  # 43 characters of unpadded base64url.
REFRESH_SECONDS = 2.0  # Under half of the promised five seconds: one slow read is forgiven.

_INVALID = "The token is not valid; ask the operator for a new one."


def new_token() -> str:
    """Return a fresh secret; show it once and keep only its `digest`."""
    return PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def digest(token: str) -> bytes:
    """
    Return what is stored in place of *token*: its SHA-256.

    The secret has 256 random bits, so a slow password hash would add nothing (ASVS 6.5.2).
    """
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class _Known:
    digest: bytes
    grant: Grant
    expires_at: float | None


class Authenticator:
    """
    Knows every valid token. Nobody is let in before the first `refresh`.

    Args:
        store: Where the records live; read on a thread.
        clock: Decides what has expired.
        anonymous: What a request without a token may do; None refuses it.
    """

    def __init__(self, store: TokenStore, clock: Clock, *, anonymous: Grant | None = None) -> None:
        self._store = store
        self._clock = clock
        self._anonymous = anonymous
        self._known: dict[bytes, _Known] = {}
        # Its own thread: the shared pool may be full of name lookups that hang for ten seconds.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tokens")

    def authenticate(self, header: str | None) -> Grant:
        """
        Return what the bearer of *header* may do.

        Raises:
            RefusedError: no token, or one that is malformed, unknown, revoked or expired. The
                answer does not say which: a thief learns nothing.
        """
        if header is None:
            if self._anonymous is not None:
                return self._anonymous
            raise _unauthenticated("Send a token: 'Authorization: Bearer bo_...'.")
        offered = digest(_credential(header))
        known = self._known.get(offered)
        # The lookup goes by the hash of the secret; its timing tells nothing of the secret.
        if known is None or not hmac.compare_digest(known.digest, offered):
            raise _unauthenticated(_INVALID)
        if known.expires_at is not None and self._clock.wall() >= known.expires_at:
            raise _unauthenticated(_INVALID)
        return known.grant

    async def refresh(self) -> None:
        """
        Read the records again.

        Raises:
            StorageError: they cannot be read; those read last stay in force.
        """
        loop = asyncio.get_running_loop()
        records = await loop.run_in_executor(self._thread, self._store.records)
        self._known = {
            record.digest: _known(record) for record in records if record.revoked_at is None
        }

    async def run(
        self,
        on_error: Callable[[StorageError], None],
        interval_seconds: float = REFRESH_SECONDS,
    ) -> None:
        """Refresh for ever; a read that fails is reported and tried again at the next turn."""
        while True:
            await asyncio.sleep(interval_seconds)
            try:
                await self.refresh()
            except StorageError as error:
                on_error(error)

    def close(self) -> None:
        """Let the reading thread go."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def require(grant: Grant, scope: Scope) -> None:
    """
    Check that *grant* carries *scope*.

    Raises:
        RefusedError: it does not.
    """
    if scope not in grant.scopes:
        message = f"The token lacks the scope '{scope}'; use one that carries it."
        raise RefusedError(Refusal.FORBIDDEN, message)


def _known(record: TokenRecord) -> _Known:
    grant = Grant(name=record.name, scopes=record.scopes, bots=record.bots)
    return _Known(digest=record.digest, grant=grant, expires_at=record.expires_at)


def _credential(header: str) -> str:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise _unauthenticated("Use the scheme Bearer: 'Authorization: Bearer bo_...'.")
    return token.strip()


def _unauthenticated(message: str) -> RefusedError:
    return RefusedError(Refusal.UNAUTHENTICATED, message)
