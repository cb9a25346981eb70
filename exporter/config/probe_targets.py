"""What a check aims at: URLs and addresses, and the networks that an operator opened."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import urlsplit

from ..model.probing import ProbeKind
from .address import Address, parse_address

WEB = (ProbeKind.HTTP, ProbeKind.WEBHOOK)
DEFAULT_PORTS = {
    ProbeKind.DNS: 53,
    ProbeKind.REDIS: 6379,
    ProbeKind.POSTGRES: 5432,
    ProbeKind.TLS: 443,
}
SCHEME_PORTS = {"http": 80, "https": 443}

_URL_REMEDY = "write https://host/path or http://host:port/path"


@dataclass(frozen=True, slots=True)
class Allowed:
    """What an operator opened: networks, and hosts with a port."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    endpoints: frozenset[tuple[str, int]] = frozenset()


def parse_allowed(texts: tuple[str, ...]) -> Allowed:
    """
    Return the entries of an allow-list.

    Raises:
        ValueError: one is neither a network nor host:port.
    """
    networks, endpoints = [], set()
    for text in texts:
        try:
            networks.append(ip_network(text))
        except ValueError:
            try:
                address = named_address(text)
            except ValueError:
                message = "is neither a network nor host:port"
                raise ValueError(f"{text!r} {message}; write 10.0.0.0/8 or host:443") from None
            endpoints.add((address.host.lower(), address.port))
    return Allowed(tuple(networks), frozenset(endpoints))


def named_address(text: str, default_port: int = 0) -> Address:
    """
    Return host and port of *text*; the port may be left out where there is a usual one.

    Raises:
        ValueError: it is none; the message names the remedy.
    """
    bare = text.rpartition("]")[2] if text.startswith("[") else text
    if default_port and ":" not in bare:
        text = f"{text}:{default_port}"
    address = parse_address(text)
    if not address.host or not address.port:
        raise ValueError(f"{text!r} lacks the host or the port; write host:port")
    return address


def url_problem(text: str) -> str:
    """Return what is wrong with a URL of HTTP, nothing when it can be used."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in SCHEME_PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable, parts = False, urlsplit("")
    if not usable or not text.isprintable() or any(letter in text for letter in " \\"):
        return f"is no URL; {_URL_REMEDY}"
    if parts.username is not None or parts.password is not None:
        return "holds a user or password; put them into header_files"
    return ""


def target_problem(kind: ProbeKind, text: str) -> str:
    """Return what is wrong with *text* as a target of a *kind* of check."""
    if kind in WEB:
        return url_problem(text)
    try:
        named_address(text, DEFAULT_PORTS.get(kind, 0))
    except ValueError as error:
        return str(error).removeprefix(f"{text!r} ")
    return ""
