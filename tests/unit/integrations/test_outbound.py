"""Requests the exporter sends by itself: `exporter.integrations.outbound`."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from exporter.integrations.outbound import Request, SendingError, send

Handler = Callable[[web.Request], Awaitable[web.Response]]


class Other:
    """The other side: answers as told, and remembers who asked."""

    def __init__(self) -> None:
        self.answer: Callable[[], web.Response] = web.Response
        self.seen: list[tuple[str, str, bytes]] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        """Answer."""
        self.seen.append((request.method, request.path, await request.read()))
        return self.answer()


@pytest.fixture
async def other() -> AsyncIterator[Other]:
    """Return the other side, listening."""
    made = Other()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", made.handle)
    async with TestServer(app) as server:
        made.url = str(server.make_url("/hook/s3cret"))
        yield made


async def test_what_is_sent_arrives(other: Other) -> None:
    """Body, method and path as given."""
    await send(Request(other.url, "POST", b"{}"))
    await send(Request(other.url, "GET"))

    assert [("POST", "/hook/s3cret", b"{}"), ("GET", "/hook/s3cret", b"")] == other.seen


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500, 503])
async def test_anything_but_2xx_did_not_arrive(other: Other, status: int) -> None:
    """Redirects included, and the address in them is never asked."""
    headers = {"Location": other.url + "/elsewhere"}
    other.answer = lambda: web.Response(status=status, headers=headers)

    with pytest.raises(SendingError, match=f"status {status}") as caught:
        await send(Request(other.url))

    assert 1 == len(other.seen)
    assert not caught.value.is_final


async def test_the_other_side_may_ask_for_time_or_for_no_more(other: Other) -> None:
    """`Retry-After` is honoured, and 410 ends it."""
    other.answer = lambda: web.Response(status=503, headers={"Retry-After": "120"})
    with pytest.raises(SendingError) as busy:
        await send(Request(other.url))
    other.answer = lambda: web.Response(status=410)
    with pytest.raises(SendingError) as gone:
        await send(Request(other.url))

    assert (120.0, True) == (busy.value.retry_after_seconds, gone.value.is_final)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/s3cret", "http://[::1", "gopher://x/s3cret"])
async def test_nobody_there_is_told_without_the_address(url: str) -> None:
    """The URL of a webhook is a secret."""
    with pytest.raises(SendingError) as caught:
        await send(Request(url))

    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in repr(Request("http://127.0.0.1:1/s3cret"))


async def test_a_proxy_of_the_environment_is_not_asked(
    other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would see every message."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    await send(Request(other.url))

    assert 1 == len(other.seen)
