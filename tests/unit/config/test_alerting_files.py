"""The secrets of alerting, read from their files: `exporter.config.alerting_files`."""

from pathlib import Path

import pytest

from exporter.config.alerting import Deadman, Digest, Notification, Smtp
from exporter.config.alerting_files import Destination, read_alerting_files
from exporter.config.load import load_config
from exporter.config.model import Config
from exporter.integrations.signature import key_of
from exporter.model.errors import ConfigError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
URL = "https://hooks.example.org/T0/s3cret"


def write(folder: Path, name: str, text: str, mode: int = 0o600) -> str:
    """Write a file and return its name."""
    file = folder / name
    file.write_text(text)
    file.chmod(mode)
    return str(file)


def test_nothing_named_is_nothing_read() -> None:
    """The exporter starts without any secret."""
    files = read_alerting_files(Config(), key_of)

    assert ("", Destination("digest", "", ""), ()) == (
        files.deadman_url,
        files.digest,
        files.notifications,
    )


def test_what_the_files_hold_is_returned_and_never_shown(tmp_path: Path) -> None:
    """The line end of an editor is not part of it."""
    url, secret = write(tmp_path, "url", f"{URL}\n"), write(tmp_path, "secret", SECRET)
    sales = Notification(name="sales", events=("lead",), url_file=url, secret_file=secret)
    config = Config(
        deadman=Deadman(webhook_url_file=url),
        digest=Digest(webhook_url_file=url, secret_file=secret),
        notifications=(sales,),
        smtp=Smtp(password_file=write(tmp_path, "password", "pw-s3cret")),
    )

    files = read_alerting_files(config, key_of)

    assert (URL, "pw-s3cret") == (files.deadman_url, files.smtp_password)
    assert (Destination("sales", URL, SECRET),) == files.notifications
    assert "s3cret" not in repr(files)
    assert SECRET not in repr(files)


def test_every_file_that_cannot_be_used_is_named_at_once_without_its_content(
    tmp_path: Path,
) -> None:
    """Missing, open to others, no URL, no secret of a webhook."""
    config = Config(
        deadman=Deadman(webhook_url_file=str(tmp_path / "missing")),
        digest=Digest(
            webhook_url_file=write(tmp_path, "url", "s3cret-but-no-url"),
            secret_file=write(tmp_path, "secret", "s3cret"),
        ),
        smtp=Smtp(password_file=write(tmp_path, "password", "s3cret", 0o644)),
    )

    with pytest.raises(ConfigError) as caught:
        read_alerting_files(config, key_of)

    assert [
        "deadman.webhook_url_file",
        "digest.webhook_url_file",
        "digest.secret_file",
        "smtp.password_file",
    ] == [problem.path for problem in caught.value.problems]
    assert "s3cret" not in str(caught.value)


def test_file_names_are_relative_to_the_configuration_also_in_lists(tmp_path: Path) -> None:
    """A directory with configuration and secrets can be moved as a whole."""
    file = tmp_path / "exporter.yml"
    file.write_text(
        "notifications: [{name: a, events: [lead], url_file: x/u, secret_file: x/s}]\n"
        "deadman: {webhook_url_file: x/d}\n"
    )

    config = load_config(file, environ={}, overrides={})

    (entry,) = config.notifications
    folder = str(tmp_path / "x")
    assert (f"{folder}/u", f"{folder}/s") == (entry.url_file, entry.secret_file)
    assert f"{folder}/d" == config.deadman.webhook_url_file
