"""A site with every kind of receiver, for both profiles."""

from pathlib import Path
from typing import Literal, get_args

from msgspec.structs import replace

from exporter.config.site import Site
from exporter.config.site_alerting import (
    Alerting,
    Day,
    Email,
    Hours,
    PagerDuty,
    Receiver,
    Routes,
    Slack,
    Telegram,
    Webhook,
)

from .fakes import Fakes

Profile = Literal["floor", "current"]
SECRETS = {
    "pagerduty": "0123456789abcdef0123456789abcdef",
    "slack": "http://127.0.0.1:9/slack",
    "smtp": "p4ss",
    "telegram": "123:telegram-secret",
    "hook": "http://127.0.0.1:9/hook",
    "hook_token": "hook-secret",
    "deadman": "http://127.0.0.1:9/deadman",
    "exporter_token": "bo_exporter-secret",
}


def write_secrets(folder: Path, *, fakes: Fakes | None = None) -> None:
    """Write each secret into a file of its own; those that are addresses point to *fakes*."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in SECRETS.items():
        own = value.replace("127.0.0.1:9/", f"{fakes.address}/") if fakes else value
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(own + "\n")


def always_awake(alerting: Alerting) -> Alerting:
    """Return the same without nights, so that a test may run at any hour."""
    hours = Hours(days=get_args(Day), start="00:00", end="24:00")
    return replace(alerting, hours=hours, warnings_at_night=True)


def full_site(
    folder: Path,
    profile: Profile,
    *,
    address: str = "127.0.0.1:9",
    mail: str = "127.0.0.1:9025",
) -> Site:
    """
    Return a site that uses everything.

    Args:
        folder: Where the secrets are.
        profile: The version of Alertmanager.
        address: Where all the fake receivers but mail listen.
        mail: Where the mail server listens.
    """
    secret = {name: str(folder / name) for name in SECRETS}
    return Site(
        alerting=Alerting(
            profile=profile,
            exporter_token_file=secret["exporter_token"],
            ack_url="https://bots.example.org",
            receivers=_receivers(secret, address, mail),
            routes=Routes(critical="oncall", second_line="boss", warning="chat", business="mail"),
            deadman_url_file=secret["deadman"],
        )
    )


def _receivers(secret: dict[str, str], address: str, mail: str) -> tuple[Receiver, ...]:
    return (
        Receiver(
            name="oncall",
            pagerduty=(
                PagerDuty(routing_key_file=secret["pagerduty"], url=f"http://{address}/v2/enqueue"),
            ),
        ),
        Receiver(
            name="boss",
            telegram=(
                Telegram(
                    bot_token_file=secret["telegram"], chat_id=-100, api_url=f"http://{address}"
                ),
            ),
            webhook=(Webhook(url_file=secret["hook"], token_file=secret["hook_token"]),),
        ),
        Receiver(name="chat", slack=(Slack(api_url_file=secret["slack"], channel="#bots"),)),
        Receiver(
            name="mail",
            email=(
                Email(
                    to="team@example.org",
                    sender="alerts@example.org",
                    smarthost=mail,
                    username="alerts",
                    password_file=secret["smtp"],
                    require_tls=False,
                ),
            ),
        ),
    )
