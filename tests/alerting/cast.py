"""Bots that talk to an exporter all the time: well, badly, or not at all."""

import http.client
import json
import threading
from enum import Enum
from itertools import count
from types import TracebackType
from typing import Any, Self

from tests.support.server import Exporter

Event = dict[str, Any]
PAUSE_SECONDS = 0.1  # Between two turns of each bot.
SLOW_SECONDS = 5.0
ANSWER_SECONDS = 20.0
ACCEPTED = 202


class Mood(Enum):
    """How a bot does."""

    WELL = "well"
    SLOW = "slow"
    FAILING = "failing"
    SILENT = "silent"


class Cast:
    """
    A thread in which *bots* send a turn each, again and again; use it as a context.

    All of them are well at first. What goes wrong in the thread is raised at the end.
    """

    def __init__(self, exporter: Exporter, bots: tuple[str, ...]) -> None:
        self._exporter = exporter
        self._moods = dict.fromkeys(bots, Mood.WELL)
        self._extra: list[Event] = []
        self._numbers = count()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        """Let them talk."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let them stop."""
        self._stop.set()
        self._thread.join()
        if self._error is not None and error is None:
            raise self._error

    def turn(self, bot: str, mood: Mood) -> None:
        """Let *bot* do differently from now on."""
        with self._lock:
            self._moods[bot] = mood

    def rate(self, bot: str, thumbs: str, times: int) -> None:
        """Let that many users of *bot* give a verdict."""
        with self._lock:
            verdict = {"type": "feedback", "bot": bot, "platform": "web", "thumbs": thumbs}
            self._extra.extend([verdict] * times)

    def _run(self) -> None:
        try:
            while not self._stop.wait(PAUSE_SECONDS):
                self._send(self._next())
        except (OSError, http.client.HTTPException, AssertionError) as error:
            self._error = error

    def _next(self) -> list[Event]:
        with self._lock:
            extra, self._extra = self._extra, []
            said = [
                event for bot, mood in self._moods.items() for event in self._turn_of(bot, mood)
            ]
        return said + extra

    def _turn_of(self, bot: str, mood: Mood) -> list[Event]:
        if mood is Mood.SILENT:
            return []
        shared = {"bot": bot, "platform": "web", "conversation": f"c{next(self._numbers)}"}
        question = {"type": "message_received", **shared}
        answer = {"type": "message_sent", **shared}
        if mood is Mood.WELL:
            return [question, answer]
        if mood is Mood.SLOW:
            return [question, {**answer, "response_seconds": SLOW_SECONDS}]
        error = {"type": "error", **shared, "error": "Broken", "fatal": True}
        return [question, error, {**answer, "status": "failed"}]

    def _send(self, events: list[Event]) -> None:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self._exporter.ingest_port, timeout=ANSWER_SECONDS
        )
        headers = {
            "Authorization": f"Bearer {self._exporter.token()}",
            "Content-Type": "application/json",
        }
        try:
            connection.request("POST", "/v1/events", json.dumps(events), headers)
            answer = connection.getresponse()
            said = answer.read()
            assert ACCEPTED == answer.status, said
            assert [] == json.loads(said)["rejected"], said
        finally:
            connection.close()
