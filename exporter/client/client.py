"""What a bot calls."""

import asyncio
import os
import ssl
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self, overload

from .buffer import Put
from .counts import Stats
from .decorate import F, decorated
from .encode import Encoder
from .endpoint import parse_endpoint
from .limits import Limits
from .patience import Patience
from .sender import Sender
from .shield import Complaints
from .timing import Action, LlmCall, Turn
from .token import new_token
from .transport import Transport

DEFAULT_URL = "http://127.0.0.1:10350"
URL_VARIABLE = "BOT_EXPORTER_URL"
FLUSH_SECONDS = 10.0
_COMPLAINTS = {
    Put.PUSHED_OUT: "the queue is full; the oldest events are dropped",
    Put.TOO_LARGE: "an event larger than the queue is dropped",
    Put.CLOSED: "the client is closed; events are dropped",
}


class Client:
    """
    Sends a bot's events in the background; make one per process and use it everywhere.

    Nothing but the making of a client raises, and nothing waits for the network but `flush` and
    `close`. What goes wrong is counted in `stats` and logged by ``bot_exporter.client``, each kind
    once a minute. The end of the process sends what is queued.

    Args:
        url: Of the ingest listener; default: ``BOT_EXPORTER_URL``, then loopback.
        bot: Name of the bot.
        token: Ingest token; default: ``BOT_EXPORTER_TOKEN``.
        token_file: File that holds it; read when needed, and again when the token is refused.
        limits: Bounds of the queue and of the batches.
        ssl_context: For a certificate of your own authority; default: the system's authorities.
        fields: Go along with every event that does not bring its own: ``platform``, ``version``.

    Raises:
        ValueError: the URL, the token or a field can never work.
    """

    def __init__(  # noqa: PLR0913 - by keyword; each is one thing a bot may have to say
        self,
        url: str | None = None,
        *,
        bot: str,
        token: str | None = None,
        token_file: str | os.PathLike[str] | None = None,
        limits: Limits | None = None,
        ssl_context: ssl.SSLContext | None = None,
        **fields: object,
    ) -> None:
        limits = limits or Limits()
        secret = new_token(token, token_file, os.environ)
        endpoint = self._endpoint = parse_endpoint(
            url or os.environ.get(URL_VARIABLE) or DEFAULT_URL
        )
        self._bot = bot
        self._complaints = Complaints()
        try:
            self._encoder = Encoder({"bot": bot, **fields})
        except TypeError as error:
            raise ValueError(f"fields: {error}") from error
        self._sender = Sender(
            lambda: Transport(
                endpoint, secret, endpoint.connect(limits.timeout_seconds, ssl_context)
            ),
            limits=limits,
            patience=Patience(),
            complaints=self._complaints,
        )
        self._sender.on_fork = self._encoder.renew_ids
        self._shield = self._complaints.shield("an event could not be sent")
        if secret.is_given and self._endpoint.exposes_secrets:
            self._complaints.say("plain", f"the token goes to {endpoint} unencrypted")

    def __repr__(self) -> str:
        """Show where events go, never the token."""
        return f"Client({str(self._endpoint)!r}, bot={self._bot!r})"

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Send what is queued and stop."""
        self.close()

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Send what is queued and stop."""
        await self.aclose()

    def __del__(self) -> None:
        """Let the thread of a forgotten client send what is queued and end."""
        sender = getattr(self, "_sender", None)
        if sender is not None:
            sender.retire()

    @property
    def stats(self) -> Stats:
        """What became of the events so far."""
        return self._sender.counts.snapshot(self._sender.buffer.queued())

    def send(self, type: str = "", /, **fields: object) -> str:  # noqa: A002 - the event's own word
        """
        Queue an event and return its id; safe in any thread, task and signal handler.

        Values that are None are left out; numbers become text in ``user``, ``conversation`` and
        ``session``; ``id`` and ``ts`` are filled in unless given.
        """
        event_id = self._encoder.new_id()
        event = None
        with self._shield:
            if "type" in fields:
                type = fields.pop("type")  # type: ignore[assignment] # noqa: A001
            if "id" in fields and (own_id := fields.pop("id")) is not None:
                event_id = str(own_id)
            event = self._encoder.encode(type, event_id, fields)
        if event is None:
            self._sender.counts.drop("not_serialisable", 1)
            return event_id
        put = self._sender.buffer.put(event)
        if put is not Put.KEPT or self._sender.thread is None:
            self._look_after(put)
        return event_id

    def turn(self, /, **fields: object) -> Turn:
        """
        Return a context that reports a user's message when entered and the bot's answer when left.

        An exception that leaves it makes the answer ``failed`` and goes on untouched.
        """
        return Turn(self.send, fields)

    def llm_call(self, model: str, /, **fields: object) -> LlmCall:
        """Return a context, also a decorator, that reports one call to a language model."""
        return LlmCall(self.send, {"model": model, **fields})

    def action(self, action: str, /, **fields: object) -> Action:
        """Return a context, also a decorator, that reports one use of a tool or an API."""
        return Action(self.send, {"action": action, **fields})

    @overload
    def handler(self, function: F, /) -> F: ...

    @overload
    def handler(self, /, **fields: object) -> Callable[[F], F]: ...

    def handler(self, function: F | None = None, /, **fields: object) -> F | Callable[[F], F]:
        """
        Return a decorator that makes a turn of every call of a handler, plain or ``async``.

        A field is a value, or a function that takes what the handler takes and returns the value.
        """

        def enter(*args: object, **kwargs: object) -> Turn:
            return self.turn(**self._extract(fields, args, kwargs))

        decorate = decorated(enter)
        return decorate if function is None else decorate(function)

    def flush(self, timeout: float = FLUSH_SECONDS) -> bool:
        """Wait until every event so far has its answer; False when that took too long."""
        return self._sender.buffer.flush(timeout)

    def close(self, timeout: float | None = None) -> bool:
        """Send what is queued and stop; False when something was left at the time-out."""
        return self._sender.close(self._sender.limits.exit_seconds if timeout is None else timeout)

    async def aflush(self, timeout: float = FLUSH_SECONDS) -> bool:  # noqa: ASYNC109 - as flush
        """Do what `flush` does without blocking the loop."""
        return await asyncio.to_thread(self.flush, timeout)

    async def aclose(self, timeout: float | None = None) -> bool:  # noqa: ASYNC109 - as close
        """Do what `close` does without blocking the loop."""
        return await asyncio.to_thread(self.close, timeout)

    def _look_after(self, put: Put) -> None:
        """Count and tell what became of an event, and start the thread, where that is needed."""
        sender = self._sender
        if put in (Put.CLOSED, Put.TOO_LARGE):
            sender.counts.drop(put.value, 1)
        else:
            with self._shield:
                sender.ensure_thread()
        if put in _COMPLAINTS:
            self._complaints.say(put.value, _COMPLAINTS[put])

    def _extract(
        self,
        fields: Mapping[str, object],
        args: tuple[object, ...],
        kwargs: Mapping[str, object],
    ) -> dict[str, object]:
        found: dict[str, object] = {}
        for name, value in fields.items():
            with self._complaints.shield(f"the field {name} cannot be taken from the call"):
                found[name] = value(*args, **kwargs) if callable(value) else value
        return found
