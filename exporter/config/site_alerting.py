"""Who is told of what, and by which way: the part of a site's file that becomes Alertmanager's."""

from typing import Annotated, Literal

from msgspec import Meta

from ..catalog.declarations import Section
from .kinds import Text

Name = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$(?!\n)", description="Its name.")
]
SecretFile = Annotated[
    str, Meta(min_length=1, max_length=4096, description="File that holds nothing but the secret.")
]
Clock = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-4]):[0-5][0-9]$(?!\n)", examples=["09:00"])]

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WORKDAYS: tuple[Day, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday")


class PagerDuty(Section, frozen=True, kw_only=True):
    """PagerDuty, Events API v2."""

    routing_key_file: SecretFile
    url: Annotated[Text, Meta(description="Another address of the Events API.")] = ""


class Slack(Section, frozen=True, kw_only=True):
    """Slack, or whatever takes its incoming webhooks."""

    api_url_file: SecretFile
    channel: Annotated[Text, Meta(description="Channel; the webhook's own when empty.")] = ""


class Email(Section, frozen=True, kw_only=True):
    """Mail over SMTP."""

    to: Annotated[Text, Meta(min_length=3, description="Recipients, separated by commas.")]
    sender: Annotated[Text, Meta(min_length=3, description="Address it comes from.")]
    smarthost: Annotated[Text, Meta(description="Host and port of the mail server.")]
    username: Annotated[Text, Meta(description="User for AUTH; empty: no AUTH.")] = ""
    password_file: Annotated[Text, Meta(description="File with the password for AUTH.")] = ""
    require_tls: Annotated[bool, Meta(description="Whether STARTTLS is demanded.")] = True


class Telegram(Section, frozen=True, kw_only=True):
    """A bot of Telegram that writes to a chat."""

    bot_token_file: SecretFile
    chat_id: Annotated[int, Meta(description="Number of the chat; groups are negative.")]
    api_url: Annotated[Text, Meta(description="Another address of the Bot API.")] = ""


class Webhook(Section, frozen=True, kw_only=True):
    """Anything that takes Alertmanager's JSON."""

    url_file: SecretFile
    token_file: Annotated[Text, Meta(description="File with a bearer token to send along.")] = ""


class Receiver(Section, frozen=True, kw_only=True):
    """Somebody to tell, in one or several ways at once."""

    name: Name
    pagerduty: Annotated[tuple[PagerDuty, ...], Meta(description="Services of PagerDuty.")] = ()
    slack: Annotated[tuple[Slack, ...], Meta(description="Channels of Slack.")] = ()
    email: Annotated[tuple[Email, ...], Meta(description="Mails.")] = ()
    telegram: Annotated[tuple[Telegram, ...], Meta(description="Chats of Telegram.")] = ()
    webhook: Annotated[tuple[Webhook, ...], Meta(description="Anything else.")] = ()


class Routes(Section, frozen=True, kw_only=True):
    """Which receiver hears of what; without one only the exporter's history does."""

    critical: Annotated[Text, Meta(description="Pages: what somebody must do now.")] = ""
    second_line: Annotated[
        Text, Meta(description="Pages that nobody acknowledged for 10 minutes.")
    ] = ""
    warning: Annotated[Text, Meta(description="What can wait for the morning.")] = ""
    business: Annotated[Text, Meta(description="Business alerts, as a digest in hours.")] = ""


class Hours(Section, frozen=True, kw_only=True):
    """When people are at work."""

    days: Annotated[tuple[Day, ...], Meta(min_length=1, description="Days of the week.")] = WORKDAYS
    start: Annotated[Clock, Meta(description="When they begin.")] = "09:00"
    end: Annotated[Clock, Meta(description="When they end.")] = "17:00"
    location: Annotated[Text, Meta(description="Time zone, by its IANA name.")] = "UTC"


class Alerting(Section, frozen=True, kw_only=True):
    """Receivers, routes and the links in messages."""

    profile: Annotated[
        Literal["floor", "current"],
        Meta(
            description="`floor` for Alertmanager 0.25 and later (secrets that it cannot read "
            "from files are written into its configuration), `current` for 0.33 and later."
        ),
    ] = "current"
    exporter_url: Annotated[
        Text, Meta(description="The exporter's internal listener, as Alertmanager reaches it.")
    ] = "http://exporter-internal:10351"
    exporter_token_file: Annotated[
        Text, Meta(description="File with the token for it; empty: none is demanded.")
    ] = ""
    ack_url: Annotated[
        Text, Meta(description="The exporter's public listener, as people reach it; for links.")
    ] = "http://127.0.0.1:10350"
    templates: Annotated[Text, Meta(description="Where Alertmanager finds the templates.")] = (
        "templates/*.tmpl"
    )
    receivers: Annotated[
        tuple[Receiver, ...], Meta(max_length=100, description="Everybody who can be told.")
    ] = ()
    routes: Routes = Routes()
    hours: Hours = Hours()
    warnings_at_night: Annotated[
        bool, Meta(description="Whether warnings are sent outside hours, too.")
    ] = False
    deadman_url_file: Annotated[
        Text,
        Meta(
            description="File with a heartbeat URL on another machine that complains when "
            "nothing comes any more. Without it nobody notices that everything is down."
        ),
    ] = ""
