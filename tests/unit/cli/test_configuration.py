"""Flags win over the configuration, and `check-config` looks at everything it names."""

from pathlib import Path

import pytest

from exporter.cli.main import main, make_parser
from exporter.cli.options import loader
from exporter.config.model import Config

FLAGS = {
    "--storage.path": "elsewhere",
    "--web.listen-address": "127.0.0.1:1",
    "--ingest.listen-address": "127.0.0.1:2",
    "--web.config.file": "web.yml",
    "--log.level": "debug",
    "--log.format": "json",
}


def loaded(*words: str) -> Config:
    """Return the configuration that ``serve`` would start with."""
    return loader(make_parser(["serve"]).parse_args(["serve", *words]))()


def test_without_flags_everything_has_its_default() -> None:
    """The program runs without a file."""
    assert Config() == loaded()


def test_every_flag_sets_its_key() -> None:
    """Named as in Prometheus, the keys as in our file."""
    config = loaded(*(f"{flag}={value}" for flag, value in FLAGS.items()))

    assert list(FLAGS.values()) == [
        config.storage.path,
        config.web.listen_address,
        config.ingest.listen_address,
        config.web.config_file,
        config.logging.level,
        config.logging.format,
    ]


def test_a_flag_wins_over_the_environment_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearer to the call, the stronger."""
    file = tmp_path / "config.yml"
    file.write_text("storage: {path: file}\nlogging: {level: error, format: json}\n")
    monkeypatch.setenv("BOT_EXPORTER_STORAGE_PATH", "environment")
    monkeypatch.setenv("BOT_EXPORTER_LOGGING_LEVEL", "warning")

    config = loaded("--config.file", str(file), "--storage.path", "flag")

    assert ("flag", "warning", "json") == (
        config.storage.path,
        config.logging.level,
        config.logging.format,
    )


def test_the_configuration_is_read_anew_at_every_reload(tmp_path: Path) -> None:
    """What the flags said stays."""
    file = tmp_path / "config.yml"
    file.write_text("logging: {level: error}\n")
    words = ["serve", "--config.file", str(file), "--storage.path", "flag"]
    load = loader(make_parser(["serve"]).parse_args(words))
    load()

    file.write_text("logging: {level: debug}\nstorage: {path: file}\n")

    assert ("debug", "flag") == (load().logging.level, load().storage.path)


def test_a_sound_configuration_is_ok(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With what it comes to; nothing is written or started."""
    file = tmp_path / "config.yml"
    file.write_text(
        f"storage: {{path: {tmp_path / 'data'}}}\n"
        "bots: [{name: shop}]\n"
        "catalog:\n"
        "  files: [own.yml]\n"
    )
    (tmp_path / "own.yml").write_text(
        "events:\n  - name: coupon_used\n    description: A coupon was used.\n"
    )

    assert 0 == main(["check-config", "--config.file", str(file)])

    out = capsys.readouterr().out
    assert f"OK: {file}\n" in out
    assert "1 registered" in out
    assert not (tmp_path / "data").exists()


def test_a_mistake_in_a_named_file_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The catalogue extension and the web configuration belong to the configuration."""
    (tmp_path / "own.yml").write_text("events: 7\n")
    (tmp_path / "web.yml").write_text("basic_auth_users: {ann: clear-text}\n")
    own, web = tmp_path / "own-config.yml", tmp_path / "web-config.yml"
    own.write_text("catalog: {files: [own.yml]}\n")
    web.write_text("web: {config_file: web.yml}\n")

    codes = [main(["check-config", "--config.file", str(file)]) for file in (own, web)]

    captured = capsys.readouterr()
    assert ([1, 1], "") == (codes, captured.out)
    assert "own.yml:1" in captured.err
    assert "web.yml:1" in captured.err


def test_check_config_warns_when_nobody_would_notice_the_end_of_everything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A warning, no error: the exporter starts without any URL."""
    file = tmp_path / "config.yml"
    codes, warnings = [], []
    for text in ("{}", "deadman: {url: 'https://hc.example.org/ping/1'}"):
        file.write_text(text)
        codes.append(main(["check-config", "--config.file", str(file)]))
        warnings.append("warning: deadman.url" in capsys.readouterr().err)

    assert [0, 0] == codes
    assert [True, False] == warnings


def test_check_config_reads_the_files_that_alerting_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A secret that is missing is found before the start, without being shown."""
    file = tmp_path / "config.yml"
    file.write_text("deadman: {webhook_url_file: missing.url}")

    assert 1 == main(["check-config", "--config.file", str(file)])

    assert "deadman.webhook_url_file" in capsys.readouterr().err
