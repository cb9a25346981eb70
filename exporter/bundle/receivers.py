"""
Receivers of Alertmanager: from what a site says about them, for the version it runs.

The texts come from ``alertmanager/templates/bot_exporter.tmpl``; here is only where they go.
"""

from collections.abc import Callable
from typing import Any

from ..config.site_alerting import Email, PagerDuty, Receiver, Slack, Telegram, Webhook

CURRENT = "current"

Tree = dict[str, Any]
Secrets = Callable[[str], str]


def receiver(given: Receiver, profile: str, secrets: Secrets) -> Tree:
    """
    Return *given* as Alertmanager writes it.

    Args:
        given: Who is told, in which ways.
        profile: The version; ``floor`` cannot read every secret from a file.
        secrets: Reads those that are therefore written out.
    """
    ways = {
        "pagerduty_configs": [_pagerduty(way) for way in given.pagerduty],
        "slack_configs": [_slack(way) for way in given.slack],
        "email_configs": [_email(way, profile, secrets) for way in given.email],
        "telegram_configs": [_telegram(way, profile, secrets) for way in given.telegram],
        "webhook_configs": [_webhook(way, profile, secrets) for way in given.webhook],
    }
    return {"name": given.name, **{key: configs for key, configs in ways.items() if configs}}


def url_from(file: str, profile: str, secrets: Secrets) -> Tree:
    """Return a webhook's address: its file, or for old versions what is in it."""
    return {"url_file": file} if profile == CURRENT else {"url": secrets(file)}


def authorization(token_file: str) -> Tree:
    """Return what sends the token in *token_file* along."""
    return {"authorization": {"type": "Bearer", "credentials_file": token_file}}


def _pagerduty(way: PagerDuty) -> Tree:
    return {
        "routing_key_file": way.routing_key_file,
        **({"url": way.url} if way.url else {}),
        "send_resolved": True,
        "severity": "critical",
        "description": '{{ template "bot.title" . }}',
        "client": "bot_exporter",
        "client_url": '{{ template "bot.ack_url" . }}',
        "details": {"text": '{{ template "bot.text" . }}'},
        "links": [
            {"href": '{{ template "bot.runbook_url" . }}', "text": "Runbook"},
            {"href": '{{ template "bot.dashboard_url" . }}', "text": "Dashboard"},
            {"href": '{{ template "bot.ack_url" . }}', "text": "Acknowledge"},
        ],
    }


def _slack(way: Slack) -> Tree:
    return {
        "api_url_file": way.api_url_file,
        **({"channel": way.channel} if way.channel else {}),
        "send_resolved": True,
        "color": '{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}',
        "title": '{{ template "bot.slack_title" . }}',
        "title_link": '{{ template "bot.dashboard_url" . }}',
        "text": '{{ template "bot.slack_text" . }}',
        "fallback": '{{ template "bot.slack_title" . }}',
    }


def _email(way: Email, profile: str, secrets: Secrets) -> Tree:
    return {
        "to": way.to,
        "from": way.sender,
        "smarthost": way.smarthost,
        **({"auth_username": way.username} if way.username else {}),
        **(_password(way.password_file, profile, secrets) if way.password_file else {}),
        "require_tls": way.require_tls,
        "send_resolved": True,
        "headers": {"Subject": '{{ template "bot.title" . }}'},
        "html": '{{ template "bot.html" . }}',
        "text": '{{ template "bot.text" . }}',
    }


def _password(file: str, profile: str, secrets: Secrets) -> Tree:
    # Alertmanager 0.25 takes the newline at the end of the file for a part of the password.
    if profile == CURRENT:
        return {"auth_password_file": file}
    return {"auth_password": secrets(file)}


def _telegram(way: Telegram, profile: str, secrets: Secrets) -> Tree:
    is_current = profile == CURRENT
    return {
        **(
            {"bot_token_file": way.bot_token_file}
            if is_current
            else {"bot_token": secrets(way.bot_token_file)}
        ),
        "chat_id": way.chat_id,
        **({"api_url": way.api_url} if way.api_url else {}),
        "parse_mode": "HTML",
        "send_resolved": True,
        "message": '{{ template "bot.telegram" . }}',
    }


def _webhook(way: Webhook, profile: str, secrets: Secrets) -> Tree:
    config: Tree = {**url_from(way.url_file, profile, secrets), "send_resolved": True}
    if way.token_file:
        config["http_config"] = authorization(way.token_file)
    return config
