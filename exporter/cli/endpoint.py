"""An HTTP address somebody typed, and connections to it: no proxy, no redirect, no surprise."""

import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK = frozenset(("127.0.0.1", "::1", "localhost"))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask; *target* is the path with the query."""

    is_tls: bool
    host: str
    port: int | None
    target: str

    @property
    def exposes_secrets(self) -> bool:
        """Return whether others could read along: plain HTTP that leaves this machine."""
        return not self.is_tls and self.host not in LOOPBACK

    def connect(self, timeout_seconds: float) -> http.client.HTTPConnection:
        """Return a connection that opens with its first request."""
        kind = http.client.HTTPSConnection if self.is_tls else http.client.HTTPConnection
        return kind(self.host, self.port, timeout=timeout_seconds)


def parse_endpoint(url: str) -> Endpoint:
    """
    Return where *url* leads.

    Raises:
        ValueError: it is no URL of HTTP, or it holds a password.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable():
        raise ValueError("write the URL as http://HOST:PORT/PATH or https://HOST/PATH")
    if " " in url or not url.isascii():
        raise ValueError("the URL holds a space or a letter beyond ASCII; write it encoded")
    if parts.username is not None:
        # Arguments are visible to every user of the machine.
        raise ValueError("the URL holds a user; passwords do not belong into arguments")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Endpoint(parts.scheme == "https", parts.hostname, parts.port, target)
