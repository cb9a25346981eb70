"""TLS and basic authentication in front of the internal listener."""

import ssl
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector, encode_basic_auth, web
from aiohttp.test_utils import TestServer
from bcrypt import gensalt, hashpw

from exporter.config.web import TlsServerConfig
from exporter.model.errors import ConfigError
from exporter.service.web_security import BasicAuth, load_certificate, tls_context

PASSWORD = "correct horse"
USERS = {"prometheus": hashpw(PASSWORD.encode(), gensalt(4)).decode()}


async def _hello(_request: web.Request) -> web.Response:
    return web.Response(text="hello")


def server(auth: BasicAuth) -> TestServer:
    """Return a server that says hello to those whom *auth* lets in."""
    app = web.Application(middlewares=[auth.middleware])
    app.router.add_get("/", _hello)
    return TestServer(app)


def certificate(folder: Path, name: str) -> TlsServerConfig:
    """Return a fresh self-signed certificate for localhost, made by openssl."""
    cert, key = folder / f"{name}.crt", folder / f"{name}.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"]
    command += ["ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj", f"/CN={name}"]
    command += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", key, "-out", cert], check=True, capture_output=True)
    return TlsServerConfig(cert_file=str(cert), key_file=str(key))


@pytest.mark.parametrize(
    "header",
    [
        None,
        "Basic",
        "Basic !!!",
        "Bearer bo_x",
        "Basic " + b64encode(b"prometheus").decode(),
        "Basic " + b64encode(b"prometheus:wrong").decode(),
        "Basic " + b64encode(b"nobody:correct horse").decode(),
        "Basic " + b64encode(b"\xff\xfe:x").decode(),
    ],
)
async def test_who_is_not_known_is_asked_for_a_password(header: str | None) -> None:
    """Everything but a right user and password is 401, whatever is wrong with it."""
    auth = BasicAuth(USERS)
    headers = {} if header is None else {"Authorization": header}

    async with server(auth) as served, ClientSession() as client:
        answer = await client.get(served.make_url("/"), headers=headers)

    auth.close()
    assert 401 == answer.status
    assert 'Basic realm="bot_exporter"' == answer.headers["WWW-Authenticate"]


async def test_a_known_user_is_let_in_again_and_again() -> None:
    """The second request is answered from memory, with the same result."""
    auth = BasicAuth(USERS)
    known = {"Authorization": encode_basic_auth("prometheus", PASSWORD)}

    async with server(auth) as served, ClientSession() as client:
        url = served.make_url("/")
        statuses = [(await client.get(url, headers=known)).status for _ in range(3)]

    auth.close()
    assert [200, 200, 200] == statuses


async def test_without_users_everybody_is_let_in() -> None:
    """Loopback is open unless the operator says otherwise."""
    auth = BasicAuth({})

    async with server(auth) as served, ClientSession() as client:
        answer = await client.get(served.make_url("/"))

    auth.close()
    assert 200 == answer.status


async def test_a_renewed_certificate_serves_the_next_connection(tmp_path: Path) -> None:
    """Loading again changes the context in use; nothing is restarted."""
    old, new = certificate(tmp_path, "old"), certificate(tmp_path, "new")
    context = tls_context(old)
    assert context is not None
    trusting = ssl.create_default_context(cafile=new.cert_file)
    app = web.Application()
    app.router.add_get("/", _hello)

    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    load_certificate(context, new)
    async with ClientSession(connector=TCPConnector(ssl=trusting)) as client:
        answer = await client.get(f"https://localhost:{runner.addresses[0][1]}/")
    await runner.cleanup()

    assert 200 == answer.status


def test_a_broken_certificate_leaves_the_old_one_in_use(tmp_path: Path) -> None:
    """A reload with half-written files must not close the door."""
    good = certificate(tmp_path, "good")
    context = tls_context(good)
    assert context is not None
    (tmp_path / "bad.crt").write_text("-----BEGIN CERTIFICATE-----\n")
    bad = TlsServerConfig(cert_file=str(tmp_path / "bad.crt"), key_file=good.key_file)

    with pytest.raises(ConfigError, match="cannot be used"):
        load_certificate(context, bad)


def test_versions_below_tls_1_2_are_never_spoken(tmp_path: Path) -> None:
    """TLS 1.2 is the floor."""
    context = tls_context(certificate(tmp_path, "any"))

    assert context is not None
    assert ssl.TLSVersion.TLSv1_2 == context.minimum_version


async def test_a_path_that_asks_for_a_token_asks_for_no_password() -> None:
    """One header cannot carry both; every other path still asks."""
    auth = BasicAuth(USERS, others=frozenset({"/"}))
    app = web.Application(middlewares=[auth.middleware])
    app.router.add_get("/", _hello)
    app.router.add_get("/metrics", _hello)

    async with TestServer(app) as served, ClientSession() as client:
        statuses = [(await client.get(served.make_url(path))).status for path in ("/", "/metrics")]

    auth.close()
    assert [200, 401] == statuses
