"""Contexts that measure what they surround and report it when they are left."""

import asyncio
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Protocol, Self

from .decorate import F, decorated

# They describe the question, not the answer.
_OF_THE_QUESTION = frozenset({"id", "kind", "properties", "text", "ts", "type"})


class Send(Protocol):
    """Queues an event."""

    def __call__(self, type: str = "", /, **fields: object) -> str:  # noqa: A002
        """Queue an event and return its id."""
        ...


class Turn:
    """
    A user's message and the bot's answer to it.

    Used once. A cancelled handler has failed: the user got no answer. A stream that the reader
    closed has not.
    """

    def __init__(
        self,
        send: Send,
        fields: Mapping[str, object],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self._fields = fields
        self._common = {k: v for k, v in fields.items() if k not in _OF_THE_QUESTION}
        self._monotonic = monotonic
        self._answer: dict[str, object] = {}
        self._started = monotonic()
        self._seconds: float | None = None

    def __enter__(self) -> Self:
        """Report the message."""
        self._send("message_received", **self._fields)
        self._started = self._monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Report the answer."""
        seconds = self._elapsed() if self._seconds is None else self._seconds
        answer = {**self._common, "response_seconds": seconds, **self._answer}
        if _is_failure(kind):
            answer["status"] = "failed"
        self._send("message_sent", **answer)

    def answered(self, **fields: object) -> None:
        """
        Say what the answer is: ``source``, ``status``, ``kind``, ``text``.

        The first call is the moment of the answer; without one it is the end of the turn.
        """
        if self._seconds is None:
            self._seconds = self._elapsed()
        self._answer.update(fields)

    def send(self, type: str = "", /, **fields: object) -> str:  # noqa: A002 - as in Client.send
        """Queue another event of the same user and conversation."""
        return self._send(type, **{**self._common, **fields})

    def llm_call(self, model: str, /, **fields: object) -> "LlmCall":
        """Return a context that reports a call to a language model made for this turn."""
        return LlmCall(self.send, {"model": model, **fields}, self._monotonic)

    def action(self, action: str, /, **fields: object) -> "Action":
        """Return a context that reports a use of a tool made for this turn."""
        return Action(self.send, {"action": action, **fields}, self._monotonic)

    def _elapsed(self) -> float:
        return round(self._monotonic() - self._started, 6)


class Action:
    """
    One use of a tool or an API; set `outcome` where no exception tells it.

    As a decorator it measures every call on its own.
    """

    event_type = "action"

    def __init__(
        self,
        send: Send,
        fields: Mapping[str, object],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.outcome: str | None = None
        self.fields: dict[str, object] = dict(fields)
        self._send = send
        self._monotonic = monotonic
        self._started = monotonic()

    def __enter__(self) -> Self:
        """Start the clock."""
        self._started = self._monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Report how it ended and how long it took."""
        measured = {
            "outcome": self.outcome or self._outcome(kind),
            "duration_seconds": self._elapsed(),
        }
        self._send(self.event_type, **{**measured, **self.fields})

    def __call__(self, function: F) -> F:
        """Return *function* so that each of its calls is reported."""
        fields = dict(self.fields)
        return decorated(lambda *_, **__: type(self)(self._send, fields, self._monotonic))(function)

    def _elapsed(self) -> float:
        return round(self._monotonic() - self._started, 6)

    def _outcome(self, kind: type[BaseException] | None) -> str:
        if not _is_failure(kind):
            return "ok"
        return "timeout" if _is_timeout(kind) else "error"


class LlmCall(Action):
    """One call to a language model."""

    event_type = "llm_call"

    @property
    def cost_usd(self) -> object:
        """The price of the call."""
        return self.fields.get("cost_usd")

    @cost_usd.setter
    def cost_usd(self, value: object) -> None:
        self.fields["cost_usd"] = value

    def first_token(self) -> None:
        """Mark the moment the first token arrived; later calls change nothing."""
        self.fields.setdefault("first_token_seconds", self._elapsed())

    def tokens(
        self,
        *,
        input: int | None = None,  # noqa: A002 - the words of every provider
        output: int | None = None,
        cached: int | None = None,
        reasoning: int | None = None,
    ) -> None:
        """Note what the call used; cached ones are part of the input, reasoning of the output."""
        self.fields["input_tokens"] = input
        self.fields["output_tokens"] = output
        self.fields["cached_tokens"] = cached
        self.fields["reasoning_tokens"] = reasoning

    def _outcome(self, kind: type[BaseException] | None) -> str:
        if kind is not None and _is_called(kind, "RateLimit"):
            return "rate_limited"
        return super()._outcome(kind)


def _is_failure(kind: type[BaseException] | None) -> bool:
    # GeneratorExit: the reader of a stream has gone; the bot did what it could.
    return kind is not None and not issubclass(kind, GeneratorExit)


def _is_timeout(kind: type[BaseException] | None) -> bool:
    # `asyncio.timeout` cancels what is inside of it: nobody waits for a cancelled call any more.
    return kind is not None and (
        issubclass(kind, TimeoutError | asyncio.CancelledError) or _is_called(kind, "Timeout")
    )


def _is_called(kind: type[BaseException], word: str) -> bool:
    """Tell by name: the errors of HTTP and model libraries share no class we could import."""
    return any(word in parent.__name__ for parent in kind.__mro__)
