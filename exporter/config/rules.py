"""What must hold between the values of a configuration, beyond their shape."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..catalog.remedies import Finding, closest
from .address import Address, parse_address
from .maintenance import window_findings
from .model import Config
from .probe_rules import probe_findings
from .rules_alerting import alerting_findings

Rule = Callable[[Config], Iterator[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The events, labels and metrics that exist, own ones included."""

    events: frozenset[str]
    labels: frozenset[str]
    metrics: frozenset[str]


def findings(config: Config, names: Names) -> Iterator[Finding]:
    """Yield every contradiction in *config*."""
    for rule in _RULES:
        yield from rule(config)
    yield from _limits(config, names)
    yield from alerting_findings(config, names.events)
    bots = [bot.name for bot in config.bots]
    yield from probe_findings(config.probes, bots=bots, events=names.events)


def _addresses(config: Config) -> Iterator[Finding]:
    listeners = {"ingest": config.ingest.listen_address, "web": config.web.listen_address}
    parsed: dict[str, Address] = {}
    for section, text in listeners.items():
        try:
            parsed[section] = parse_address(text)
        except ValueError as error:
            yield (section, "listen_address"), str(error)
    if len(parsed) == len(listeners) and parsed["ingest"].overlaps(parsed["web"]):
        message = "both listeners share this port; write another one here"
        yield ("web", "listen_address"), f"{message} or in ingest.listen_address"


def _external_url(config: Config) -> Iterator[Finding]:
    url = config.web.external_url
    if not url:
        return
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable or not url.isprintable() or " " in url:
        yield ("web", "external_url"), f"{url!r} is no URL; write https://host or http://host:port"


def _ingest(config: Config) -> Iterator[Finding]:
    ingest = config.ingest
    if ingest.header_timeout_seconds > ingest.body_timeout_seconds:
        message = "is longer than ingest.body_timeout_seconds, which covers the whole request"
        yield ("ingest", "header_timeout_seconds"), f"{message}; shorten it"
    if ingest.queue_bytes < ingest.max_body_bytes:
        message = f"is below ingest.max_body_bytes ({ingest.max_body_bytes})"
        yield ("ingest", "queue_bytes"), f"{message}: such a request would never fit; raise it"
    if ingest.rate_limit.burst < ingest.max_events:
        message = f"is below ingest.max_events ({ingest.max_events})"
        yield (
            ("ingest", "rate_limit", "burst"),
            f"{message}: a full request would always be refused; raise it",
        )


def _log(config: Config) -> Iterator[Finding]:
    if config.log.max_bytes < 2 * config.log.segment_bytes:
        needed = 2 * config.log.segment_bytes
        message = f"has no room for two segments of log.segment_bytes; write at least {needed}"
        yield ("log", "max_bytes"), message


def _dedupe(config: Config) -> Iterator[Finding]:
    # A retry of the oldest event that is still taken must meet its first arrival.
    needed = config.ingest.max_age_seconds + config.ingest.clock_skew_seconds
    if config.dedupe.retention_seconds < needed:
        message = "is shorter than ingest.max_age_seconds + ingest.clock_skew_seconds"
        remedy = f"a late retry would count twice; write at least {needed:g}"
        yield ("dedupe", "retention_seconds"), f"{message}: {remedy}"


def _conversations(config: Config) -> Iterator[Finding]:
    times = config.conversations
    if times.turn_timeout_seconds > times.late_seconds:
        message = "is longer than conversations.late_seconds: answers in time would be too late"
        yield ("conversations", "turn_timeout_seconds"), f"{message}; shorten it"


def _bots(config: Config) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for index, bot in enumerate(config.bots):
        if bot.name in seen:
            message = f"{bot.name!r} is listed already as bots[{seen[bot.name]}]; merge the two"
            yield ("bots", index, "name"), message
        seen.setdefault(bot.name, index)
        for platform, count in Counter(bot.platforms).items():
            if count > 1:
                yield ("bots", index, "platforms"), f"{platform!r} is there twice; remove one"
    if len(seen) > config.limits.bots:
        message = f"{len(seen)} bots are listed but limits.bots is {config.limits.bots}"
        yield ("bots",), f"{message}; raise that limit"


def _maintenance(config: Config) -> Iterator[Finding]:
    return window_findings(config.maintenance, [bot.name for bot in config.bots])


def _namespaces(config: Config) -> Iterator[Finding]:
    owner: dict[str, str] = {}
    for name, bots in config.privacy.shared_namespaces.items():
        for index, bot in enumerate(bots):
            if bot in owner:
                message = f"{bot!r} is in the namespace {owner[bot]!r} already; remove one"
                yield ("privacy", "shared_namespaces", name, index), message
            owner.setdefault(bot, name)


def _files(config: Config) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, file in enumerate(config.catalog.files):
        if not file:
            yield ("catalog", "files", index), "the name is empty; name a file or remove the entry"
        elif file in seen:
            yield ("catalog", "files", index), f"{file!r} is there twice; remove one"
        seen.add(file)


def _texts(config: Config) -> Iterator[Finding]:
    named: list[Finding] = [
        (("storage", "path"), config.storage.path),
        (("web", "config_file"), config.web.config_file),
        (("privacy", "key_file"), config.privacy.key_file),
        *((("catalog", "files", i), file) for i, file in enumerate(config.catalog.files)),
        (("deadman", "webhook_url_file"), config.deadman.webhook_url_file),
        (("digest", "webhook_url_file"), config.digest.webhook_url_file),
        (("digest", "secret_file"), config.digest.secret_file),
        (("smtp", "password_file"), config.smtp.password_file),
    ]
    for path, text in named:
        if "\0" in text:
            yield path, "no file name holds a zero character; remove it"


def _limits(config: Config, names: Names) -> Iterator[Finding]:
    for label in config.limits.labels:
        if label == "bot":
            message = "bots have a limit of their own; set limits.bots instead"
            yield ("limits", "labels", label), message
        elif label not in names.labels:
            message = f"there is no such label; {closest(label, sorted(names.labels))}"
            yield ("limits", "labels", label), message
    for metric in config.limits.metrics:
        if metric not in names.metrics:
            message = f"there is no such metric; {closest(metric, sorted(names.metrics))}"
            yield ("limits", "metrics", metric), message


_RULES: tuple[Rule, ...] = (
    _addresses,
    _external_url,
    _ingest,
    _log,
    _dedupe,
    _conversations,
    _bots,
    _maintenance,
    _namespaces,
    _files,
    _texts,
)
