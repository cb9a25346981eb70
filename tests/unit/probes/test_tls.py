"""TLS: each kind of wrong certificate is told from the others, and a good one gives its facts."""

import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from exporter.model.probing import ProbePhase
from exporter.model.probing import ProbeReason as R
from exporter.probes.certificate import expiry_of
from exporter.probes.outcome import Outcome

from . import evil
from .rig import check_of, run

NOW = datetime.now(UTC).replace(microsecond=0)


class Authority:
    """Somebody who vouches for servers, and the file that says whom to trust."""

    def __init__(self, directory: Path) -> None:
        self._ca = trustme.CA()
        self.file = directory / "ca.pem"
        self._ca.cert_pem.write_to_path(str(self.file))

    def context(self, name: str = "localhost", expires: datetime | None = None) -> ssl.SSLContext:
        """Return what a server with a certificate for *name* needs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        before = NOW - timedelta(days=30)
        after = expires or NOW + timedelta(days=30)
        issued = self._ca.issue_cert(name, not_before=before, not_after=after)
        issued.configure_cert(context)
        return context


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Return somebody to trust."""
    return Authority(tmp_path)


async def ask(context: ssl.SSLContext, kind: str = "tls", **settings: object) -> Outcome:
    """Return the outcome of a check of a server with *context*."""
    async with evil.serving(evil.answering("200 OK"), tls=context, host="localhost") as server:
        if kind == "http":
            target = f"https://localhost:{server.port}/"
            return await run(check_of(target=target, http={"tls": settings}))
        return await run(check_of(target=f"localhost:{server.port}", tls=settings))


@pytest.mark.parametrize("kind", ["tls", "http"])
async def test_a_good_certificate_gives_its_facts(authority: Authority, kind: str) -> None:
    """Version, expiry and the time of the handshake are what people look at."""
    expires = NOW + timedelta(days=9)

    outcome = await ask(authority.context(expires=expires), kind, ca_file=str(authority.file))

    assert None is outcome.reason
    assert expires.timestamp() == outcome.facts.certificate_expires_at
    assert "TLSv1.3" == outcome.facts.tls_version
    assert {ProbePhase.RESOLVE, ProbePhase.CONNECT, ProbePhase.TLS} <= outcome.phases.keys()


@pytest.mark.parametrize("kind", ["tls", "http"])
async def test_an_expired_certificate_is_called_so(authority: Authority, kind: str) -> None:
    """The most common outage of all has a reason of its own."""
    context = authority.context(expires=NOW - timedelta(hours=1))

    outcome = await ask(context, kind, ca_file=str(authority.file))

    assert R.TLS_EXPIRED == outcome.reason


@pytest.mark.parametrize("kind", ["tls", "http"])
async def test_a_stranger_is_not_trusted(authority: Authority, kind: str) -> None:
    """A certificate that no known authority signed proves nothing."""
    outcome = await ask(authority.context(), kind)

    assert R.TLS_UNTRUSTED == outcome.reason


@pytest.mark.parametrize("kind", ["tls", "http"])
async def test_the_name_must_fit(authority: Authority, kind: str) -> None:
    """A good certificate of somebody else is a wrong one."""
    context = authority.context("other.example")

    outcome = await ask(context, kind, ca_file=str(authority.file))

    assert R.TLS_WRONG_NAME == outcome.reason


async def test_another_name_may_be_expected(authority: Authority) -> None:
    """Behind a load balancer the name of the certificate is not the address."""
    context = authority.context("other.example")

    outcome = await ask(context, ca_file=str(authority.file), server_name="other.example")

    assert None is outcome.reason


async def test_old_tls_is_refused(authority: Authority) -> None:
    """A server that speaks too old a version is told from one that speaks none."""
    context = authority.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    outcome = await ask(context, ca_file=str(authority.file), min_version="1.3")

    assert R.TLS_PROTOCOL == outcome.reason


@pytest.mark.parametrize("behaviour", [evil.answering("200 OK"), evil.close_at_once, evil.greet])
async def test_a_server_without_tls_is_called_so(behaviour: evil.Behaviour) -> None:
    """Plain words where TLS is expected are no mystery."""
    async with evil.serving(behaviour) as server:
        check = check_of(target=f"127.0.0.1:{server.port}", timeout_seconds=0.4, tls={})
        outcome = await run(check)

    assert outcome.reason in (R.TLS_PROTOCOL, R.TLS_TIMEOUT)


async def test_silence_in_the_handshake_is_a_timeout_of_tls() -> None:
    """The phase that hung is part of the reason."""
    async with evil.serving(evil.hang) as server:
        target = f"https://127.0.0.1:{server.port}/"
        outcome = await run(check_of(target=target, timeout_seconds=0.3, http={}))

    assert R.TLS_TIMEOUT == outcome.reason


async def test_a_certificate_that_is_not_verified_still_tells_its_end(authority: Authority) -> None:
    """Whoever turns verification off wants to see the expiry all the more."""
    expires = NOW - timedelta(hours=1)

    outcome = await ask(authority.context(expires=expires), verify=False)

    assert None is outcome.reason
    assert expires.timestamp() == outcome.facts.certificate_expires_at


async def test_a_certificate_that_ends_soon_is_a_degradation(authority: Authority) -> None:
    """It works today; tomorrow it does not."""
    context = authority.context(expires=NOW + timedelta(hours=1))

    outcome = await ask(context, ca_file=str(authority.file), expires_within_seconds=7200.0)

    assert outcome.is_degraded


async def test_a_redirect_must_not_give_up_encryption(authority: Authority) -> None:
    """What was asked for under TLS is not answered in the open."""
    to = evil.answering("302 Found", "Location: http://localhost:1/")
    async with evil.serving(to, tls=authority.context(), host="localhost") as server:
        http = {"redirects": 3, "tls": {"ca_file": str(authority.file)}}
        outcome = await run(check_of(target=f"https://localhost:{server.port}/", http=http))

    assert R.REDIRECT_REFUSED == outcome.reason


def test_the_expiry_of_a_certificate_of_the_far_future_is_read(tmp_path: Path) -> None:
    """From 2050 on the form of the time is another one; OpenSSL is the oracle."""
    for days in (1, 20_000):
        key, cert, der = (tmp_path / name for name in ("key", "cert", "der"))
        made = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x")
        openssl(*made, "-days", str(days), "-keyout", str(key), "-out", str(cert))
        openssl("x509", "-in", str(cert), "-outform", "der", "-out", str(der))
        shown = openssl("x509", "-in", str(cert), "-noout", "-enddate", "-dateopt", "iso_8601")
        wanted = datetime.fromisoformat(
            shown.strip().removeprefix("notAfter=").replace(" ", "T", 1)
        )

        assert wanted.timestamp() == expiry_of(der.read_bytes())


@pytest.mark.parametrize("der", [b"", b"\x30", b"\x30\x84\xff\xff\xff\xff", b"\x30\x80" * 20])
def test_bytes_that_are_no_certificate_have_no_end(der: bytes) -> None:
    """A hostile server must not break the reader."""
    assert None is expiry_of(der)


def openssl(*arguments: str) -> str:
    """Return what openssl says."""
    done = subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True)  # noqa: S607 - from the PATH
    return done.stdout
