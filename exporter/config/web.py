"""
TLS and basic authentication of the internal listener, in exporter-toolkit's file format.

The same file serves Prometheus and its exporters, and ``promtool check web-config`` checks it.
What this listener cannot do is refused, never ignored: a key that does nothing would be a hole.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, field

from ..catalog.declarations import Section
from ..catalog.document import Document
from ..model.errors import ConfigError
from .load import read_document

BCRYPT = r"^\$2[aby]\$(?:1\d|2\d|3[01])\$[./A-Za-z0-9]{53}$(?!\n)"  # Cost 10 at least.

_KEY = re.compile(r"[a-z0-9_]+")
_AT = re.compile(r" - at `(?P<path>[^`]*)`$")

TlsVersion = Literal["TLS12", "TLS13"]


class TlsServerConfig(Section, frozen=True, kw_only=True):
    """Certificate, key, and whether clients must show a certificate of their own."""

    cert_file: str
    key_file: str
    client_auth_type: Literal[
        "NoClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert"
    ] = "NoClientCert"
    client_ca_file: str = ""
    min_version: TlsVersion = "TLS12"
    max_version: TlsVersion = "TLS13"


class HttpServerConfig(Section, frozen=True, kw_only=True):
    """Only that HTTP/2 is off may be said; this server speaks HTTP/1.1."""

    http2: Literal[False] = False


class WebConfig(Section, frozen=True, kw_only=True):
    """The file as a whole; empty means plain HTTP without authentication."""

    tls_server_config: TlsServerConfig | None = None
    http_server_config: HttpServerConfig | None = None
    basic_auth_users: Mapping[str, Annotated[str, Meta(pattern=BCRYPT)]] = field(
        default_factory=dict
    )


def load_web_config(file: str) -> WebConfig:
    """
    Return the web configuration in *file*; paths in it are relative to it.

    Raises:
        ConfigError: the file cannot be read, or asks for something that is not there.
    """
    if not file:
        return WebConfig()
    path = Path(file)
    document = read_document(path)
    try:
        config = msgspec.convert(document.value or {}, WebConfig)
    except msgspec.ValidationError as error:
        raise _refused(document, str(error)) from None
    tls = config.tls_server_config
    if tls is None:
        return config
    if tls.client_auth_type != "NoClientCert" and not tls.client_ca_file:
        message = "client_ca_file is missing; name the CA that signs clients"
        raise _refused(document, message, "tls_server_config")
    return msgspec.structs.replace(config, tls_server_config=_placed(tls, path.parent, document))


def _placed(tls: TlsServerConfig, folder: Path, document: Document) -> TlsServerConfig:
    names = {
        key: str(folder / name)
        for key, name in (
            ("cert_file", tls.cert_file),
            ("key_file", tls.key_file),
            ("client_ca_file", tls.client_ca_file),
        )
        if name
    }
    for key, name in names.items():
        if not Path(name).is_file():
            message = f"{key}: {name} is not a file; check the path"
            raise _refused(document, message, "tls_server_config", key)
    return msgspec.structs.replace(tls, **names)


def _refused(document: Document, message: str, *path: str) -> ConfigError:
    found = _AT.search(message)
    if found:
        path = tuple(_KEY.findall(found["path"]))
        message = f"{message[: found.start()]}; see the exporter-toolkit web configuration"
    if "regex" in message:
        message = "is no bcrypt hash of cost 10 or more; make one with: htpasswd -nBC 10 USER"
    return ConfigError([document.problem(path, message)])
