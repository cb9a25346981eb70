"""Where a listener binds: ``127.0.0.1:10350``, ``:10350`` (every interface) or ``[::1]:10350``."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

HIGHEST_PORT = 65_535

_FORM = re.compile(r"(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9._-]{0,253})):([0-9]{1,5})")
_DIGITS = re.compile(r"[0-9.]+")


@dataclass(frozen=True, slots=True)
class Address:
    """A host (empty: every interface) and a port (0: any free one)."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return the form people write."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def overlaps(self, other: "Address") -> bool:
        """Return whether both cannot be listened on at once."""
        everywhere = {"", "0.0.0.0", "::"}  # noqa: S104  # Compared, not bound.
        hosts = {self.host, other.host}
        return self.port == other.port != 0 and (len(hosts) == 1 or bool(hosts & everywhere))


def parse_address(text: str) -> Address:
    """
    Return the address written as ``host:port``.

    Raises:
        ValueError: it is none; the message names the remedy.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no address; write host:port, :port or [IPv6]:port")
    inner, host, port = match[1], match[2], int(match[3])
    if port > HIGHEST_PORT:
        raise ValueError(f"the port {port} does not exist; write 1 to {HIGHEST_PORT}")
    try:
        if inner is not None:
            return Address(str(IPv6Address(inner)), port)
        return Address(str(IPv4Address(host)) if _DIGITS.fullmatch(host) else host, port)
    except ValueError as error:
        raise ValueError(f"{text!r} is no address: {error}; correct the IP address") from None
