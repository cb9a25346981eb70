"""Mail the exporter sends by itself; blocking, so it belongs onto a thread."""

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from .outbound import SendingError

TIMEOUT_SECONDS = 15.0
LONGEST_SUBJECT = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail goes out; *tls* is ``starttls``, ``implicit`` or ``none``."""

    host: str
    port: int
    sender: str
    tls: str
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A plain text for some people; *message_id* stays the same when it is sent again."""

    to: Sequence[str]
    subject: str
    text: str
    message_id: str = ""
    at: float = 0.0


def send_mail(server: MailServer, mail: Mail) -> None:
    """
    Hand *mail* to *server*.

    Raises:
        SendingError: it did not take it for every recipient.
    """
    message = compose(server, mail)
    try:
        with _connected(server) as connection:
            refused = connection.send_message(message)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise SendingError(f"the mail server failed ({type(error).__name__})") from None
    if refused:
        raise SendingError(f"the mail server refused {len(refused)} recipients")


def compose(server: MailServer, mail: Mail) -> EmailMessage:
    """Return the message; line ends in the subject cannot become headers."""
    message = EmailMessage()
    message["From"] = _address(server.sender)
    message["To"] = [_address(to) for to in mail.to]
    message["Subject"] = " ".join(mail.subject.split())[:LONGEST_SUBJECT]
    message["Date"] = format_datetime(datetime.fromtimestamp(mail.at, UTC))
    domain = server.sender.rpartition("@")[2]
    message["Message-ID"] = (
        f"<{mail.message_id}@{domain}>" if mail.message_id else make_msgid(domain=domain)
    )
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message


def _address(text: str) -> Address:
    user, _, domain = text.rpartition("@")
    return Address(username=user, domain=domain)


def _connected(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.tls == "implicit":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    try:
        if server.tls == "starttls":
            connection.starttls(context=context)
        if server.username:
            connection.login(server.username, server.password)
    except BaseException:
        connection.close()
        raise
    return connection
