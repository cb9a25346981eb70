"""What a check needs around it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

import msgspec

from exporter.config.probe_targets import Allowed
from exporter.config.probes import Check, Module, Probes
from exporter.probes.attempt import Attempts
from exporter.probes.build import Workshop
from exporter.probes.names import NameResolver
from exporter.probes.outcome import Outcome
from exporter.probes.webhook import Callbacks, WayBack

LOOPBACK = Allowed(networks=(ip_network("127.0.0.0/8"), ip_network("::1/128")))


class SystemTime:
    """The clock of this machine."""

    def wall(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass
class Lines:
    """A logger that keeps its lines."""

    lines: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    told: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def info(self, event: str, **fields: object) -> None:
        self.told.append((event, fields))

    def error(self, event: str, **fields: object) -> None:
        self.lines.append((event, fields))


def check_of(**settings: Any) -> Check:  # noqa: ANN401 - as written in YAML
    """Return the check that *settings*, as in the configuration, describe."""
    return msgspec.convert({"name": "it", **settings}, Check)


def module_of(**settings: Any) -> Module:  # noqa: ANN401 - as written in YAML
    """Return the module that *settings*, as in the configuration, describe."""
    return msgspec.convert(settings, Module)


def probes_of(*checks: Check, **settings: Any) -> Probes:  # noqa: ANN401 - as written in YAML
    """Return a section with *checks*."""
    return msgspec.structs.replace(msgspec.convert(settings, Probes), checks=checks)


def workshop(
    *,
    files: Mapping[str, str] | None = None,
    allowed: Allowed | None = None,
    resolver: NameResolver | None = None,
    seen: Mapping[tuple[str, str], float] | None = None,
    back: WayBack | None = None,
) -> Workshop:
    """Return a workshop on this machine."""
    known = seen or {}
    return Workshop(
        resolver=resolver or NameResolver(),
        clock=SystemTime(),
        last_seen=lambda bot, event: known.get((bot, event)),
        back=back or WayBack("http://127.0.0.1:1", Callbacks()),
        allowed=allowed or Allowed(),
        files=files or {},
    )


async def run(check: Check, shop: Workshop | None = None) -> Outcome:
    """Return the outcome of one run of *check*."""
    attempts = Attempts(clock=SystemTime(), log=Lines())
    probe = (shop or workshop()).check(check)
    return await attempts.make(probe, timeout_seconds=check.timeout_seconds)
