"""The client as a bot sees it: it never raises, never blocks, and loses count of nothing."""

import asyncio
import logging
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.client import Client, Limits, Stats
from tests.support.ports import free_ports
from tests.unit.client.script import Say, Server

SECRET = "s3cret-token"
NO_HURRY = 3600.0


class Hostile:
    """An object of which every look raises."""

    def __getattribute__(self, name: str) -> object:
        """Raise."""
        raise RuntimeError("a user's words")

    def __eq__(self, other: object) -> bool:
        """Raise."""
        raise RuntimeError("a user's words")

    def __hash__(self) -> int:
        """Raise."""
        raise RuntimeError("a user's words")

    def __str__(self) -> str:
        """Raise."""
        raise RuntimeError("a user's words")


class HostileDict(dict[str, object]):
    """A dictionary that cannot be walked."""

    def items(self) -> Any:  # noqa: ANN401 - it never returns
        """Raise what is no ordinary error of values."""
        raise LookupError("a user's words")


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.binary(max_size=5)
    | st.builds(lambda: 10**5000)
    | st.builds(Hostile)
    | st.builds(object)
    | st.just(HostileDict(a=1)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3)
    ),
    max_leaves=4,
)


def total(stats: Stats) -> int:
    """Return in how many events the numbers account for."""
    return stats.queued + stats.sent + sum(stats.dropped.values())


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server that takes everything."""
    with Server() as server:
        yield server


def test_events_arrive_with_id_time_and_bot(server: Server) -> None:
    """The id that `send` returns is the one that arrives."""
    with Client(server.url, bot="shop", platform="web", token=SECRET) as client:
        sent = client.send("message_received", user=42, text=None)
        client.send(type="track", id="mine", name="click")
        nameless = {client.send("track", id=None, name="click") for _ in range(2)}
        client.flush()
        stats = client.stats

    first = server.stored[sent]
    assert ("message_received", "shop", "web", "42") == (
        first["type"],
        first["bot"],
        first["platform"],
        first["user"],
    )
    assert first["ts"] <= server.stored["mine"]["ts"]
    assert nameless == {sent, "mine"} ^ set(server.stored)
    assert (0, 4, 4) == (stats.queued, stats.sent, stats.accepted)


@pytest.fixture(scope="module")
def offline() -> Iterator[Client]:
    """Return a client that never gets to sending."""
    limits = Limits(batch_events=10**6, batch_seconds=NO_HURRY, exit_seconds=0.001)
    with Client(f"http://127.0.0.1:{free_ports(1)[0]}", bot="shop", limits=limits) as client:
        yield client


@settings(max_examples=100)
@given(
    type_=ANYTHING | st.just("track"),
    fields=st.dictionaries(
        st.text(max_size=5) | st.sampled_from(["id", "ts", "type", "bot", "user", "self"]),
        ANYTHING,
        max_size=4,
    ),
)
def test_send_never_raises(offline: Client, type_: str, fields: dict[str, object]) -> None:
    """Whatever it is given; it is in the numbers all the same."""
    before = total(offline.stats)

    sent = offline.send(type_, **fields)

    assert isinstance(sent, str)
    assert before + 1 == total(offline.stats)


def test_what_went_wrong_is_logged_once_without_a_word_of_the_user(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor with the token."""
    with Client(server.url, bot="shop", token=SECRET) as client:
        for _ in range(100):
            client.send("track", name=Hostile())
        stats = client.stats

    lines = [r for r in caplog.records if r.name == "bot_exporter.client"]
    assert {"not_serialisable": 100} == stats.dropped
    assert 1 == len(lines)
    assert "a user's words" not in caplog.text
    assert SECRET not in caplog.text


def test_nothing_shows_the_token(server: Server) -> None:
    """Neither the client nor a mistake in the token itself."""
    with Client(server.url, bot="shop", token=SECRET) as client:
        assert SECRET not in repr(client) + repr(vars(client))

    with pytest.raises(ValueError, match="token") as raised:
        Client(server.url, bot="shop", token=f"{SECRET}\r\nX-Evil: 1")
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:10350",
        "ftp://host",
        "http://",
        "http://me:pass@host",
        "http://h/?a=b",
        "http://h/ü",
    ],
)
def test_a_url_that_can_never_work_is_refused_at_the_start(url: str) -> None:
    """A person is looking then; the message does not repeat what may be a secret."""
    with pytest.raises(ValueError, match="url") as raised:
        Client(url, bot="shop")

    assert "pass" not in str(raised.value).replace("password", "")


@pytest.mark.parametrize(
    "limits", [{"batch_events": 0}, {"queue_bytes": -1}, {"exit_seconds": "5"}]
)
def test_a_limit_that_can_never_work_is_refused_at_the_start(limits: dict[str, Any]) -> None:
    """Zero events a batch would wait forever."""
    with pytest.raises(ValueError, match="limits"):
        Limits(**limits)


def test_a_constant_without_json_is_refused_at_the_start() -> None:
    """Otherwise every event would be dropped."""
    with pytest.raises(ValueError, match="fields"):
        Client(bot="shop", version=object())


def test_the_environment_says_where_to_send(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Containers are configured like that."""
    monkeypatch.setenv("BOT_EXPORTER_URL", server.url)
    monkeypatch.setenv("BOT_EXPORTER_TOKEN", SECRET)

    with Client(bot="shop") as client:
        client.send("heartbeat")

    assert f"Bearer {SECRET}" == server.asked[0].headers["Authorization"]


def test_a_token_that_travels_in_the_clear_is_worth_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """On loopback nobody listens."""
    for url in (
        "http://127.0.0.1:1",
        "https://exporter.example",
        "http://localhost",
        "http://[::1]:1",
    ):
        Client(url, bot="shop", token=SECRET).close()
    assert "" == caplog.text

    Client("http://exporter.example", bot="shop", token=SECRET).close()
    assert "unencrypted" in caplog.text


def test_certificates_are_verified() -> None:
    """Nobody switches that off by accident."""
    client = Client("https://exporter.example", bot="shop")
    connection = client._sender._delivery.transport._connection  # noqa: SLF001 - no server here
    client.close()

    context = connection._context  # type: ignore[attr-defined] # noqa: SLF001
    assert (ssl.CERT_REQUIRED, True) == (context.verify_mode, context.check_hostname)


def test_many_threads_lose_and_double_nothing(server: Server) -> None:
    """Every id that was handed out arrives once."""
    sent: list[list[str]] = [[] for _ in range(8)]
    with Client(server.url, bot="shop") as client:

        def work(mine: list[str]) -> None:
            mine += [client.send("track", name="click") for _ in range(500)]

        threads = [threading.Thread(target=work, args=(mine,)) for mine in sent]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert client.flush()
        stats = client.stats

    assert {n for mine in sent for n in mine} == set(server.stored)
    assert (4000, 0, {}) == (stats.accepted, stats.duplicates, stats.dropped)
    assert all(len(ids) <= 100 for ids in server.ids)


def test_a_full_queue_drops_the_oldest_and_counts_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """While the exporter hangs, what is on its way stays, and the newest wait."""
    with Server(Say(503, headers={"Retry-After": "3600"})) as server:
        client = Client(server.url, bot="shop", limits=Limits(queue_events=10, batch_seconds=1e-9))
        first = client.send("track", name="first")
        server.wait_for(requests=1)
        for _ in range(25):
            client.send("track", name="later")
        stats = client.stats
        assert not client.close(5.0)

    assert [[first]] == server.ids
    assert (11, {"queue_full": 15}) == (stats.queued, stats.dropped)
    assert {"queue_full": 15, "unsent_at_close": 11} == client.stats.dropped
    assert 26 == total(client.stats)
    assert 1 == caplog.text.count("queue is full")


def test_a_closed_client_counts_what_it_does_not_send(server: Server) -> None:
    """A handler that outlives the client must not fail."""
    client = Client(server.url, bot="shop")
    client.close()
    with client.turn(user="ann"):
        pass

    assert {"closed": 2} == client.stats.dropped
    assert client.close()
    assert client.flush()


def test_a_log_handler_that_sends_events_or_raises_does_no_harm(server: Server) -> None:
    """Bots report their log lines; some handlers are broken, too."""

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            client.send("error", error=Hostile())
            raise RuntimeError("broken handler")

    logger, handler = logging.getLogger("bot_exporter.client"), Handler()
    client = Client(server.url, bot="shop")
    logger.addHandler(handler)
    try:
        client.send("error", error=Hostile())
    finally:
        logger.removeHandler(handler)
        client.close()

    assert {"not_serialisable": 2} == client.stats.dropped


async def test_the_loop_turns_while_a_flush_waits(server: Server) -> None:
    """`aflush` and ``async with`` wait in another thread."""
    async with Client(server.url, bot="shop") as client:
        client.send("heartbeat")
        flush = asyncio.create_task(client.aflush())
        await asyncio.sleep(0)
        turned = not flush.done()
        flushed = await flush

    assert (True, True) == (turned, flushed)
    assert 1 == len(server.stored)
