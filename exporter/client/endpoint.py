"""Where events go."""

import http.client
import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

EVENTS_PATH = "/v1/events"
_CONNECTIONS = ("http", "https")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Host, port and path of the ingest listener."""

    host: str
    port: int | None
    target: str
    is_encrypted: bool

    def __str__(self) -> str:
        """Return the URL."""
        scheme = "https" if self.is_encrypted else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port else ""
        return f"{scheme}://{host}{port}{self.target}"

    @property
    def exposes_secrets(self) -> bool:
        """Return whether a token would leave this machine unencrypted."""
        return not self.is_encrypted and not _is_loopback(self.host)

    def connect(
        self, timeout_seconds: float, context: ssl.SSLContext | None
    ) -> http.client.HTTPConnection:
        """Return a connection that opens itself with the first request."""
        if not self.is_encrypted:
            return http.client.HTTPConnection(self.host, self.port, timeout=timeout_seconds)
        return http.client.HTTPSConnection(
            self.host,
            self.port,
            timeout=timeout_seconds,
            context=context or ssl.create_default_context(),
        )


def parse_endpoint(url: str) -> Endpoint:
    """
    Return where *url* leads; the path of the events is added where it lacks.

    Raises:
        ValueError: it is no URL of an exporter. The message does not repeat it: it may hold a
            password.
    """
    parts = urlsplit(url)
    if parts.scheme not in _CONNECTIONS or not parts.hostname:
        raise ValueError("url: write it like http://127.0.0.1:10350")
    if parts.username is not None or parts.password is not None:
        raise ValueError("url: holds a user or password; use token= or token_file= instead")
    if parts.query or parts.fragment:
        raise ValueError("url: leave out what follows the path")
    path = parts.path.rstrip("/")
    target = path if path.endswith(EVENTS_PATH) else path + EVENTS_PATH
    if not target.isascii() or not target.isprintable() or " " in target:
        raise ValueError("url: the path holds characters that must be percent-encoded")
    return Endpoint(parts.hostname, parts.port, target, parts.scheme == "https")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
