"""What must hold between the settings of alerting: addresses, zones, and who needs whom."""

from collections.abc import Collection, Iterator
from datetime import UTC, tzinfo
from ipaddress import ip_address
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..catalog.remedies import Finding, closest
from .address import Address, parse_address
from .model import Config

# Each told event is a row that is written twice; these would be most of what bots send.
EVERYDAY = frozenset(
    (
        "message_received",
        "message_sent",
        "intent_detected",
        "llm_call",
        "action",
        "conversation_started",
        "sentiment",
        "integration_call",
        "heartbeat",
        "queue",
    )
)


def zone(name: str) -> tzinfo:
    """
    Return the time zone *name*.

    Raises:
        ValueError: this machine knows none of that name.
    """
    if name == "UTC":  # Known even where the data of zones is not installed.
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"{name!r} is no time zone known here; write one such as Europe/Berlin or UTC"
        raise ValueError(message) from None


def is_url(text: str) -> bool:
    """Return whether *text* is a URL of HTTP that can be sent as it is."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return usable and text.isascii() and text.isprintable() and " " not in text


def mail_server(text: str) -> Address:
    """
    Return host and port of a mail server.

    Raises:
        ValueError: one of them is missing.
    """
    address = parse_address(text)
    if not address.host or not address.port:
        raise ValueError(f"{text!r} lacks the host or the port; write mail.example.org:587")
    return address


def alerting_findings(config: Config, events: Collection[str]) -> Iterator[Finding]:
    """Yield every contradiction; *events* are the types there are."""
    yield from _deadman(config)
    yield from _digest(config)
    yield from _smtp(config)
    yield from _notifications(config, events)


def _deadman(config: Config) -> Iterator[Finding]:
    if config.deadman.url and not is_url(config.deadman.url):
        yield ("deadman", "url"), f"{config.deadman.url!r} is no URL; write https://host/path"


def _digest(config: Config) -> Iterator[Finding]:
    try:
        zone(config.digest.zone)
    except ValueError as error:
        yield ("digest", "zone"), str(error)


def _smtp(config: Config) -> Iterator[Finding]:
    smtp = config.smtp
    for section, to in (("deadman", config.deadman.email_to), ("digest", config.digest.email_to)):
        if to and not smtp.smarthost:
            yield (section, "email_to"), "there is no mail server; set smtp.smarthost"
    if not smtp.smarthost:
        return
    try:
        host = mail_server(smtp.smarthost).host
    except ValueError as error:
        yield ("smtp", "smarthost"), str(error)
    else:
        if smtp.tls == "none" and not _is_local(host):
            message = "mail would leave this machine unencrypted; write starttls or implicit"
            yield ("smtp", "tls"), message
    if "@" not in smtp.sender or any(letter in smtp.sender for letter in "\r\n<>, "):
        message = f"{smtp.sender!r} is no address; write one such as bots@example.org"
        yield ("smtp", "sender"), message
    if bool(smtp.username) is not bool(smtp.password_file):
        yield ("smtp", "username"), "AUTH needs username and password_file; set both or neither"


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _notifications(config: Config, events: Collection[str]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, entry in enumerate(config.notifications):
        if entry.name in seen:
            message = f"{entry.name!r} is there twice; choose another name"
            yield ("notifications", index, "name"), message
        seen.add(entry.name)
        for place, event in enumerate(entry.events):
            if event not in events:
                message = f"there is no such event type; {closest(event, sorted(events))}"
                yield ("notifications", index, "events", place), message
            elif event in EVERYDAY:
                message = f"{event!r} comes with every conversation; nobody reads that many"
                yield ("notifications", index, "events", place), f"{message}; use its metrics"
