"""
Receivers on loopback, as strict as the real ones: PagerDuty, Slack, Telegram, webhooks, SMTP.

Each keeps what it was sent, and refuses what the vendor's documentation says it refuses.
"""

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from tests.support.ports import free_ports

PAGERDUTY, SLACK, TELEGRAM, WEBHOOK, MAIL = "pagerduty", "slack", "telegram", "webhook", "mail"
DEADMAN, EXPORTER = "deadman", "exporter"
# https://developer.pagerduty.com/docs/send-alert-event: summary is cut at 1,024 characters.
PAGERDUTY_SUMMARY = 1024
# https://core.telegram.org/bots/api#sendmessage: 1-4096 characters after entities parsing.
TELEGRAM_TEXT = 4096
TELEGRAM_TAGS = frozenset({"b", "strong", "i", "em", "u", "s", "a", "code", "pre", "blockquote"})
# https://api.slack.com/reference/surfaces/formatting: a < opens a link or a mention.
SLACK_LINK = re.compile(r"<https?://[^\s<>|]+(\|[^<>|\n]*)?>")
HEADERS = frozenset(
    {
        "content-type",
        "date",
        "from",
        "in-reply-to",
        "message-id",
        "mime-version",
        "references",
        "subject",
        "to",
    }
)
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """What one receiver was sent: parsed, and when."""

    kind: str
    body: Body
    at: float
    authorization: str = ""

    @property
    def text(self) -> str:
        """Return all of it as text."""
        return json.dumps(self.body, ensure_ascii=False)


class RefusedMessageError(Exception):
    """A receiver does not take it, as the vendor would not."""


@dataclass
class Fakes:
    """All of them on one port, mail on another; use it as a context."""

    username: str = "alerts"
    password: str = "p4ss"
    messages: list[Message] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    failing: Counter[str] = field(default_factory=Counter)

    def __enter__(self) -> Self:
        """Open both ports."""
        self._lock = threading.Lock()
        self._http = _Server(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        # Go's mail client cannot answer the prompts of aiosmtpd's LOGIN.
        self._mail = Controller(
            _Mail(self),
            hostname="127.0.0.1",
            port=free_ports(1)[0],
            authenticator=self._knows,
            auth_required=True,
            auth_require_tls=False,
            auth_exclude_mechanism=["LOGIN"],
        )
        self._mail.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close both."""
        self._http.shutdown()
        self._http.server_close()
        self._mail.stop()

    @property
    def address(self) -> str:
        """Return host and port of all but mail."""
        return f"127.0.0.1:{self._http.server_address[1]}"

    @property
    def mail_address(self) -> str:
        """Return host and port of the mail server."""
        return f"127.0.0.1:{self._mail.port}"

    def of(self, kind: str) -> list[Message]:
        """Return what *kind* was sent so far."""
        with self._lock:
            return [message for message in self.messages if message.kind == kind]

    def fail(self, kind: str, times: int) -> None:
        """Let *kind* answer 500 that many times."""
        with self._lock:
            self.failing[kind] = times

    def is_failing(self, kind: str) -> bool:
        """Tell whether *kind* fails this time."""
        with self._lock:
            fails = self.failing[kind] > 0
            self.failing[kind] -= fails
            return fails

    def take(self, kind: str, check: Callable[[], Body], authorization: str = "") -> int:
        """Keep a message and return the status to answer with."""
        if self.is_failing(kind):
            return 500
        with self._lock:
            try:
                body = check()
            except (RefusedMessageError, KeyError, ValueError) as error:
                self.refused.append((kind, repr(error)))
                return 400
            self.messages.append(Message(kind, body, time.monotonic(), authorization))
            return 200

    def _knows(
        self, _server: object, _session: object, _envelope: object, _mechanism: str, data: object
    ) -> AuthResult:
        is_known = isinstance(data, LoginPassword) and (data.login, data.password) == (
            self.username.encode(),
            self.password.encode(),
        )
        return AuthResult(success=is_known)


def pagerduty(body: bytes) -> Body:
    """Return an event of the Events API v2, or refuse it."""
    event: Body = json.loads(body)
    if event["event_action"] not in ("trigger", "resolve") or not event["routing_key"]:
        raise RefusedMessageError("event_action or routing_key")
    if event["event_action"] == "trigger":
        summary = event["payload"]["summary"]
        if not 0 < len(summary) <= PAGERDUTY_SUMMARY or not event["payload"]["source"]:
            raise RefusedMessageError("summary or source")
        if any(not link["href"].startswith("http") for link in event.get("links", [])):
            raise RefusedMessageError("a link without an address")
    return event


def slack(body: bytes) -> Body:
    """Return a message for an incoming webhook, or refuse it."""
    message: Body = json.loads(body)
    for attachment in message["attachments"]:
        for part in (attachment["title"], attachment["text"], attachment["fallback"]):
            if "<" in SLACK_LINK.sub("", part) or ">" in SLACK_LINK.sub("", part):
                raise RefusedMessageError(f"an unescaped < or > in {part!r}")
    return message


def telegram(body: bytes) -> Body:
    """Return a message for sendMessage, or refuse it as Telegram does."""
    message: Body = json.loads(body)
    parser = _Entities()
    parser.feed(message["text"])
    parser.close()
    if parser.open:
        raise RefusedMessageError(f"can't parse entities: {parser.open} is not closed")
    if not 0 < len(parser.plain.strip()) <= TELEGRAM_TEXT:
        raise RefusedMessageError(f"message text has {len(parser.plain)} characters")
    return message


class _Entities(HTMLParser):
    """Reads the HTML that Telegram knows, and no other."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.plain = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TELEGRAM_TAGS:
            raise RefusedMessageError(f"can't parse entities: unsupported start tag {tag}")
        href = dict(attrs).get("href")
        if tag == "a" and not (href or "").startswith(("http://", "https://")):
            raise RefusedMessageError(f"a link to {href!r}")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise RefusedMessageError(f"can't parse entities: unexpected end tag {tag}")

    def handle_data(self, data: str) -> None:
        self.plain += data

    def handle_comment(self, data: str) -> None:
        raise RefusedMessageError(f"can't parse entities: a comment {data!r}")

    def handle_decl(self, decl: str) -> None:
        raise RefusedMessageError(f"can't parse entities: a declaration {decl!r}")


_CHECKS: dict[str, tuple[str, Callable[[bytes], Body]]] = {
    "/v2/enqueue": (PAGERDUTY, pagerduty),
    "/slack": (SLACK, slack),
    "/hook": (WEBHOOK, json.loads),
    "/deadman": (DEADMAN, json.loads),
    "/api/v1/alerts": (EXPORTER, json.loads),
}
_ANSWERS = {
    PAGERDUTY: (202, b'{"status":"success","dedup_key":"x"}'),
    TELEGRAM: (
        200,
        b'{"ok":true,"result":{"message_id":1,"date":1,"chat":{"id":-100,"type":"group"}}}',
    ),
}


class _Server(ThreadingHTTPServer):
    """Takes as many connections at once as a vendor does."""

    request_queue_size = 1024

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that hung up."""


def _handler(fakes: Fakes) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kind, check = _CHECKS.get(self.path, (TELEGRAM, telegram))
            sent = self.headers.get("Authorization", "")
            status = fakes.take(kind, lambda: check(body), sent)
            answer = b"{}"
            if status == 200:
                status, answer = _ANSWERS.get(kind, (200, b"ok"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


class _Mail:
    """The mail server's side."""

    def __init__(self, fakes: Fakes) -> None:
        self._fakes = fakes

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: object, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        """Take a recipient; a server that cannot, or knows no one yet, says so here."""
        # Alertmanager 0.25 does not hear what comes after the text: such a mail would be lost.
        if self._fakes.is_failing(MAIL):
            return "451 come again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: object, _session: Session, envelope: Envelope
    ) -> str:
        """Take a mail."""
        content = envelope.content
        assert isinstance(content, bytes)
        status = self._fakes.take(MAIL, lambda: _mail(content, list(envelope.rcpt_tos)))
        return {200: "250 OK", 500: "451 later"}.get(status, "550 refused")


def _mail(content: bytes, recipients: list[str]) -> Body:
    mail = message_from_bytes(content, policy=policy.default)
    strange = {name.lower() for name in mail} - HEADERS
    if strange or mail.defects:
        raise RefusedMessageError(f"headers {strange}, defects {mail.defects}")
    html = mail.get_body(("html",))
    assert html is not None
    return {"to": recipients, "subject": str(mail["Subject"]), "html": html.get_content()}
