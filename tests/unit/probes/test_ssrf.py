"""Addresses that must not be reached: sixty spellings, redirects, rebinding, and a canary."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.config.probe_targets import parse_allowed
from exporter.model.probing import ProbeReason as R
from exporter.probes.attempt import Attempts
from exporter.probes.names import NameResolver
from exporter.probes.outcome import FailedError, Verdict
from exporter.probes.policy import AddressPolicy

from . import evil
from .rig import Lines, SystemTime, check_of, module_of, run, workshop

# `{p}` is the port on which a canary listens on every address of loopback.
FORMS = [
    "http://127.0.0.1:{p}/",
    "http://127.0.0.1:{p}",
    "http://127.1:{p}/",
    "http://127.0.1:{p}/",
    "http://127.255.255.254:{p}/",
    "http://2130706433:{p}/",
    "http://0x7f000001:{p}/",
    "http://0x7f.0.0.1:{p}/",
    "http://0x7f.1:{p}/",
    "http://0X7F000001:{p}/",
    "http://017700000001:{p}/",
    "http://0177.0.0.1:{p}/",
    "http://0177.0.0.01:{p}/",
    "http://00000177.0.0.1:{p}/",
    "http://127.0.0.1.:{p}/",
    "http://0:{p}/",
    "http://0.0.0.0:{p}/",
    "http://00.00.00.00:{p}/",
    "http://localhost:{p}/",
    "http://LOCALHOST:{p}/",
    "http://localhost.:{p}/",
    "http://[::1]:{p}/",
    "http://[0:0:0:0:0:0:0:1]:{p}/",
    "http://[::]:{p}/",
    "http://[::ffff:127.0.0.1]:{p}/",
    "http://[::ffff:7f00:1]:{p}/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]:{p}/",
    "http://[::127.0.0.1]:{p}/",
    "http://[64:ff9b::127.0.0.1]:{p}/",
    "http://[64:ff9b:1::7f00:1]:{p}/",
    "http://[2002:7f00:1::]:{p}/",
    "http://[fe80::1%25lo]:{p}/",
    "http://[fe80::1%lo]:{p}/",
    "http://[::1%25lo]:{p}/",
    "http://[ff02::1%25lo]:{p}/",
    "http://127。0。0。1:{p}/",
    "http://127．0．0．1:{p}/",
    "http://①②⑦.⓪.⓪.①:{p}/",
    "http://①②⑦.0.0.1:{p}/",
    "http://１２７.0.0.1:{p}/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{p}/",
    "http://loc\u00adalhost:{p}/",
    "http://user@127.0.0.1:{p}/",
    "http://user:password@127.0.0.1:{p}/",
    "http://example.com@127.0.0.1:{p}/",
    "http://127.0.0.1:{p}@example.invalid/",
    "http://example.invalid#@127.0.0.1:{p}/",
    "http://example.invalid\\@127.0.0.1:{p}/",
    "http:\\\\127.0.0.1:{p}/",
    "http:/127.0.0.1:{p}/",
    "http:127.0.0.1:{p}",
    "http:///127.0.0.1:{p}/",
    "//127.0.0.1:{p}/",
    "127.0.0.1:{p}",
    "hTTp://127.0.0.1:{p}/",
    " http://127.0.0.1:{p}/",
    "http://127.0.0.1:{p}\t/",
    "http://127.0.0.1\n:{p}/",
    "http://127.0.0.1\x00:{p}/",
    "http://%31%32%37.0.0.1:{p}/",
    "http://127%2e0%2e0%2e1:{p}/",
    "https://127.0.0.1:{p}/",
    "ftp://127.0.0.1:{p}/",
    "file:///proc/self/environ",
    "unix:///run/docker.sock",
    "gopher://127.0.0.1:{p}/_x",
    "dict://127.0.0.1:{p}/",
    "jar:http://127.0.0.1:{p}!/",
    "data:text/plain,x",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/",
    "http://100.100.100.200/",
]

BLOCKED = [
    "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 169.254.169.254 172.16.0.1 172.31.255.255",
    "192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1",
    "224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 168.63.129.16 100.100.100.200",
    ":: ::1 ::7f00:1 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::10.0.0.1 64:ff9b:1::1",
    "100::1 2001::1 2001:10::1 2001:db8::1 2002:7f00:1:: 3fff::1 5f00::1 fc00::1 fd00::1",
    "fe80::1 fec0::1 ff02::1 ff0e::1 fd00:ec2::254 4000::1 name garbage",
]
NEVER = (
    "169.254.169.254 169.254.1.1 fe80::1 fd00:ec2::254 100.100.100.200 168.63.129.16 192.0.0.192"
)


class Canary:
    """Listens on every address of loopback and notes who comes."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET6)
        self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self._socket.bind(("::", 0))
        self._socket.listen(100)
        self._socket.settimeout(0)
        self.port = self._socket.getsockname()[1]

    def close(self) -> None:
        self._socket.close()

    @property
    def visitors(self) -> int:
        """Return how many connections came."""
        count = 0
        while True:
            try:
                self._socket.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1


@pytest.fixture
def canary() -> Iterator[Canary]:
    """Return a listener that nobody may reach."""
    with closing(Canary()) as canary:
        yield canary


def lookup(name: str) -> Sequence[str]:
    """Answer for names of this machine and for numbers in every spelling; know no others."""
    if name.lower().rstrip(".") == "localhost":
        return ["::1", "127.0.0.1"]
    try:
        return [socket.inet_ntoa(socket.inet_aton(name.rstrip(".")))]
    except OSError:
        raise socket.gaierror(socket.EAI_NONAME, "no such name") from None


async def ask(target: str) -> R | None:
    """Return the reason why ``/probe`` does not reach *target*."""
    shop = workshop(resolver=NameResolver(lookup))
    try:
        probe = shop.module(module_of(http={"redirects": 5}), target)
    except FailedError as error:
        return error.reason
    lines = Lines()
    outcome = await Attempts(clock=SystemTime(), log=lines).make(probe, timeout_seconds=5)
    assert [] == lines.lines
    assert Verdict.FAILED is outcome.verdict
    return outcome.reason


@pytest.mark.parametrize("form", FORMS)
async def test_no_spelling_reaches_a_private_address(canary: Canary, form: str) -> None:
    """The number that is connected to decides, whatever it looked like."""
    reason = await ask(form.format(p=canary.port))

    assert 0 == canary.visitors
    assert reason in (R.ADDRESS_REFUSED, R.NAME_NOT_FOUND)


async def test_the_canary_sings() -> None:
    """A canary that notices nothing proves nothing."""
    with closing(Canary()) as canary:
        check = check_of(target=f"127.0.0.1:{canary.port}", tcp={})
        outcome = await run(check)

        assert None is outcome.reason
        assert 1 == canary.visitors


@pytest.mark.parametrize("address", " ".join(BLOCKED).split())
def test_special_addresses_are_refused(address: str) -> None:
    """Private, special and unassigned: nothing but public addresses is permitted."""
    assert not AddressPolicy().permits(("name", 80), address)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "2a00::1"])
def test_public_addresses_are_permitted(address: str) -> None:
    """The policy is not a wall."""
    assert AddressPolicy().permits(("name", 80), address)


@pytest.mark.parametrize("address", NEVER.split())
def test_metadata_is_never_reached(address: str) -> None:
    """Neither the configuration nor the allow-list opens what gives credentials away."""
    everything = parse_allowed(("0.0.0.0/0", "::/0", "name:80"))
    policy = AddressPolicy(allowed=everything, trusted=frozenset({("name", 80)}))

    assert not policy.permits(("name", 80), address)
    assert not policy.permits(("name", 80), f"::ffff:{address}" if "." in address else address)


def test_the_allow_list_opens_networks_and_endpoints() -> None:
    """What is opened is opened, and nothing beside it."""
    policy = AddressPolicy(allowed=parse_allowed(("10.1.0.0/16", "Bots.internal:8080")))

    assert policy.permits(("x", 80), "10.1.2.3")
    assert policy.permits(("x", 80), "::ffff:10.1.2.3")
    assert not policy.permits(("x", 80), "10.2.2.3")
    assert policy.permits(("bots.INTERNAL", 8080), "192.168.0.1")
    assert not policy.permits(("bots.internal", 8081), "192.168.0.1")


@given(st.ip_addresses(v=6))
def test_every_address_gets_a_verdict(address: object) -> None:
    """No number breaks the policy."""
    AddressPolicy().permits(("name", 80), str(address))


async def test_a_name_that_changes_its_mind_reaches_nothing(canary: Canary) -> None:
    """Rebinding: the address that was judged is the one that is used."""
    answers = iter(["1.1.1.1", "127.0.0.1"])
    asked: list[str] = []

    def rebinding(name: str) -> Sequence[str]:
        asked.append(name)
        return [next(answers)]

    shop = workshop(resolver=NameResolver(rebinding))
    probe = shop.module(module_of(http={}), f"http://evil.example:{canary.port}/")
    await Attempts(clock=SystemTime(), log=Lines()).make(probe, timeout_seconds=0.3)

    assert ["evil.example"] == asked
    assert 0 == canary.visitors


async def test_one_bad_address_among_good_ones_refuses_the_name(canary: Canary) -> None:
    """Racing connections must not fall back to the private one."""
    shop = workshop(resolver=NameResolver(lambda _: ["1.1.1.1", "127.0.0.1"]))
    probe = shop.module(module_of(tcp={}), f"evil.example:{canary.port}")
    outcome = await Attempts(clock=SystemTime(), log=Lines()).make(probe, timeout_seconds=5)

    assert R.ADDRESS_REFUSED == outcome.reason
    assert 0 == canary.visitors


async def test_a_redirect_does_not_inherit_the_trust_of_its_origin(canary: Canary) -> None:
    """The operator named one host and port; the target names others."""
    to = f"Location: http://127.0.0.1:{canary.port}/"
    async with evil.serving(evil.answering("302 Found", to)) as server:
        target = f"http://127.0.0.1:{server.port}/"
        outcome = await run(check_of(target=target, http={"redirects": 1}))

    assert R.ADDRESS_REFUSED == outcome.reason
    assert 0 == canary.visitors


async def test_a_redirect_takes_no_secret_to_another_host() -> None:
    """Credentials are for whom they were written for."""
    seen: list[bytes] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async with evil.serving(note) as other:
        to = f"Location: http://127.0.0.1:{other.port}/"
        async with evil.serving(evil.answering("302 Found", to)) as server:
            http = {"redirects": 1, "headers": {"X-Key": "sesame", "Accept": "text/plain"}}
            http |= {"header_files": {"Authorization": "file"}}
            check = check_of(target=f"http://127.0.0.1:{server.port}/", http=http)
            shop = workshop(
                files={"file": "Bearer sesame"},
                allowed=parse_allowed((f"127.0.0.1:{other.port}",)),
            )
            outcome = await run(check, shop)

    assert None is outcome.reason
    assert b"sesame" not in seen[0]
    assert b"Accept: text/plain" in seen[0]
