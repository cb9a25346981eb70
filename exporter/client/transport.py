"""One connection that stays open, and one request on it at a time."""

import http.client
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from .endpoint import Endpoint
from .token import Token

LARGEST_ANSWER = 1024 * 1024
# Servers and balancers close what is idle; a request must not be the one to find out.
LONGEST_IDLE_SECONDS = 20.0

FAILURES = (OSError, http.client.HTTPException)

_FORGOTTEN: list[http.client.HTTPConnection] = []


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said."""

    status: int
    body: bytes
    retry_after: str | None


@dataclass(frozen=True, slots=True)
class Package:
    """The bytes of a batch as they go over the wire, the same at every attempt."""

    body: bytes
    is_packed: bool


class Transport:
    """Posts to the exporter; only one thread may use it."""

    def __init__(
        self,
        endpoint: Endpoint,
        token: Token,
        connection: http.client.HTTPConnection,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.endpoint = endpoint
        self.token = token
        self._connection = connection
        self._monotonic = monotonic
        self._used_at = monotonic()

    def post(self, package: Package) -> Answer:
        """
        Return the answer to one attempt.

        Raises:
            OSError, HTTPException: there was none, or not all of it; see `FAILURES`.
        """
        headers = {
            "Content-Type": "application/x-ndjson",
            "User-Agent": "bot-exporter-client",
            **({"Content-Encoding": "gzip"} if package.is_packed else {}),
            **self.token.header(),
        }
        if self._monotonic() - self._used_at > LONGEST_IDLE_SECONDS:
            self.close()
        try:
            answer = self._exchange(package.body, headers)
        except BaseException:
            # Whatever it is, the connection is between two messages.
            self.close()
            raise
        self._used_at = self._monotonic()
        return answer

    def close(self) -> None:
        """Close the connection; the next request opens it again."""
        self._connection.close()

    def forget(self) -> None:
        """
        Let go of the parent's connection in a forked child.

        The descriptor is closed. The objects on top of it are kept for good: the parent's thread
        may have held their locks at the fork, and to free them would wait for it forever.
        """
        if self._connection.sock is not None:
            os.close(self._connection.sock.detach())
        _FORGOTTEN.append(self._connection)

    def _exchange(self, body: bytes, headers: dict[str, str]) -> Answer:
        self._connection.request("POST", self.endpoint.target, body=body, headers=headers)
        response = self._connection.getresponse()
        content = response.read(LARGEST_ANSWER)
        if response.length:
            # Cut off, or far too long to be ours: either way not an answer to rely on.
            raise http.client.IncompleteRead(content, response.length)
        if not response.isclosed():
            response.close()
            self.close()
        return Answer(response.status, content, response.headers.get("Retry-After"))
