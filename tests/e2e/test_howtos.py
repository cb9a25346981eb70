"""The code of every how-to for bots runs with the real library, against a real exporter."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Update as AiogramUpdate
from aiohttp.test_utils import TestClient, TestServer
from slack_bolt import App, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from telegram import Update
from telegram.ext import Application

from tests.e2e.chat_api import UPDATE, ChatApi
from tests.e2e.pages import HOW_TO, LONGEST, page
from tests.support.scraping import Scrape
from tests.support.server import Exporter
from tests.support.waiting import wait_until

TOKEN = "123:abc"
ANSWER = "Your parcel is on its way."
MEASURED = ("bot_turns_total", "bot_turn_failures_total", "bot_response_duration_seconds_count")

Code = dict[str, Any]
Load = Callable[[str], Code]


@pytest.fixture(scope="module")
def exporter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exporter]:
    """Return one exporter for all pages."""
    with Exporter(tmp_path_factory.mktemp("exporter")) as exporter:
        yield exporter


@pytest.fixture
def load(exporter: Exporter, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Return what runs the code of a page, as ``import`` would."""
    monkeypatch.setenv("BOT_EXPORTER_URL", f"http://127.0.0.1:{exporter.ingest_port}")
    monkeypatch.setenv("BOT_EXPORTER_TOKEN", exporter.token())
    loaded: list[Code] = []

    def run(name: str) -> Code:
        code: Code = {"__name__": "bot"}
        loaded.append(code)
        exec(compile(page(name).python, name, "exec"), code)  # noqa: S102 - it is our page
        return code

    yield run
    for code in loaded:
        code["client"].close()


@pytest.fixture
def api() -> Iterator[ChatApi]:
    """Return the other side of the bot."""
    with ChatApi() as api:
        yield api


@pytest.mark.parametrize("file", sorted(HOW_TO.glob("connect-*.md")), ids=lambda file: file.name)
def test_a_page_is_short_enough_to_be_followed(file: Path) -> None:
    """And a page without a test here would not be noticed otherwise."""
    assert LONGEST >= len(file.read_text(encoding="utf-8").splitlines())
    assert file.name in Path(__file__).read_text(encoding="utf-8")


async def test_a_bot_made_with_python_telegram_bot_is_connected(
    load: Load, api: ChatApi, exporter: Exporter, promtool: Path
) -> None:
    """An update goes through a real Application."""
    code = load("connect-python-telegram-bot.md")
    before = await asyncio.to_thread(exporter.scrape, promtool)
    application = Application.builder().token(TOKEN).base_url(f"{api.url}/bot").build()
    code["connect"](application)

    async with application:
        await application.process_update(Update.de_json(UPDATE, application.bot))
    assert await code["client"].aflush()

    after = await asyncio.to_thread(exporter.scrape, promtool)
    assert [ANSWER] == api.said
    assert [1, 0, 1] == moved(before, after, "telegram")


async def test_a_bot_made_with_aiogram_is_connected(
    load: Load, api: ChatApi, exporter: Exporter, promtool: Path
) -> None:
    """An update goes through a real Dispatcher."""
    code = load("connect-aiogram.md")
    before = await asyncio.to_thread(exporter.scrape, promtool)
    server = TelegramAPIServer(base=api.url + "/bot{token}/{method}", file=api.url)

    async with Bot(TOKEN, session=AiohttpSession(api=server)) as bot:
        await code["dispatcher"].feed_update(bot, AiogramUpdate.model_validate(UPDATE))
        await code["dispatcher"].emit_shutdown()

    after = await asyncio.to_thread(exporter.scrape, promtool)
    assert [ANSWER] == api.said
    assert [1, 0, 1] == moved(before, after, "telegram")


@pytest.mark.filterwarnings("ignore:'audioop' is deprecated:DeprecationWarning")  # discord.player
async def test_a_bot_made_with_discord_py_is_connected(
    load: Load, exporter: Exporter, promtool: Path
) -> None:
    """A message is dispatched by a real Client; the bot's own is no turn."""
    code = load("connect-discord-py.md")
    said: asyncio.Queue[str] = asyncio.Queue()

    def message(author: int, *, bot: bool) -> SimpleNamespace:
        channel = SimpleNamespace(id=7, send=said.put)
        author_ = SimpleNamespace(id=author, bot=bot)
        return SimpleNamespace(author=author_, channel=channel, content="Where is my parcel?")

    async with code["bot"] as bot:
        bot.dispatch("message", message(1, bot=True))
        bot.dispatch("message", message(42, bot=False))
        async with asyncio.timeout(20):
            assert ANSWER == await said.get()
    assert await code["client"].aflush()

    scrape = await asyncio.to_thread(exporter.scrape, promtool)
    assert [1, 0, 1] == moved(None, scrape, "discord")


def test_a_bot_made_with_slack_bolt_is_connected(
    load: Load, api: ChatApi, exporter: Exporter, promtool: Path
) -> None:
    """An event goes through a real App, in whose threads handlers run."""
    code = load("connect-slack-bolt.md")
    app = App(
        client=WebClient(token="xoxb-1", base_url=f"{api.url}/"),
        token_verification_enabled=False,
        process_before_response=True,
        authorize=lambda: AuthorizeResult(
            enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_id="B1", bot_user_id="U1"
        ),
    )
    code["connect"](app)
    event = {"type": "message", "user": "U42", "channel": "C7", "text": "Where?", "ts": "1.0"}
    body = {"type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event": event}

    answer = app.dispatch(BoltRequest(body=body, mode="socket_mode"))
    wait_until(lambda: api.said, seconds=20, what="the bot answers")
    assert code["client"].flush()

    scrape = exporter.scrape(promtool)
    assert 200 == answer.status
    assert [ANSWER] == api.said
    assert [1, 0, 1] == moved(None, scrape, "slack")


async def test_a_bot_behind_a_web_server_is_connected(
    load: Load, exporter: Exporter, promtool: Path
) -> None:
    """A request goes through a real server; its end sends what is queued."""
    code = load("connect-a-web-bot.md")
    message = {"user": "ann", "conversation": "c-1", "text": "Where is my parcel?"}

    async with TestClient(TestServer(code["make_app"]())) as browser:
        answer = await browser.post("/chat", json=message)
        assert {"text": ANSWER} == await answer.json()

    scrape = await asyncio.to_thread(exporter.scrape, promtool)
    assert [1, 0, 1] == moved(None, scrape, "web")


def moved(before: Scrape | None, after: Scrape, platform: str) -> list[float]:
    """Return by how much turns, failures and measured answers of the bot have grown."""
    key = (("bot", "parcels"), ("platform", platform))
    old = before.values if before is not None else {}
    return [after.values.get((name, key), 0) - old.get((name, key), 0) for name in MEASURED]
