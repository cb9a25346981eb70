"""Issuing and describing tokens, by the control socket and by the offline command alike."""

import re
from collections.abc import Sequence
from typing import Annotated

import msgspec

from ..config.kinds import BOT_NAME
from ..ingest.auth import digest, new_token
from ..model.access import Scope
from ..model.errors import ExporterError
from ..model.ports import TokenRecord, TokenStore

MOST_BOTS = 1000
LONGEST_LIFE_SECONDS = 100 * 366 * 86_400.0
NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
NAME_RULE = "letters, digits, '_', '.' and '-', at most 64, the first a letter or digit"


class TokenNameTakenError(ExporterError):
    """An active token of that name exists."""


class TokenRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a new token is to be; no bots means every bot, no lifetime means for ever."""

    name: Annotated[str, msgspec.Meta(max_length=64)]
    scopes: tuple[Scope, ...] = (Scope.INGEST,)
    bots: Annotated[tuple[str, ...], msgspec.Meta(max_length=MOST_BOTS)] = ()
    lifetime_seconds: Annotated[float, msgspec.Meta(gt=0, le=LONGEST_LIFE_SECONDS)] | None = None

    def __post_init__(self) -> None:
        """Refuse names that would not survive a URL, a terminal or a log."""
        require_name(self.name)
        if not self.scopes:
            raise ValueError("a token without scopes allows nothing; give it at least one")
        for bot in self.bots:
            require_bot(bot)


class TokenView(msgspec.Struct, frozen=True, kw_only=True):
    """What may be shown of a token."""

    name: str
    scopes: tuple[str, ...]
    bots: tuple[str, ...]
    created_at: float
    expires_at: float | None
    state: str


class IssuedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A new token and its secret, which is shown this once."""

    token: str
    view: TokenView


def require_name(name: str) -> str:
    """
    Return *name*.

    Raises:
        ValueError: it is no name of a token.
    """
    if not re.fullmatch(NAME, name):
        raise ValueError(f"{name!r} is no name of a token; use {NAME_RULE}")
    return name


def require_bot(name: str) -> str:
    """
    Return *name*.

    Raises:
        ValueError: it cannot be the name of a bot.
    """
    if not re.fullmatch(BOT_NAME, name):
        raise ValueError(f"{name!r} is no name of a bot; write it as in its events")
    return name


def issue(tokens: TokenStore, request: TokenRequest, *, now: float) -> IssuedToken:
    """
    Store a new token and return its secret.

    Raises:
        TokenNameTakenError: an active token has that name.
        StorageError: it could not be stored.
    """
    active = (record for record in tokens.records() if record.revoked_at is None)
    if any(record.name == request.name for record in active):
        message = f"token '{request.name}' exists already; revoke it or choose another name"
        raise TokenNameTakenError(message)
    secret = new_token()
    lifetime = request.lifetime_seconds
    record = TokenRecord(
        name=request.name,
        digest=digest(secret),
        scopes=frozenset(request.scopes),
        bots=frozenset(request.bots),
        created_at=now,
        expires_at=None if lifetime is None else now + lifetime,
    )
    tokens.add(record)
    return IssuedToken(token=secret, view=view(record, now=now))


def views(tokens: TokenStore, *, now: float) -> Sequence[TokenView]:
    """Return every token, oldest first, revoked and expired ones included."""
    return [view(record, now=now) for record in tokens.records()]


def view(record: TokenRecord, *, now: float) -> TokenView:
    """Return what may be shown of *record*: everything but the digest."""
    return TokenView(
        name=record.name,
        scopes=tuple(sorted(record.scopes)),
        bots=tuple(sorted(record.bots)),
        created_at=record.created_at,
        expires_at=record.expires_at,
        state=_state(record, now),
    )


def _state(record: TokenRecord, now: float) -> str:
    if record.revoked_at is not None:
        return "revoked"
    if record.expires_at is not None and record.expires_at <= now:
        return "expired"
    return "active"
