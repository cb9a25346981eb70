"""What makes an answer good, and what is learnt from it."""

from typing import Any

import pytest

from exporter.model.probing import ProbePhase
from exporter.model.probing import ProbeReason as R
from exporter.probes.outcome import Facts, Outcome
from exporter.probes.quota import note_quota

from . import evil
from .bots import Asked, Bot
from .rig import check_of, run, workshop

BODY = '{"state": "ok", "items": [{"n": 3, "on": true}], "nothing": null}'


async def ask(bot: Bot, **http: Any) -> Outcome:  # noqa: ANN401 - as in YAML
    """Return the outcome of a check of *bot*."""
    async with evil.serving(bot.behaviour) as server:
        check = check_of(target=f"http://127.0.0.1:{server.port}/health?x=1", http=http)
        return await run(check, workshop(files={"f": "from the file"}))


@pytest.mark.parametrize(
    ("http", "reason"),
    [
        ({}, None),
        ({"status": [200, 204]}, None),
        ({"status": [404]}, R.STATUS),
        ({"contains": ['"ok"']}, None),
        ({"contains": ["absent"]}, R.BODY_MISMATCH),
        ({"matches": ['"state": *"o.?"']}, None),
        ({"matches": ["^ok$"]}, R.BODY_MISMATCH),
        ({"matches_not": ["error"]}, None),
        ({"matches_not": ["ok"]}, R.BODY_MISMATCH),
        ({"json": [{"path": "state", "value": "ok"}]}, None),
        ({"json": [{"path": "items[0].n", "op": "ge", "value": 3}]}, None),
        ({"json": [{"path": "items[0].n", "op": "gt", "value": 3}]}, R.BODY_MISMATCH),
        ({"json": [{"path": "items[0].on", "value": True}]}, None),
        ({"json": [{"path": "items[0].on", "value": 1}]}, R.BODY_MISMATCH),
        ({"json": [{"path": "items[0].n", "op": "lt", "value": "4"}]}, R.BODY_MISMATCH),
        ({"json": [{"path": "items[1].n", "op": "present"}]}, R.BODY_MISMATCH),
        ({"json": [{"path": "nothing", "op": "present"}]}, None),
        ({"json": [{"path": "state", "op": "contains", "value": "k"}]}, None),
        ({"json": [{"path": "state", "op": "ne", "value": "down"}]}, None),
        ({"json": [{"path": "gone", "op": "ne", "value": "down"}]}, R.BODY_MISMATCH),
        ({"max_body_bytes": 10}, R.BODY_TOO_LARGE),
    ],
)
async def test_conditions_decide(http: dict[str, Any], reason: R | None) -> None:
    """Every condition must hold; a value that is not there holds none."""
    outcome = await ask(Bot(lambda _: BODY), **http)

    assert reason == outcome.reason


@pytest.mark.parametrize("body", ["", "not json", "[" * 100_000, "9" * 10_000])
async def test_an_answer_that_is_no_json_is_no_mistake_of_ours(body: str) -> None:
    """Deep nesting and huge numbers break nothing."""
    condition = {"path": "a", "op": "present"}
    outcome = await ask(Bot(lambda _: body), json=[condition])

    assert R.BODY_MISMATCH == outcome.reason


async def test_a_regular_expression_takes_linear_time() -> None:
    """What lets Python's own engine run for ever ends at once."""
    outcome = await ask(Bot(lambda _: "a" * 100_000), matches=["(a+)+$", "(a|a)*c|a"])

    assert None is outcome.reason


async def test_a_compressed_answer_is_not_unpacked() -> None:
    """A bomb stays small; a condition on such a body cannot hold."""
    bot = Bot(lambda _: b"\x1f\x8b" + b"x" * 100, headers=("Content-Encoding: gzip",))

    assert None is (await ask(bot)).reason
    assert R.BODY_MISMATCH == (await ask(bot, contains=["x"])).reason


async def test_the_request_is_as_configured() -> None:
    """Method, headers, body and the secrets from files."""
    bot = Bot(lambda _: "")
    await ask(
        bot,
        method="POST",
        headers={"X-One": "1"},
        header_files={"Authorization": "f"},
        body_file="f",
    )

    (asked,) = bot.asked
    assert ("POST", "/health?x=1", b"from the file") == (asked.method, asked.path, asked.body)
    assert ("1", "from the file") == (asked.headers["x-one"], asked.headers["authorization"])
    assert asked.headers["user-agent"].startswith("bot-exporter/")


async def test_phases_and_facts_are_noted() -> None:
    """Where the time went, and what the answer was."""
    outcome = await ask(Bot(lambda _: BODY, headers=("X-RateLimit-Remaining: 17",)))

    phases = outcome.phases
    assert {ProbePhase.TRANSFER, ProbePhase.CONNECT, ProbePhase.PROCESSING} <= phases.keys()
    assert ProbePhase.TLS not in phases
    assert sum(phases.values()) <= outcome.duration_seconds
    assert (200, 1.1, len(BODY), 17, 4) == (
        outcome.facts.http_status,
        outcome.facts.http_version,
        outcome.facts.body_bytes,
        outcome.facts.quota_remaining,
        outcome.facts.ip_version,
    )


async def test_a_redirect_turns_a_post_into_a_get() -> None:
    """As browsers do; the body does not travel."""

    def reply(asked: Asked) -> str:
        return asked.method + asked.body.decode()

    bot = Bot(reply, status="302 Found", headers=("Location: /next",))
    await ask(bot, method="POST", body="secret", redirects=1)

    assert [("POST", b"secret"), ("GET", b"")] == [(a.method, a.body) for a in bot.asked]


@pytest.mark.parametrize(
    ("headers", "remaining", "limit"),
    [
        ({"X-RateLimit-Remaining": "7", "X-RateLimit-Limit": "10"}, 7, 10),
        ({"RateLimit-Remaining": "7", "x-ratelimit-remaining-requests": "5"}, 5, None),
        ({"RateLimit": '"default";r=50;t=30, "daily";r=9'}, 9, None),
        ({"RateLimit-Policy": '"default";q=100;w=60'}, None, 100),
        ({"anthropic-ratelimit-requests-remaining": "3"}, 3, None),
        ({"X-RateLimit-Remaining": "many", "RateLimit-Limit": "-1"}, None, None),
        ({"X-RateLimit-Remaining": "9" * 400}, None, None),
        ({}, None, None),
    ],
)
def test_the_quota_is_read_from_the_usual_headers(
    headers: dict[str, str], remaining: float | None, limit: float | None
) -> None:
    """Of several the one that ends first counts; nonsense is no number."""
    facts = Facts()
    note_quota(headers, facts)

    assert (remaining, limit) == (facts.quota_remaining, facts.quota_limit)
