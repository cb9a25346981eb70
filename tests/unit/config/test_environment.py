"""Settings from variables and secret files: `exporter.config.environment` and `.secrets`."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from exporter.config.environment import SCALARS
from exporter.config.keys import KEYS
from exporter.config.load import load_config
from exporter.config.model import Config
from exporter.config.secrets import LARGEST, read_secret
from exporter.model.errors import ConfigError


def load(environ: Mapping[str, str]) -> Config:
    """Return the configuration of *environ* alone."""
    return load_config(None, environ=environ, overrides={})


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """Return a file that only we can read."""
    file = tmp_path / "secret"
    file.write_text("from-file\n", encoding="utf-8")
    file.chmod(0o600)
    return file


def test_every_scalar_key_has_its_own_variable() -> None:
    """No two keys share a variable, and no variable looks like the file form of another."""
    files = {f"{name}_FILE" for name in SCALARS}

    assert len(SCALARS) == sum(key.is_scalar for key in KEYS)
    assert not files & set(SCALARS)
    assert "BOT_EXPORTER_INGEST_RATE_LIMIT_BURST" in SCALARS


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("STORAGE_PATH", "/var/lib/bots", lambda c: c.storage.path == "/var/lib/bots"),
        ("STORAGE_PATH", "5", lambda c: c.storage.path == "5"),
        ("WEB_ENABLE_LIFECYCLE", "false", lambda c: c.web.enable_lifecycle is False),
        ("INGEST_MAX_EVENTS", "500", lambda c: c.ingest.max_events == 500),
        ("INGEST_MAX_BODY_BYTES", "1MiB", lambda c: c.ingest.max_body_bytes == 2**20),
        ("LOG_SEGMENT_SECONDS", "1.5", lambda c: c.log.segment_seconds == 1.5),
        ("INGEST_RATE_LIMIT_BURST", "5000", lambda c: c.ingest.rate_limit.burst == 5000),
    ],
)
def test_a_variable_is_read_as_its_key_needs(name: str, text: str, expected: object) -> None:
    """A path stays text even when it looks like a number."""
    assert callable(expected)
    assert expected(load({f"BOT_EXPORTER_{name}": text}))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("STORAGE_PTH", "x", "unknown variable; did you mean 'BOT_EXPORTER_STORAGE_PATH'?"),
        ("BOTS", "[]", "unknown variable"),
        ("WEB_ENABLE_LIFECYCLE", "maybe", "web.enable_lifecycle: expected true or false"),
        ("INGEST_MAX_EVENTS", "many", "ingest.max_events: expected a whole number"),
        ("INGEST_MAX_EVENTS", "nan", "ingest.max_events: expected a whole number"),
        ("INGEST_MAX_EVENTS", "9" * 5000, "ingest.max_events: expected a whole number"),
        ("INGEST_MAX_EVENTS", "9" * 100, "ingest.max_events: "),
        ("LOG_SEGMENT_SECONDS", "inf", "log.segment_seconds: "),
        ("LOG_SEGMENT_SECONDS", "nan", "log.segment_seconds: "),
        ("WEB_LISTEN_ADDRESS", "here", "write host:port, :port or [IPv6]:port"),
    ],
)
def test_a_wrong_variable_is_named(name: str, text: str, message: str) -> None:
    """The message begins with the variable instead of a file and a line."""
    with pytest.raises(ConfigError) as refused:
        load({f"BOT_EXPORTER_{name}": text})

    assert str(refused.value).startswith(f"BOT_EXPORTER_{name}: ")
    assert message in str(refused.value)


def test_other_peoples_variables_are_left_alone() -> None:
    """Kubernetes describes a Service `bot-exporter`; our client shares an environment file."""
    environ = {
        "PATH": "/bin",
        "BOT_EXPORTER": "x",
        "BOT_EXPORTER_TOKEN": "x",
        "BOT_EXPORTER_URL": "x",
        "BOT_EXPORTER_SERVICE_HOST": "10.0.0.1",
        "BOT_EXPORTER_SERVICE_PORT": "10350",
        "BOT_EXPORTER_SERVICE_PORT_INGEST": "10350",
        "BOT_EXPORTER_PORT": "tcp://10.0.0.1:10350",
        "BOT_EXPORTER_PORT_10350_TCP": "tcp://10.0.0.1:10350",
        "BOT_EXPORTER_PORT_10350_TCP_ADDR": "10.0.0.1",
        "BOT_EXPORTER_INTERNAL_SERVICE_HOST": "10.0.0.2",
    }

    assert Config() == load(environ)


def test_a_variable_may_name_a_file_that_holds_the_value(secret: Path) -> None:
    """The line end that editors add is no part of the value."""
    assert "from-file" == load({"BOT_EXPORTER_STORAGE_PATH_FILE": str(secret)}).storage.path


def test_value_and_file_exclude_each_other(secret: Path) -> None:
    """Which of the two wins would be a guess."""
    environ = {
        "BOT_EXPORTER_STORAGE_PATH": "x",
        "BOT_EXPORTER_STORAGE_PATH_FILE": str(secret),
    }

    with pytest.raises(ConfigError, match="BOT_EXPORTER_STORAGE_PATH is set as well; unset one"):
        load(environ)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o666])
def test_a_secret_that_others_can_read_is_refused(secret: Path, mode: int) -> None:
    """The message names the mode and the command that repairs it."""
    secret.chmod(mode)

    with pytest.raises(ConfigError) as refused:
        load({"BOT_EXPORTER_STORAGE_PATH_FILE": str(secret)})

    assert f"(mode {mode:04o}); run chmod 600 {secret}" in str(refused.value)


def test_the_content_of_a_secret_file_is_in_no_message(secret: Path) -> None:
    """A message ends up in logs."""
    with pytest.raises(ConfigError) as refused:
        load({"BOT_EXPORTER_LOGGING_LEVEL_FILE": str(secret)})

    assert "from-file" not in str(refused.value)
    assert "write one of: debug, error, info, warning" in str(refused.value)


def test_unusable_secrets_are_refused_with_the_remedy(secret: Path, tmp_path: Path) -> None:
    """Missing, a folder, empty, too large, no text."""
    with pytest.raises(ValueError, match="check path and owner"):
        read_secret(tmp_path / "missing")
    with pytest.raises(ValueError, match="name a file that holds the value"):
        read_secret(tmp_path)
    for content, message in {
        b"\n": "empty or too large",
        b"x" * (LARGEST + 1): "empty or too large",
        b"\xff": "save it as UTF-8",
    }.items():
        secret.write_bytes(content)
        with pytest.raises(ValueError, match=message):
            read_secret(secret)
