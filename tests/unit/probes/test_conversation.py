"""Scripted conversations, webhook round trips and heartbeats."""

import time
from typing import Any

from exporter.config.probe_targets import parse_allowed
from exporter.model.probing import ProbeReason as R
from exporter.probes.outcome import Outcome
from exporter.probes.webhook import Callbacks, WayBack

from . import evil
from .bots import Asked, Bot
from .rig import check_of, run, workshop


def greeter(asked: Asked) -> str:
    """Open a conversation, then answer in it."""
    if asked.path == "/start":
        return '{"id": "c 1/\\"x", "n": 7}'
    return '{"text": "you said ' + asked.json["text"] + '", "in": "' + asked.path + '"}'


async def talk(bot: Bot, *steps: dict[str, Any], allow: str = "") -> Outcome:
    """Return the outcome of a conversation with *bot*; ``URL`` in a step stands for it."""
    async with evil.serving(bot.behaviour) as server:
        here = f"http://127.0.0.1:{server.port}"
        told = [{**step, "url": step["url"].replace("URL", here)} for step in steps]
        check = check_of(conversation={"steps": told}, timeout_seconds=2)
        allowed = parse_allowed((allow,)) if allow else None
        return await run(check, workshop(allowed=allowed))


START: dict[str, Any] = {"url": "URL/start", "save": {"talk": "id", "n": "n"}}


async def test_values_are_carried_from_turn_to_turn() -> None:
    """A value is quoted for the place it is put into."""
    bot = Bot(greeter)
    outcome = await talk(
        bot,
        START,
        {
            "url": "URL/talk/{{talk}}?n={{ n }}",
            "method": "POST",
            "body": '{"text": "{{run}}", "of": "{{talk}}"}',
            "contains": ["you said {{run}}"],
        },
    )

    assert None is outcome.reason
    assert "/talk/c%201%2F%22x?n=7" == bot.asked[1].path
    assert 'c 1/"x' == bot.asked[1].json["of"]


async def test_the_first_turn_that_fails_ends_it() -> None:
    """The detail says which one; the turns behind it are not made."""
    bot = Bot(greeter)
    outcome = await talk(bot, {**START, "contains": ["absent"]}, {"url": "URL/next"})

    assert R.BODY_MISMATCH == outcome.reason
    assert outcome.detail.startswith("step 1: ")
    assert 1 == len(bot.asked)


async def test_an_answer_may_come_later() -> None:
    """A bot that answers by a queue is asked until it has."""
    bot = Bot(lambda asked: "done" if len(bot.asked) >= 3 else "not yet")
    outcome = await talk(bot, {"url": "URL/", "contains": ["done"], "poll_seconds": 0.01})

    assert None is outcome.reason
    assert 3 == len(bot.asked)


async def test_a_turn_may_have_its_own_limit() -> None:
    """A good answer that comes too late is a bad one."""
    bot = Bot(lambda _: "no")
    step = {"url": "URL/", "contains": ["x"], "poll_seconds": 0.01, "within_seconds": 0.1}
    outcome = await talk(bot, step)

    assert R.RESPONSE_TIMEOUT == outcome.reason


async def test_a_carried_value_opens_no_address() -> None:
    """A bot must not send its prober to the neighbours."""
    async with evil.serving(evil.answering("200 OK")) as neighbour:
        where = f"127.0.0.1:{neighbour.port}"
        bot = Bot(lambda _: f'{{"host": "127.0.0.1", "port": {neighbour.port}}}')
        steps: list[dict[str, Any]] = [
            {"url": "URL/", "save": {"host": "host", "port": "port"}},
            {"url": "http://{{host}}:{{port}}/"},
        ]
        refused = await talk(bot, *steps)
        reached = neighbour.connections
        opened = await talk(bot, *steps, allow=where)

    assert R.ADDRESS_REFUSED == refused.reason
    assert 0 == reached
    assert None is opened.reason


async def test_a_carried_value_begins_no_header() -> None:
    """A line end in a value would be a header of the bot's choice."""
    bot = Bot(lambda _: '{"v": "x\\r\\nX-Evil: 1"}')
    step = {"url": "URL/", "headers": {"X-Value": "{{v}}"}}
    outcome = await talk(bot, {"url": "URL/", "save": {"v": "v"}}, step)

    assert R.ANSWER_MISMATCH == outcome.reason
    assert 1 == len(bot.asked)


async def test_a_webhook_comes_back() -> None:
    """The bot takes the message and calls the exporter."""
    callbacks = Callbacks()

    def reply(asked: Asked) -> str:
        url = asked.json["reply_to"]
        assert url.startswith("https://exporter.example/v1/callbacks/")
        assert callbacks.arrived(url.rpartition("/")[2])
        assert not callbacks.arrived("0" * 32)
        return "thanks"

    bot = Bot(reply)
    outcome = await hook(bot, callbacks, timeout=5)

    assert None is outcome.reason
    assert not callbacks.arrived(bot.asked[0].json["reply_to"].rpartition("/")[2])


async def test_a_webhook_that_does_not_come_back_is_a_timeout() -> None:
    """Taking a message is not answering it."""
    outcome = await hook(Bot(lambda _: "thanks"), Callbacks(), timeout=0.3)

    assert R.RESPONSE_TIMEOUT == outcome.reason


async def hook(bot: Bot, callbacks: Callbacks, *, timeout: float) -> Outcome:  # noqa: ASYNC109 - of the check
    """Return the outcome of a webhook round trip."""
    async with evil.serving(bot.behaviour) as server:
        check = check_of(
            target=f"http://127.0.0.1:{server.port}/hook",
            timeout_seconds=timeout,
            webhook={"method": "POST", "body": '{"text": "ping", "reply_to": "{{callback}}"}'},
        )
        back = WayBack("https://exporter.example/", callbacks)
        return await run(check, workshop(back=back))


async def test_silence_fails_a_heartbeat() -> None:
    """What the bot sends by itself is what proves that it lives."""
    now = time.time()
    seen = {("alive", "heartbeat"): now - 10, ("dead", "heartbeat"): now - 1000}
    shop = workshop(seen=seen)
    reasons = {
        bot: (await run(check_of(bot=bot, heartbeat={"within_seconds": 60}), shop)).reason
        for bot in ("alive", "dead", "new")
    }

    assert {"alive": None, "dead": R.NO_HEARTBEAT, "new": None} == reasons
