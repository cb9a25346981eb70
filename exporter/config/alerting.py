"""The exporter's own part in alerting: history, acknowledgement, dead-man's switch, messages."""

from typing import Annotated, Literal

from msgspec import Meta

from ..catalog.declarations import Section
from .kinds import DAY, ClockTime, Count, File, MailAddress, Seconds, Text, Url


class Alerting(Section, frozen=True, kw_only=True):
    """Alerts that Alertmanager reports to the exporter, and their acknowledgement."""

    require_token: Annotated[
        bool,
        Meta(
            description="Whether `POST /api/v1/alerts` asks for a token with the scope `alerts`. "
            "Without it whoever reaches the internal listener may report alerts."
        ),
    ] = False
    expected: Annotated[
        bool,
        Meta(
            description="Whether a Watchdog is missed from the start, and not only after the "
            "first one came."
        ),
    ] = False
    preview: Annotated[
        bool,
        Meta(
            description="Whether `/ack` shows name, bot and age of an alert to people without a "
            "token. Off: it shows nothing, and does not tell whether there is such an alert."
        ),
    ] = True
    history_seconds: Annotated[
        Seconds, Meta(description="How long an alert that ended stays in the history.")
    ] = 90 * DAY
    history_rows: Annotated[Count, Meta(description="Most alerts in the history.")] = 100_000


class Smtp(Section, frozen=True, kw_only=True):
    """The mail server for what the exporter sends by itself."""

    smarthost: Annotated[
        Text, Meta(description="Host and port, such as `mail.example.org:587`; empty: no mail.")
    ] = ""
    sender: Annotated[
        Annotated[str, Meta(max_length=320)], Meta(description="MailAddress that mail comes from.")
    ] = ""
    username: Annotated[Text, Meta(description="User for AUTH; empty: no AUTH.")] = ""
    password_file: Annotated[File, Meta(description="File with the password for AUTH.")] = ""
    tls: Annotated[
        Literal["starttls", "implicit", "none"],
        Meta(description="STARTTLS, TLS from the first byte, or none at all (loopback only)."),
    ] = "starttls"


class Deadman(Section, frozen=True, kw_only=True):
    """What happens when no Watchdog arrives: Prometheus, Alertmanager or the way is dead."""

    after_seconds: Annotated[
        Seconds, Meta(description="Silence of the Watchdog after which people are told.")
    ] = 300.0
    repeat_seconds: Annotated[Seconds, Meta(description="They are told again this long after.")] = (
        3600.0
    )
    url: Annotated[
        Url,
        Meta(
            description="Heartbeat on another machine, fetched as long as Watchdogs arrive; it "
            "complains when nothing comes any more. Without it nobody notices that all is down."
        ),
    ] = ""
    webhook_url_file: Annotated[
        File, Meta(description="File with the URL that is told, past Alertmanager.")
    ] = ""
    email_to: Annotated[
        tuple[MailAddress, ...],
        Meta(
            max_length=50,
            description="Who is told by mail, past Alertmanager; needs `smtp`.",
        ),
    ] = ()


class Digest(Section, frozen=True, kw_only=True):
    """One message a day: alerts that came and went, and what bots achieved."""

    at: Annotated[ClockTime, Meta(description="Time of day it is sent.")] = "08:00"
    zone: Annotated[Text, Meta(description="Time zone, by its IANA name.")] = "UTC"
    webhook_url_file: Annotated[
        File, Meta(description="File with the URL that gets it; empty: no webhook.")
    ] = ""
    secret_file: Annotated[
        File, Meta(description="File with the secret that signs it (`whsec_...`); empty: unsigned.")
    ] = ""
    email_to: Annotated[
        tuple[MailAddress, ...],
        Meta(
            max_length=50,
            description="Who gets it by mail; needs `smtp`.",
        ),
    ] = ()


class Notification(Section, frozen=True, kw_only=True):
    """Somebody who is told of events by a webhook, signed as Standard Webhooks say."""

    name: Annotated[
        str,
        Meta(pattern=r"^[a-z][a-z0-9_-]{0,31}$(?!\n)", description="Name of the destination."),
    ]
    events: Annotated[
        tuple[Annotated[str, Meta(max_length=64)], ...],
        Meta(min_length=1, max_length=50, description="Event types, such as `lead` or `goal`."),
    ]
    url_file: Annotated[File, Meta(min_length=1, description="File with the URL.")]
    secret_file: Annotated[
        File, Meta(min_length=1, description="File with the signing secret, `whsec_...`.")
    ]
    every: Annotated[
        Count,
        Meta(description="Tell of every n-th event of a type and bot: a milestone. 1: of each."),
    ] = 1


class SelfTest(Section, frozen=True, kw_only=True):
    """A synthetic event that goes the whole way from the public listener to the metrics."""

    interval_seconds: Annotated[Seconds, Meta(description="Time between two of them.")] = 60.0
