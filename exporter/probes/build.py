"""Settings -> something that can be asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..config.probe_targets import DEFAULT_PORTS, Allowed, named_address
from ..config.probes import Check, Module
from ..model.ports import Clock
from ..model.probing import ProbeKind, ProbeReason
from .conversation import ConversationProbe, trusted_endpoints
from .dialing import Network
from .dns import DnsProbe
from .heartbeat import HeartbeatProbe, LastSeen
from .http import HttpProbe, first_request, parse_url
from .http_hop import Exchange, endpoint_of
from .kinds import Probe
from .names import NameResolver
from .outcome import FailedError
from .policy import AddressPolicy, Endpoint
from .postgres import PostgresProbe
from .redis import RedisProbe
from .tcp import TcpProbe, TlsProbe
from .webhook import WayBack, WebhookProbe


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """
    What checks are made of.

    Args:
        resolver: Looks names up.
        clock: Tells the time.
        last_seen: Tells when a bot was last heard of.
        back: Where bots answer to.
        allowed: What targets from elsewhere may reach though it is private.
        files: The texts of the files that settings name.
    """

    resolver: NameResolver
    clock: Clock
    last_seen: LastSeen
    back: WayBack
    allowed: Allowed = field(default_factory=Allowed)
    files: Mapping[str, str] = field(default_factory=dict, repr=False)

    def check(self, check: Check) -> Probe:
        """
        Return the probe of a configured check; its own target is trusted.

        Raises:
            FailedError: it cannot be made; the message says why.
        """
        kind = check.kinds[0]
        if check.heartbeat is not None:
            return HeartbeatProbe(
                check.bot or "",
                check.heartbeat,
                last_seen=self.last_seen,
                clock=self.clock,
            )
        if check.conversation is not None:
            steps = check.conversation.steps
            exchange = Exchange(self._network(trusted_endpoints(steps)))
            return ConversationProbe(steps, files=self.files, exchange=exchange)
        target = self.files[check.target_file] if check.target_file else check.target
        network = self._network(frozenset({endpoint_in(kind, target)}))
        if check.webhook is not None:
            request = first_request(target, check.webhook, self.files)
            exchange = Exchange(network)
            return WebhookProbe(request, check.webhook, exchange=exchange, back=self.back)
        return self._plain(check, target, network)

    def module(self, module: Module, target: str) -> Probe:
        """
        Return the probe of a *target* that somebody asked for; only what is opened is reached.

        Raises:
            FailedError: it cannot be made; the message says why.
        """
        return self._plain(module, target, self._network(frozenset()))

    def _network(self, trusted: frozenset[Endpoint]) -> Network:
        policy = AddressPolicy(allowed=self.allowed, trusted=trusted)
        return Network(self.resolver, policy, self.clock)

    def _plain(self, module: Module, target: str, network: Network) -> Probe:
        if module.http is not None:
            exchange = Exchange(network)
            return HttpProbe(target, module.http, files=self.files, exchange=exchange)
        endpoint = endpoint_in(module.kinds[0], target)
        if module.tcp is not None:
            return TcpProbe(endpoint, module.tcp, network)
        if module.tls is not None:
            return TlsProbe(endpoint, module.tls, network)
        if module.dns is not None:
            return DnsProbe(endpoint, module.dns, network)
        return self._database(module, endpoint, network)

    def _database(self, module: Module, endpoint: Endpoint, network: Network) -> Probe:
        settings = module.redis or module.postgres
        if settings is None:
            raise FailedError(ProbeReason.INTERNAL, "no kind of check is given")
        password = self.files[settings.password_file] if settings.password_file else ""
        if module.redis is not None:
            return RedisProbe(endpoint, module.redis, password=password, network=network)
        assert module.postgres is not None  # noqa: S101 - one of the two is there
        return PostgresProbe(endpoint, module.postgres, password=password, network=network)

    def allowing(self, allowed: Allowed, files: Mapping[str, str]) -> "Workshop":
        """Return the same with another allow-list and other files."""
        return replace(self, allowed=allowed, files=files)


def endpoint_in(kind: ProbeKind, target: str) -> Endpoint:
    """
    Return host and port in *target*.

    Raises:
        FailedError: there are none.
    """
    if kind in (ProbeKind.HTTP, ProbeKind.WEBHOOK):
        return endpoint_of(parse_url(target))
    try:
        address = named_address(target, DEFAULT_PORTS.get(kind, 0))
    except ValueError:
        message = "the target is no host:port"
        raise FailedError(ProbeReason.ADDRESS_REFUSED, message) from None
    return address.host.lower(), address.port
