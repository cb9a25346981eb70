"""
Which addresses a check may connect to.

What the operator wrote down is allowed; everything else - targets of ``/probe``, redirects,
values carried between steps - must not reach private and special networks. Metadata services and
link-local addresses are never reached. The judge of an address is its number, at the moment of
the connection: names, odd spellings and answers of name servers that change decide nothing.
"""

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from ..config.probe_targets import Allowed
from ..model.probing import ProbeReason
from .outcome import FailedError

IPAddress = IPv4Address | IPv6Address
Endpoint = tuple[str, int]

# Link-local, and where clouds keep credentials: AWS, Alibaba, Azure, Oracle.
NEVER = tuple(
    ip_network(text)
    for text in (
        "169.254.0.0/16",
        "fe80::/10",
        "fd00:ec2::254/128",
        "100.100.100.200/32",
        "168.63.129.16/32",
        "192.0.0.192/32",
    )
)
# `is_global` of the standard library knows not all of them.
SPECIAL = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
)
PUBLIC_IPV6 = IPv6Network("2000::/3")  # Everything outside it is special, whatever comes.
# IPv6 addresses that lead to the IPv4 address in their last 32 bits.
TAILS = tuple(
    IPv6Network(text) for text in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")
)


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """
    Judges addresses.

    Args:
        allowed: What the operator opened for targets from elsewhere.
        trusted: Hosts and ports the operator wrote down for this check.
    """

    allowed: Allowed = field(default_factory=Allowed)
    trusted: frozenset[Endpoint] = frozenset()

    def check(self, endpoint: Endpoint, address: str) -> None:
        """
        Return when *address*, found for *endpoint* as it was written, may be connected to.

        Raises:
            FailedError: it may not; the message does not tell what it leads to.
        """
        if not self.permits(endpoint, address):
            message = "the target leads to an address that is not allowed; see probes.allow"
            raise FailedError(ProbeReason.ADDRESS_REFUSED, message)

    def permits(self, endpoint: Endpoint, address: str) -> bool:
        """Return whether *address* may be connected to."""
        try:
            found = ip_address(address)
        except ValueError:
            return False
        same = _same(found)
        if any(_within(one, NEVER) for one in same):
            return False
        host, port = endpoint
        named = (host.lower(), port)
        if named in self.trusted or named in self.allowed.endpoints:
            return True
        if any(_within(one, self.allowed.networks) for one in same):
            return True
        return not any(_is_special(one) for one in same)


def _same(address: IPAddress) -> tuple[IPAddress, ...]:
    """Return the address and those that packets to it end up at."""
    if isinstance(address, IPv4Address):
        return (address,)
    inner: list[IPAddress] = [address]
    if any(address in network for network in TAILS):
        inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    if address.sixtofour is not None:
        inner.append(address.sixtofour)
    if address.teredo is not None:
        inner += address.teredo
    return tuple(inner)


def _within(address: IPAddress, networks: tuple[object, ...]) -> bool:
    return any(
        address in network  # type: ignore[operator]  # A tuple of networks of either version.
        for network in networks
        if getattr(network, "version", 0) == address.version
    )


def _is_special(address: IPAddress) -> bool:
    if isinstance(address, IPv6Address) and address not in PUBLIC_IPV6:
        return True
    return _within(address, SPECIAL)
