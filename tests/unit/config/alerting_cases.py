"""Mistakes in the settings of alerting, each with its correct twin."""

from tests.unit.catalog.cases import Case

SMTP = "smtp: {smarthost: 'mail:587', sender: b@example.org}\n"
SALES = "url_file: u, secret_file: s"


def _case(name: str, *, good: str, bad: str, path: str, remedy: str) -> Case:
    return Case(name=name, good=good, bad=f"{bad} # <-", path=path, remedy=remedy)


ALERTING_CASES = [
    _case(
        "heartbeat that is no URL",
        good="deadman: {url: 'https://hc.example.org/ping/1'}",
        bad="deadman: {url: hc.example.org}",
        path="deadman.url",
        remedy="write https://host/path",
    ),
    _case(
        "mail without a server",
        good=f"{SMTP}deadman: {{email_to: [a@example.org]}}",
        bad="deadman: {email_to: [a@example.org]}",
        path="deadman.email_to",
        remedy="set smtp.smarthost",
    ),
    _case(
        "recipient that would be a header",
        good=f"{SMTP}digest: {{email_to: [a@example.org]}}",
        bad=f'{SMTP}digest: {{email_to: ["a@example.org\\r\\nBcc: b@example.org"]}}',
        path="digest.email_to[0]",
        remedy="",
    ),
    _case(
        "mail server without a port",
        good=SMTP.strip(),
        bad="smtp: {smarthost: mail, sender: b@example.org}",
        path="smtp.smarthost",
        remedy="write host:port",
    ),
    _case(
        "mail without TLS beyond this machine",
        good="smtp: {smarthost: '127.0.0.1:25', sender: b@example.org, tls: none}",
        bad="smtp: {smarthost: 'mail:25', sender: b@example.org, tls: none}",
        path="smtp.tls",
        remedy="write starttls or implicit",
    ),
    _case(
        "mail without a sender",
        good=SMTP.strip(),
        bad="smtp: {smarthost: 'mail:587'}",
        path="smtp.sender",
        remedy="write one such as",
    ),
    _case(
        "user without a password",
        good="smtp: {smarthost: 'mail:587', sender: b@example.org, username: u, password_file: p}",
        bad="smtp: {smarthost: 'mail:587', sender: b@example.org, username: u}",
        path="smtp.username",
        remedy="set both or neither",
    ),
    _case(
        "time zone that does not exist",
        good="digest: {zone: Europe/Berlin}",
        bad="digest: {zone: Europe/Berlyn}",
        path="digest.zone",
        remedy="Europe/Berlin or UTC",
    ),
    _case(
        "time of day that does not exist",
        good="digest: {at: '23:59'}",
        bad="digest: {at: '24:00'}",
        path="digest.at",
        remedy="",
    ),
    _case(
        "notification of an unknown event",
        good=f"notifications: [{{name: a, events: [lead], {SALES}}}]",
        bad=f"notifications: [{{name: a, events: [leed], {SALES}}}]",
        path="notifications[0].events[0]",
        remedy="did you mean 'lead'?",
    ),
    _case(
        "notification of what comes all the time",
        good=f"notifications: [{{name: a, events: [goal], {SALES}}}]",
        bad=f"notifications: [{{name: a, events: [message_sent], {SALES}}}]",
        path="notifications[0].events[0]",
        remedy="use its metrics",
    ),
    Case(
        name="two notifications of one name",
        good=f"notifications:\n- {{name: a, events: [lead], {SALES}}}\n"
        f"- {{name: b, events: [lead], {SALES}}}",
        bad=f"notifications:\n- {{name: a, events: [lead], {SALES}}}\n"
        f"- {{name: a, events: [lead], {SALES}}} # <-",
        path="notifications[1].name",
        remedy="choose another name",
    ),
]
