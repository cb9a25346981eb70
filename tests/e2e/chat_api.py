"""The servers of Telegram and Slack, as far as a bot that answers one message needs them."""

import asyncio
import threading
from types import TracebackType
from typing import Any, Self

from aiohttp import web

ME = {"id": 1, "is_bot": True, "first_name": "Parcels", "username": "parcels_bot"}
CHAT = {"id": 7, "type": "private", "first_name": "Ann"}
MESSAGE = {
    "message_id": 5,
    "date": 1_795_000_000,
    "chat": CHAT,
    "from": {"id": 42, "is_bot": False, "first_name": "Ann"},
    "text": "Where is my parcel?",
}
UPDATE = {"update_id": 3, "message": MESSAGE}
_ANSWERS: dict[str, Any] = {
    "getMe": ME,
    "sendMessage": {**MESSAGE, "message_id": 6, "from": ME, "text": "Answer"},
}


class ChatApi:
    """
    Listens on loopback in a thread of its own; use it as a context manager.

    Attributes:
        said: What the bot answered.
    """

    def __init__(self) -> None:
        self.url = ""
        self.said: list[str] = []
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        app = web.Application()
        app.router.add_post("/{token}/{method}", self._telegram)
        app.router.add_post("/{method}", self._slack)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._ready.set()
        await self._over.wait()
        await runner.cleanup()

    async def _telegram(self, request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "result": await self._answer(request)})

    async def _slack(self, request: web.Request) -> web.Response:
        await self._answer(request)
        return web.json_response({"ok": True, "bot_id": "B1", "user_id": "U1", "team_id": "T1"})

    async def _answer(self, request: web.Request) -> object:
        is_json = request.content_type == "application/json"
        fields = await request.json() if is_json else await request.post()
        if "text" in fields:
            self.said.append(str(fields["text"]))
        return _ANSWERS.get(request.match_info["method"], True)
