"""The web configuration file: TLS and users of the internal listener."""

from pathlib import Path

import pytest

from exporter.config.web import WebConfig, load_web_config
from exporter.model.errors import ConfigError

HASH = "$2b$10$/pn1OCt5110m6FEf9Z8KQOWxnXwuxNhf76d3GYy/QnDg7ihRuAOQ2"
PAIR = "cert_file: server.crt, key_file: server.key"


def write(folder: Path, text: str) -> str:
    """Return the name of a web configuration with *text*, beside a certificate and its key."""
    (folder / "server.crt").write_text("certificate")
    (folder / "server.key").write_text("key")
    file = folder / "web.yml"
    file.write_text(text)
    return str(file)


def test_without_a_file_the_listener_is_plain_and_open() -> None:
    """Loopback needs neither TLS nor users."""
    assert WebConfig() == load_web_config("")


def test_files_are_relative_to_the_configuration(tmp_path: Path) -> None:
    """A folder with certificate, key and configuration can be moved as a whole."""
    text = "tls_server_config: {cert_file: server.crt, key_file: server.key}\n"

    config = load_web_config(write(tmp_path, text))

    assert config.tls_server_config is not None
    assert str(tmp_path / "server.crt") == config.tls_server_config.cert_file


def test_users_have_bcrypt_hashes(tmp_path: Path) -> None:
    """The file holds no password."""
    text = f"basic_auth_users: {{prometheus: '{HASH}'}}\n"

    assert {"prometheus": HASH} == load_web_config(write(tmp_path, text)).basic_auth_users


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("basic_auth_users: {prometheus: secret}", "basic_auth_users"),
        ("basic_auth_users: {prometheus: '" + HASH.replace("$10$", "$04$") + "'}", "htpasswd"),
        ("tls_server_config: {cert_file: server.crt}", "key_file"),
        ("tls_server_config: {cert_file: none.crt, key_file: server.key}", "none.crt"),
        (
            f"tls_server_config: {{{PAIR}, client_auth_type: RequireAndVerifyClientCert}}",
            "client_ca_file",
        ),
        (
            f"tls_server_config: {{{PAIR}, client_auth_type: RequireAnyClientCert}}",
            "client_auth_type",
        ),
        (
            "tls_server_config: {cert_file: server.crt, key_file: server.key, min_version: TLS10}",
            "min_version",
        ),
        ("http_server_config: {http2: true}", "http2"),
        ("rate_limit: {interval: 1s}", "rate_limit"),
        ("- 1", "web.yml"),
    ],
)
def test_what_the_listener_cannot_do_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    """A key that did nothing would be a hole that looks like a wall."""
    file = write(tmp_path, text)

    with pytest.raises(ConfigError) as refused:
        load_web_config(file)

    assert complaint in str(refused.value)
    assert HASH not in str(refused.value)
