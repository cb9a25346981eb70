"""What people read in the messages of receivers: which alert, which bot, and how it is."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .fakes import DEADMAN, MAIL, PAGERDUTY, SLACK, TELEGRAM, WEBHOOK, Body, Message

FIRING, RESOLVED = "firing", "resolved"
_TITLE = re.compile(r"\[(?P<status>FIRING|RESOLVED)(?::\d+)?\] (?P<alert>\w+)(?: (?P<bot>[\w-]+))?")
_TELEGRAM = re.compile(r"<b>(?P<status>🔥|✅)(?: \d+)? (?P<alert>\w+)(?: (?P<bot>[\w-]+))?")
_STATUS = {"FIRING": FIRING, "RESOLVED": RESOLVED, "🔥": FIRING, "✅": RESOLVED}


@dataclass(frozen=True, slots=True)
class Told:
    """One message, as a person understands it."""

    alert: str
    bot: str
    status: str
    message: Message


def told(messages: Iterable[Message]) -> list[Told]:
    """Return each message with what it says."""
    return [_READERS[message.kind](message) for message in messages]


def ack_links(message: Message) -> list[str]:
    """Return the links for acknowledgement in *message*, in their order, each once."""
    found = re.findall(r"https?://[\w.:/-]+/ack\?fp=[0-9a-f]+", message.text)
    return list(dict.fromkeys(found))


def _titled(pattern: re.Pattern[str], title: Callable[[Body], str]) -> Callable[[Message], Told]:
    def read(message: Message) -> Told:
        found = pattern.match(title(message.body))
        assert found, f"{message.kind}: {title(message.body)!r}"
        return Told(found["alert"], found["bot"] or "", _STATUS[found["status"]], message)

    return read


def _json(message: Message) -> Told:
    labels = message.body["commonLabels"]
    return Told(labels["alertname"], labels.get("bot", ""), message.body["status"], message)


_READERS: dict[str, Callable[[Message], Told]] = {
    PAGERDUTY: _titled(_TITLE, lambda body: body["payload"]["summary"]),
    SLACK: _titled(_TITLE, lambda body: body["attachments"][0]["title"]),
    MAIL: _titled(_TITLE, lambda body: body["subject"]),
    TELEGRAM: _titled(_TELEGRAM, lambda body: body["text"]),
    WEBHOOK: _json,
    DEADMAN: _json,
}
