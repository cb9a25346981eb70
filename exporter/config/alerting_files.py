"""The secrets that alerting needs, read from their files: URLs, passwords, signing secrets."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..model.errors import ConfigError, Problem
from .model import Config
from .rules_alerting import is_url
from .secrets import read_secret

Check = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Destination:
    """Somebody who gets webhooks: a URL and the secret that signs them; empty: unsigned."""

    name: str
    url: str = field(repr=False)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertingFiles:
    """What the files hold; empty where none is named."""

    deadman_url: str = field(repr=False)
    digest: Destination
    notifications: tuple[Destination, ...]
    smtp_password: str = field(repr=False)


def read_alerting_files(config: Config, check_secret: Check) -> AlertingFiles:
    """
    Return what the files of *config* hold.

    Args:
        config: Names the files.
        check_secret: Raises ValueError for what cannot sign a webhook.

    Raises:
        ConfigError: with every file that cannot be used.
    """
    problems: list[Problem] = []

    def read(file: str, path: str, check: Check) -> str:
        if not file:
            return ""
        try:
            text = read_secret(Path(file))
            check(text)
        except ValueError as error:
            # Never the text itself: it is a secret.
            problems.append(Problem(file=file, line=0, path=path, message=str(error)))
            return ""
        return text

    digest, deadman, smtp = config.digest, config.deadman, config.smtp
    files = AlertingFiles(
        deadman_url=read(deadman.webhook_url_file, "deadman.webhook_url_file", _url),
        digest=Destination(
            "digest",
            read(digest.webhook_url_file, "digest.webhook_url_file", _url),
            read(digest.secret_file, "digest.secret_file", check_secret),
        ),
        notifications=tuple(
            Destination(
                entry.name,
                read(entry.url_file, f"notifications[{index}].url_file", _url),
                read(entry.secret_file, f"notifications[{index}].secret_file", check_secret),
            )
            for index, entry in enumerate(config.notifications)
        ),
        smtp_password=read(smtp.password_file, "smtp.password_file", str),
    )
    if problems:
        raise ConfigError(problems)
    return files


def _url(text: str) -> None:
    if not is_url(text):
        raise ValueError("holds no URL; write https://host/path and nothing else")
