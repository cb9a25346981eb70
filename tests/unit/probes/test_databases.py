"""Name servers, Redis and PostgreSQL, as far as they can be played by a few lines."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from exporter.model.probing import ProbeReason as R

from . import evil
from .rig import check_of, run, workshop


class NameServer(asyncio.DatagramProtocol):
    """Answers every question in one way."""

    def __init__(self, how: str) -> None:
        self._how = how

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, address: tuple[str | Any, int]) -> None:
        if answer := self.answer(data):
            self._transport.sendto(answer, address)

    def answer(self, data: bytes) -> bytes:
        """Return the answer to a question."""
        if self._how == "silent":
            return b""
        if self._how == "garbage":
            return b"\xff" * 40
        query = dns.message.from_wire(data)
        response = dns.message.make_response(query)
        if self._how == "other":
            response.id = query.id ^ 1
        elif self._how == "good":
            name = query.question[0].name
            response.answer.append(dns.rrset.from_text(name, 60, "IN", "A", "192.0.2.7"))
        else:
            response.set_rcode(dns.rcode.from_text(self._how))
        return response.to_wire()


@asynccontextmanager
async def name_server(how: str) -> AsyncIterator[int]:
    """Run a name server and yield its port."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: NameServer(how), local_addr=("127.0.0.1", 0)
    )
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


@pytest.mark.parametrize(
    ("how", "settings", "reason"),
    [
        ("good", {}, None),
        ("good", {"expect": ["192.0.2.7"]}, None),
        ("good", {"expect": ["192.0.2.8"]}, R.ANSWER_MISMATCH),
        ("good", {"type": "MX"}, R.ANSWER_MISMATCH),
        ("NOERROR", {}, R.ANSWER_MISMATCH),
        ("NXDOMAIN", {}, R.NAME_NOT_FOUND),
        ("SERVFAIL", {}, R.ANSWER_MISMATCH),
        ("garbage", {}, R.PROTOCOL),
        ("other", {}, R.PROTOCOL),
        ("silent", {}, R.RESPONSE_TIMEOUT),
    ],
)
async def test_a_name_server_is_judged_by_its_answer(
    how: str, settings: dict[str, Any], reason: R | None
) -> None:
    """The records that are wanted must be there."""
    async with name_server(how) as port:
        check = check_of(
            target=f"127.0.0.1:{port}",
            timeout_seconds=0.5 if how == "silent" else 5,
            dns={"name": "shop.example", **settings},
        )
        outcome = await run(check)

    assert reason == outcome.reason


async def test_dns_is_spoken_over_tcp_as_well() -> None:
    """Some answers do not fit into a datagram."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (size,) = struct.unpack("!H", await reader.readexactly(2))
        answer = NameServer("good").answer(await reader.readexactly(size))
        writer.write(struct.pack("!H", len(answer)) + answer)
        await writer.drain()

    async with evil.serving(serve) as server:
        dns_settings = {"name": "shop.example", "transport": "tcp"}
        outcome = await run(check_of(target=f"127.0.0.1:{server.port}", dns=dns_settings))

    assert None is outcome.reason
    assert 1 == outcome.facts.answers


def redis(*answers: bytes) -> evil.Behaviour:
    """Return a Redis that gives the *answers*, one for each command."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            words = int((await reader.readline())[1:])
            for _ in range(words):
                size = int((await reader.readline())[1:])
                await reader.readexactly(size + 2)
            writer.write(answer)
            await writer.drain()
        await reader.read()

    return serve


@pytest.mark.parametrize(
    ("answers", "password", "reason"),
    [
        ((b"+PONG\r\n",), "", None),
        ((b"+OK\r\n", b"+PONG\r\n"), "sesame", None),
        ((b"-NOAUTH Authentication required.\r\n",), "", R.AUTHENTICATION),
        ((b"-WRONGPASS invalid\r\n",), "wrong", R.AUTHENTICATION),
        ((b"-LOADING Redis is loading\r\n",), "", R.ANSWER_MISMATCH),
        ((b"HTTP/1.1 400 Bad Request\r\n",), "", R.PROTOCOL),
        ((b"x" * 200_000,), "", R.PROTOCOL),
    ],
)
async def test_redis_must_say_pong(
    answers: tuple[bytes, ...], password: str, reason: R | None
) -> None:
    """Logging in comes first where there is a password."""
    async with evil.serving(redis(*answers)) as server:
        settings = {"password_file": "f"} if password else {}
        check = check_of(target=f"127.0.0.1:{server.port}", redis=settings)
        outcome = await run(check, workshop(files={"f": password}))

    assert reason == outcome.reason


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (evil.hang, R.CONNECT_TIMEOUT),
        (evil.greet, R.PROTOCOL),
    ],
)
async def test_postgres_that_is_none_is_told(behaviour: evil.Behaviour, reason: R) -> None:
    """A port that is open is no database."""
    async with evil.serving(behaviour) as server:
        settings = {"tls_mode": "disable"}
        check = check_of(target=f"127.0.0.1:{server.port}", timeout_seconds=1, postgres=settings)
        outcome = await run(check)

    assert reason == outcome.reason


async def test_postgres_that_refuses_the_login_is_told() -> None:
    """SQLSTATE 28P01 is a matter of credentials."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = struct.unpack("!I", await reader.readexactly(4))[0]
        await reader.readexactly(size - 4)
        fields = b"SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed\0\0"
        writer.write(b"E" + struct.pack("!I", len(fields) + 4) + fields)
        await writer.drain()

    async with evil.serving(serve) as server:
        check = check_of(target=f"127.0.0.1:{server.port}", postgres={"tls_mode": "disable"})
        outcome = await run(check)

    assert R.AUTHENTICATION == outcome.reason


async def test_words_are_exchanged_over_tcp() -> None:
    """A server that says the wrong thing is not up."""
    async with evil.serving(evil.greet) as server:
        target = f"127.0.0.1:{server.port}"
        good = await run(check_of(target=target, tcp={"expect": "ESMTP"}))
        silent = await run(check_of(target=target, timeout_seconds=0.2, tcp={"expect": "IMAP"}))
    async with evil.serving(redis(b"+PONG\r\n")) as server:
        tcp = {"send": "*1\r\n$4\r\nPING\r\n", "expect": "+PONG"}
        sent = await run(check_of(target=f"127.0.0.1:{server.port}", tcp=tcp))

    assert (None, R.RESPONSE_TIMEOUT, None) == (good.reason, silent.reason, sent.reason)
