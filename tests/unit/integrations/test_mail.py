"""Mail the exporter sends by itself: `exporter.integrations.mail`."""

import base64
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from typing import cast

import pytest

from exporter.integrations.mail import Mail, MailServer, compose, send_mail
from exporter.integrations.outbound import SendingError

NOON = 1_770_000_000.0
MAIL = Mail(
    to=("ann@example.org", "bob@example.org"),
    subject="No Watchdog",
    text="Look.\n.\nÄnd this.\n",
    message_id="digest_1",
    at=NOON,
)


class Post(socketserver.ThreadingTCPServer):
    """A mail server on loopback; *refused* is a recipient it does not know."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.refused = ""
        self.credentials: list[str] = []
        self.mails: list[tuple[list[str], bytes]] = []


class Session(socketserver.StreamRequestHandler):
    """One conversation, as far as a client needs it."""

    def handle(self) -> None:
        """Talk."""
        post = cast("Post", self.server)
        recipients: list[str] = []
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line.upper()
            if verb.startswith("EHLO"):
                self._say("250-here\r\n250 AUTH PLAIN")
            elif verb.startswith("AUTH PLAIN"):
                post.credentials.append(base64.b64decode(line.split()[2]).decode())
                self._say("235 in")
            elif verb.startswith("RCPT"):
                known = not post.refused or post.refused not in line
                recipients += [line] if known else []
                self._say("250 ok" if known else "550 who?")
            elif verb == "DATA":
                self._say("354 go")
                post.mails.append((recipients, self._data()))
                self._say("250 ok")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def _data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)


@pytest.fixture
def post() -> Iterator[Post]:
    """Return a mail server that listens."""
    server = Post()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def at(post: Post) -> MailServer:
    """Return how the exporter reaches it."""
    return MailServer(
        host="127.0.0.1", port=post.server_address[1], sender="bots@example.org", tls="none"
    )


def test_a_mail_arrives_as_it_was_written(post: Post) -> None:
    """Dots, letters beyond ASCII, every recipient, and an id that stays."""
    send_mail(at(post), MAIL)

    ((recipients, content),) = post.mails
    mail = message_from_bytes(content, policy=policy.default)
    assert 2 == len(recipients)
    assert MAIL.text.splitlines() == mail.get_content().splitlines()
    assert ("No Watchdog", "bots@example.org") == (mail["Subject"], mail["From"])
    assert "<digest_1@example.org>" == mail["Message-ID"]
    assert "auto-generated" == mail["Auto-Submitted"]


def test_credentials_are_sent_when_there_are_some(post: Post) -> None:
    """And are in no text of the object."""
    server = replace(at(post), username="bots", password="s3cret")

    send_mail(server, MAIL)

    assert ["\0bots\0s3cret"] == post.credentials
    assert "s3cret" not in repr(server)


def test_a_refused_recipient_is_told_without_the_address(post: Post) -> None:
    """The log is no place for addresses."""
    post.refused = "bob"

    with pytest.raises(SendingError, match="refused 1 recipients"):
        send_mail(at(post), MAIL)


def test_a_server_without_tls_gets_nothing_when_tls_is_wanted(post: Post) -> None:
    """Neither the password nor the mail."""
    server = replace(at(post), tls="starttls", username="bots", password="s3cret")

    with pytest.raises(SendingError, match="SMTPNotSupportedError"):
        send_mail(server, MAIL)

    assert [] == post.credentials
    assert [] == post.mails


def test_nobody_there_is_told() -> None:
    """With the kind of trouble."""
    nobody = MailServer(host="127.0.0.1", port=1, sender="bots@example.org", tls="none")

    with pytest.raises(SendingError, match="ConnectionRefusedError"):
        send_mail(nobody, MAIL)


@pytest.mark.parametrize("subject", ["a\r\nBcc: eve@example.org", "a\nb", "x" * 1000])
def test_a_subject_cannot_become_a_header(subject: str) -> None:
    """Names of alerts are part of subjects."""
    server = MailServer(host="h", port=25, sender="bots@example.org", tls="none")

    mail = compose(server, replace(MAIL, subject=subject))

    assert mail["Bcc"] is None
    assert "\n" not in mail["Subject"]
    assert len(mail["Subject"]) <= 150
