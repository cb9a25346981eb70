"""Turns, calls and actions are measured, and what the bot does is never changed."""

import asyncio
import inspect
from collections.abc import AsyncGenerator, Generator, Iterator
from typing import Any

import pytest

from exporter.client import Client
from exporter.client.timing import Action, LlmCall, Turn
from tests.unit.client.script import Server


class Sent:
    """What was sent, and a clock that moves when told."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.now = 100.0

    def send(self, type: str = "", /, **fields: object) -> str:  # noqa: A002
        """Keep an event."""
        self.events.append({"type": type, **fields})
        return "id"

    def turn(self, **fields: object) -> Turn:
        """Return a turn on this clock."""
        return Turn(self.send, fields, lambda: self.now)

    def llm_call(self) -> LlmCall:
        """Return a call on this clock."""
        return LlmCall(self.send, {"model": "small"}, lambda: self.now)


class APITimeoutError(Exception):
    """As the libraries of model providers name it."""


class RateLimitError(Exception):
    """As the libraries of model providers name it."""


@pytest.fixture
def sent() -> Sent:
    """Return where events go."""
    return Sent()


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server for a whole client."""
    with Server() as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    """Return a client of that server."""
    with Client(server.url, bot="shop") as client:
        yield client


def told(client: Client, server: Server) -> list[dict[str, Any]]:
    """Return what arrived, in its order."""
    assert client.flush()
    return [event for asked in server.asked for event in asked.events]


def test_a_turn_is_a_question_and_its_answer(sent: Sent) -> None:
    """Text and kind belong to the question; who and where belong to both."""
    with sent.turn(user="ann", conversation="c", text="hi", kind="voice") as turn:
        sent.now += 1.5
        turn.answered(source="faq", status="fallback")
        sent.now += 10  # After the answer the handler tidies up.

    who = {"user": "ann", "conversation": "c"}
    assert [
        {"type": "message_received", "text": "hi", "kind": "voice", **who},
        {
            "type": "message_sent",
            "response_seconds": 1.5,
            "source": "faq",
            "status": "fallback",
            **who,
        },
    ] == sent.events


def test_without_a_word_about_the_answer_the_end_of_the_turn_is_its_moment(sent: Sent) -> None:
    """Two lines in a handler are enough."""
    with sent.turn():
        sent.now += 2

    assert {"type": "message_sent", "response_seconds": 2.0} == sent.events[1]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, asyncio.CancelledError])
def test_a_turn_that_ends_in_an_exception_has_failed(
    sent: Sent, error: type[BaseException]
) -> None:
    """Cancelled or broken, the user got no answer; the exception goes on untouched."""
    raising = error()

    with pytest.raises(error) as raised, sent.turn():
        raise raising

    assert raising is raised.value
    assert "failed" == sent.events[1]["status"]


def test_what_happens_in_a_turn_knows_its_user(sent: Sent) -> None:
    """A call, an action or an error of a turn says whose it is."""
    with sent.turn(user="ann", text="hi") as turn, turn.llm_call("small"), turn.action("search"):
        turn.send("error", error="Oops")

    assert ["message_received", "error", "action", "llm_call", "message_sent"] == [
        event["type"] for event in sent.events
    ]
    assert {"ann"} == {event["user"] for event in sent.events}
    assert ["hi"] == [event["text"] for event in sent.events if "text" in event]


def test_a_call_reports_time_tokens_and_cost(sent: Sent) -> None:
    """The first token counts once."""
    with sent.llm_call() as call:
        sent.now += 0.5
        call.first_token()
        sent.now += 1
        call.first_token()
        call.tokens(input=10, output=20)
        call.cost_usd = 0.01

    event = {name: value for name, value in sent.events[0].items() if value is not None}
    assert 0.01 == call.cost_usd
    assert {
        "type": "llm_call",
        "model": "small",
        "outcome": "ok",
        "duration_seconds": 1.5,
        "first_token_seconds": 0.5,
        "input_tokens": 10,
        "output_tokens": 20,
        "cost_usd": 0.01,
    } == event


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ValueError, "error"),
        (TimeoutError, "timeout"),
        (APITimeoutError, "timeout"),
        (asyncio.CancelledError, "timeout"),
        (RateLimitError, "rate_limited"),
        (GeneratorExit, "ok"),
    ],
)
def test_the_outcome_of_a_call_follows_from_its_exception(
    sent: Sent, error: type[BaseException], outcome: str
) -> None:
    """By class or by name; whoever cancels a call waits no longer."""
    with pytest.raises(error), sent.llm_call():
        raise error

    assert outcome == sent.events[0]["outcome"]


def test_an_outcome_the_bot_names_wins(sent: Sent) -> None:
    """A filter of the provider raises nothing."""
    with sent.llm_call() as call:
        call.outcome = "filtered"

    assert "filtered" == sent.events[0]["outcome"]


def test_an_action_measures_each_call_of_what_it_decorates(sent: Sent) -> None:
    """One decorator, many calls, at the same time if need be."""

    @Action(sent.send, {"action": "look_up"}, lambda: sent.now)
    def look_up(depth: int) -> int:
        """Look up."""
        sent.now += 1
        return depth and look_up(depth - 1)

    assert 0 == look_up(2)
    assert "look_up" == look_up.__name__
    assert [1.0, 2.0, 3.0] == [event["duration_seconds"] for event in sent.events]


def test_a_plain_handler_is_a_turn(client: Client, server: Server) -> None:
    """Fields are values, or are taken from what the handler is called with."""

    @client.handler(user=lambda message, *_: message["from"], platform="web")
    def on_message(message: dict[str, str], extra: int = 0) -> int:
        """Answer."""
        return len(message) + extra

    assert 4 == on_message({"from": "ann"}, 3)
    assert ("on_message", "Answer.") == (on_message.__name__, on_message.__doc__)
    assert [("message_received", "ann", "web"), ("message_sent", "ann", "web")] == [
        (event["type"], event["user"], event["platform"]) for event in told(client, server)
    ]


def test_a_field_that_cannot_be_taken_is_missing_and_the_handler_runs(
    client: Client, server: Server
) -> None:
    """A system message has no sender."""

    @client.handler(user=lambda message: message["from"], conversation=lambda message: "c")
    def on_message(message: dict[str, str]) -> str:
        """Answer."""
        return "answered"

    assert "answered" == on_message({})
    first = told(client, server)[0]
    assert ("c", False) == (first["conversation"], "user" in first)


def test_the_decorator_works_without_parentheses(client: Client, server: Server) -> None:
    """The shortest form times the handler."""

    @client.handler
    def on_message() -> None:
        """Answer."""

    on_message()

    assert 2 == len(told(client, server))


async def test_an_async_handler_stays_one_and_is_measured(client: Client, server: Server) -> None:
    """Frameworks look at the kind of a function."""

    @client.handler(user=lambda name: name)
    async def on_message(name: str) -> str:
        """Answer."""
        await asyncio.sleep(0)
        return name

    assert inspect.iscoroutinefunction(on_message)
    assert "ann" == await on_message("ann")
    assert ["ann", "ann"] == [
        event["user"] for event in await asyncio.to_thread(told, client, server)
    ]


async def test_a_cancelled_handler_is_cancelled_and_has_failed(
    client: Client, server: Server
) -> None:
    """The cancellation passes; the user got no answer."""
    started = asyncio.Event()

    @client.handler
    async def on_message() -> None:
        """Answer never."""
        started.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(on_message())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert "failed" == (await asyncio.to_thread(told, client, server))[1]["status"]


def test_a_generator_handler_hears_what_its_reader_sends(client: Client, server: Server) -> None:
    """Send, throw, close and the return value all reach the one inside."""
    heard: list[object] = []

    @client.handler
    def stream() -> Generator[int, str, str]:
        """Answer in pieces."""
        try:
            heard.append((yield 1))
        except ValueError:
            heard.append("thrown")
        yield 2
        return "end"

    def reader() -> Generator[int, str, str]:
        return (yield from stream())

    first = reader()
    assert (1, 2) == (next(first), first.send("more"))
    with pytest.raises(StopIteration, match="end"):
        next(first)
    second = stream()
    next(second)
    assert 2 == second.throw(ValueError)
    second.close()

    assert inspect.isgeneratorfunction(stream)
    assert ["more", "thrown"] == heard
    answers = [e for e in told(client, server) if e["type"] == "message_sent"]
    assert [None, None] == [answer.get("status") for answer in answers]


async def test_an_async_generator_handler_hears_what_its_reader_sends(
    client: Client, server: Server
) -> None:
    """There is no ``yield from`` for these, and nothing is lost all the same."""
    heard: list[object] = []

    @client.handler
    async def stream() -> AsyncGenerator[int, str | None]:
        """Answer in pieces."""
        try:
            heard.append((yield 1))
        except ValueError:
            heard.append("thrown")
        try:
            yield 2
        finally:
            heard.append("closed")

    assert inspect.isasyncgenfunction(stream)
    assert [1, 2] == [item async for item in stream()]
    sending = stream()
    assert (1, 2) == (await anext(sending), await sending.asend("more"))
    await sending.aclose()
    throwing = stream()
    await anext(throwing)
    assert 2 == await throwing.athrow(ValueError())
    with pytest.raises(KeyError):
        await throwing.athrow(KeyError())

    assert [None, "closed", "more", "closed", "thrown", "closed"] == heard
    events = await asyncio.to_thread(told, client, server)
    answers = [event for event in events if event["type"] == "message_sent"]
    assert [None, None, "failed"] == [answer.get("status") for answer in answers]
