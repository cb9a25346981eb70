"""A site with every kind of receiver, for both profiles."""

from pathlib import Path
from typing import Literal

from exporter.config.site import Site
from exporter.config.site_alerting import (
    Alerting,
    Email,
    PagerDuty,
    Receiver,
    Routes,
    Slack,
    Telegram,
    Webhook,
)

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


def write_secrets(folder: Path, secrets: dict[str, str] | None = None) -> None:
    """Write each secret into a file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in (secrets or SECRETS).items():
        (folder / name).write_text(value + "\n")


def full_site(folder: Path, profile: Profile, *, address: str = "127.0.0.1:9") -> Site:
    """
    Return a site that uses everything.

    Args:
        folder: Where the secrets are.
        profile: The version of Alertmanager.
        address: Where all the fake receivers but mail listen.
    """
    secret = {name: str(folder / name) for name in SECRETS}
    receivers = (
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
                    smarthost="127.0.0.1:9025",
                    username="alerts",
                    password_file=secret["smtp"],
                    require_tls=False,
                ),
            ),
        ),
    )
    return Site(
        alerting=Alerting(
            profile=profile,
            exporter_token_file=secret["exporter_token"],
            ack_url="https://bots.example.org",
            receivers=receivers,
            routes=Routes(critical="oncall", second_line="boss", warning="chat", business="mail"),
            deadman_url_file=secret["deadman"],
        )
    )
