"""The tokens of an exporter: through its control socket when it runs, otherwise in its files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import msgspec

from ..model.errors import DirectoryLockedError, ExporterError, StorageError
from ..model.layout import StorageLayout
from ..model.ports import Clock
from ..service import tokens as service
from ..service.tokens import IssuedToken, TokenRequest, TokenView
from ..store.tokens import SqliteTokens
from .control import ControlClient, ControlRefusedError, NotRunningError
from .offline import owned

PATH = "/control/tokens"


class NoSuchTokenError(ExporterError):
    """No active token has that name."""


class TokenAccess(Protocol):
    """What can be done with tokens."""

    def create(self, request: TokenRequest) -> IssuedToken:
        """Return a new token and its secret."""
        ...

    def list(self) -> Sequence[TokenView]:
        """Return every token, revoked and expired ones included."""
        ...

    def revoke(self, name: str) -> None:
        """End the active token of that name."""
        ...


@contextmanager
def token_access(layout: StorageLayout, clock: Clock) -> Iterator[TokenAccess]:
    """
    Yield the way to the tokens of the exporter that keeps its files in *layout*.

    Raises:
        ExporterError: there is none.
    """
    client = ControlClient(layout.control_socket)
    try:
        client.request("GET", "/-/healthy")
    except NotRunningError:
        with _offline(layout, clock) as access:
            yield access
    else:
        yield Online(client)


class Online:
    """Asks the running exporter, which takes the change over at once."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    def create(self, request: TokenRequest) -> IssuedToken:
        """Return a new token and its secret."""
        body = msgspec.to_builtins(request)
        return msgspec.convert(self._client.request("POST", PATH, body), IssuedToken)

    def list(self) -> Sequence[TokenView]:
        """Return every token."""
        answer = self._client.request("GET", PATH)
        return msgspec.convert(answer, dict[str, list[TokenView]])["tokens"]

    def revoke(self, name: str) -> None:
        """End the active token of that name."""
        try:
            self._client.request("DELETE", f"{PATH}/{name}")
        except ControlRefusedError as error:
            raise NoSuchTokenError(f"token '{name}': {error}") from error


class Offline:
    """Works on the database of a stopped exporter."""

    def __init__(self, tokens: SqliteTokens, clock: Clock) -> None:
        self._tokens = tokens
        self._clock = clock

    def create(self, request: TokenRequest) -> IssuedToken:
        """Return a new token and its secret."""
        return service.issue(self._tokens, request, now=self._clock.wall())

    def list(self) -> Sequence[TokenView]:
        """Return every token."""
        return service.views(self._tokens, now=self._clock.wall())

    def revoke(self, name: str) -> None:
        """End the active token of that name."""
        if not self._tokens.revoke(name, at=self._clock.wall()):
            raise NoSuchTokenError(f"token '{name}': there is no active token of that name")


@contextmanager
def _offline(layout: StorageLayout, clock: Clock) -> Iterator[Offline]:
    try:
        with owned(layout.root):
            tokens = SqliteTokens(layout.operations)
            try:
                yield Offline(tokens, clock)
            finally:
                tokens.close()
    except DirectoryLockedError as error:
        message = f"{layout.root}: an exporter is starting or stopping there; try again in a moment"
        raise StorageError(message) from error
