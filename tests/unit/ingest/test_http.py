"""What the ingest door answers, over real sockets, with a fake pipeline behind it."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from exporter.ingest.http_body import BodyLimits
from exporter.model.access import Grant, Scope
from exporter.model.ports import Outcome
from exporter.model.verdicts import Reason, Refusal, RefusedError, Rejected

from .door import EVENTS, OPENAPI, SCHEMA, Door, Settings, open_door, token_record

STATUS = {
    Refusal.UNAUTHENTICATED: 401,
    Refusal.FORBIDDEN: 403,
    Refusal.MALFORMED: 400,
    Refusal.TOO_LARGE: 413,
    Refusal.TOO_MANY_EVENTS: 413,
    Refusal.UNSUPPORTED_ENCODING: 415,
    Refusal.UNSUPPORTED_TYPE: 415,
    Refusal.RATE_LIMITED: 429,
    Refusal.TOO_SLOW: 408,
    Refusal.TOO_MANY_CONNECTIONS: 503,
    Refusal.OVERLOADED: 503,
    Refusal.NOT_READY: 503,
    Refusal.LOG_UNAVAILABLE: 503,
    Refusal.LOG_FULL: 507,
}
UNKNOWN_FIELD = Rejected(2, Reason.UNKNOWN_FIELD, "$.colour", "unknown field; remove it")
WRONG_BOT = Rejected(0, Reason.BOT_NOT_ALLOWED, "$.bot", "the token may not send for 'x'")


@pytest_asyncio.fixture
async def door() -> AsyncIterator[Door]:
    """Return an open door with the default limits."""
    async with open_door() as door:
        yield door


async def test_accepted_events_are_answered_with_202(door: Door) -> None:
    """The answer every bot should get; the pipeline has the body as it was sent."""
    door.pipeline.outcome = Outcome(accepted=3, duplicates=2)

    status, answer, headers = await door.post(b'[{"type":"x"}]')

    assert (202, {"accepted": 3, "duplicates": 2, "rejected": []}) == (status, answer)
    assert ("application/json", "bot-exporter") == (headers["Content-Type"], headers["Server"])
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT", headers["Date"])
    assert [b'[{"type":"x"}]'] == door.pipeline.bodies
    assert ["shop"] == [grant.name for grant in door.pipeline.grants]


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome(), 202),
        (Outcome(duplicates=1), 202),
        (Outcome(accepted=1, rejected=[UNKNOWN_FIELD]), 202),
        (Outcome(duplicates=1, rejected=[UNKNOWN_FIELD]), 202),
        (Outcome(rejected=[UNKNOWN_FIELD]), 400),
        (Outcome(rejected=[UNKNOWN_FIELD, WRONG_BOT]), 400),
        (Outcome(rejected=[WRONG_BOT, WRONG_BOT]), 403),
    ],
)
async def test_the_status_sums_up_the_verdicts(door: Door, outcome: Outcome, status: int) -> None:
    """400 only when every event was rejected, 403 when all were of bots of somebody else."""
    door.pipeline.outcome = outcome

    got, answer, _ = await door.post()

    assert status == got
    assert {"accepted", "duplicates", "rejected"} == set(answer)
    assert [rejected.index for rejected in outcome.rejected] == [
        verdict["index"] for verdict in answer["rejected"]
    ]


async def test_a_rejected_event_names_what_where_and_the_remedy(door: Door) -> None:
    """The four fields of a verdict are part of the interface."""
    door.pipeline.outcome = Outcome(accepted=1, rejected=[UNKNOWN_FIELD])

    _, answer, _ = await door.post()

    expected = {
        "index": 2,
        "reason": "unknown_field",
        "path": "$.colour",
        "message": "unknown field; remove it",
    }
    assert [expected] == answer["rejected"]


async def test_a_thousand_rejected_events_are_all_listed(door: Door) -> None:
    """Nothing is lost silently, not even a verdict."""
    door.pipeline.outcome = Outcome(
        rejected=[replace(UNKNOWN_FIELD, index=index) for index in range(1000)]
    )

    _, answer, _ = await door.post()

    assert list(range(1000)) == [verdict["index"] for verdict in answer["rejected"]]


@pytest.mark.parametrize("refusal", list(Refusal))
async def test_every_refusal_has_its_status_and_the_same_shape(
    door: Door, refusal: Refusal
) -> None:
    """A client needs one way to read all of them, and finds its request in the log by id."""
    door.pipeline.error = RefusedError(refusal, "what, where, remedy")

    status, answer, _ = await door.post()

    assert STATUS[refusal] == status
    assert {"error": refusal, "message": "what, where, remedy"} == {
        key: answer[key] for key in ("error", "message")
    }
    assert re.fullmatch("[0-9a-f]{16}", str(answer["request_id"]))
    assert {refusal: 1} == door.telemetry.refusals
    assert answer["request_id"] == door.log.lines[0][1]["request_id"]


@pytest.mark.parametrize("refusal", list(Refusal))
async def test_retry_after_is_given_where_trying_again_helps(door: Door, refusal: Refusal) -> None:
    """429, 503 and 507 pass; the others need a change of the request."""
    door.pipeline.error = RefusedError(refusal, "later")

    status, _, headers = await door.post()

    assert (status in {429, 503, 507}) == ("Retry-After" in headers)
    assert int(headers.get("Retry-After", "1")) >= 1


@pytest.mark.parametrize(("seconds", "header"), [(0.01, "1"), (1.0, "1"), (1.2, "2"), (90, "90")])
async def test_retry_after_is_rounded_up_to_whole_seconds(
    door: Door, seconds: float, header: str
) -> None:
    """Coming back too early would only be refused again."""
    door.pipeline.error = RefusedError(Refusal.RATE_LIMITED, "slower", retry_after_seconds=seconds)

    _, _, headers = await door.post()

    assert header == headers["Retry-After"]


@pytest.mark.parametrize(
    "value", [None, "", "Bearer", "Basic eDp5", "Bearer bo_wrong", "Bearer bo_caf\u00e9"]
)
async def test_without_a_valid_token_the_answer_is_401(door: Door, value: str | None) -> None:
    """Missing, malformed, unknown or not ASCII: 401 with a challenge, and nothing is read."""
    headers = {} if value is None else {"Authorization": value}

    status, answer, got = await door.send("POST", EVENTS, data=b"{}", headers=headers)

    assert (401, "unauthenticated") == (status, answer["error"])
    assert "Bearer" == got["WWW-Authenticate"]
    assert [] == door.pipeline.bodies


async def test_bytes_that_are_not_utf_8_in_a_credential_are_401(door: Door) -> None:
    """hmac.compare_digest raises on such a text; that must not become a 500."""
    answer = await door.raw(
        b"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n"
        b"Content-Length: 2\r\nConnection: close\r\n\r\n{}"
    )

    assert answer.startswith(b"HTTP/1.1 401 ")


async def test_an_expired_and_a_revoked_token_are_401(door: Door) -> None:
    """Both are refused without a restart."""
    door.tokens.add(token_record("old", "bo_old", expires_at=door.clock.wall()))
    door.tokens.revoke("shop", at=door.clock.wall())
    await door.authenticator.refresh()

    expired, _, _ = await door.post(headers={"Authorization": "Bearer bo_old"})
    revoked, _, _ = await door.post()

    assert (401, 401) == (expired, revoked)


async def test_a_token_without_the_ingest_scope_is_403(door: Door) -> None:
    """A token for reading metrics cannot write."""
    door.tokens.add(token_record("reader", "bo_reader", scopes=frozenset({Scope.METRICS})))
    await door.authenticator.refresh()

    status, answer, _ = await door.post(headers={"Authorization": "Bearer bo_reader"})

    assert (403, "forbidden") == (status, answer["error"])
    assert [] == door.pipeline.bodies


async def test_anonymous_senders_are_admitted_when_the_operator_says_so() -> None:
    """``require_token: false`` is for a closed network."""
    grant = Grant("anonymous", frozenset({Scope.INGEST}))
    async with open_door(Settings(anonymous=grant)) as door:
        status, _, _ = await door.send("POST", EVENTS, data=b"{}")

    assert (202, [grant]) == (status, door.pipeline.grants)


async def test_before_it_is_ready_everything_is_refused(door: Door) -> None:
    """While the log is recovered nothing can be made durable."""
    door.settings.is_ready = False

    status, answer, headers = await door.post()

    assert (503, "not_ready", "5") == (status, answer["error"], headers["Retry-After"])
    assert [] == door.pipeline.bodies


async def test_a_token_that_used_up_its_events_waits_before_its_body_is_read() -> None:
    """The door looks at the bucket the pipeline charges."""
    async with open_door(Settings(buckets=(1.0, 10.0))) as door:
        door.buckets.take("shop", 19)

        status, answer, headers = await door.post()
        door.clock.advance(float(headers["Retry-After"]))
        later, _, _ = await door.post()

    assert (429, "rate_limited", "10") == (status, answer["error"], headers["Retry-After"])
    assert (202, 1) == (later, len(door.pipeline.bodies))


@pytest.mark.parametrize(
    ("content_type", "ndjson"),
    [
        ("application/json", False),
        ("Application/JSON; Charset=UTF-8", False),
        ('application/json;charset="utf-8"', False),
        ("text/plain", False),
        ("application/x-www-form-urlencoded", False),
        ("application/x-ndjson", True),
        ("application/ndjson", True),
        ("application/jsonl; charset=utf-8", True),
    ],
)
async def test_known_media_types_are_read(door: Door, content_type: str, ndjson: bool) -> None:  # noqa: FBT001
    """JSON, or one JSON value per line; parameters and case do not matter."""
    status, _, _ = await door.post(headers={"Content-Type": content_type})

    assert (202, [ndjson]) == (status, door.pipeline.formats)


async def test_a_missing_media_type_means_json(door: Door) -> None:
    """The simplest client is a socket and a string."""
    answer = await door.raw(door.head("Content-Length: 2", "Connection: close") + b"{}")

    assert answer.startswith(b"HTTP/1.1 202 ")
    assert [False] == door.pipeline.formats


@pytest.mark.parametrize(
    "content_type",
    [
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/json, text/plain",
    ],
)
async def test_other_media_types_are_415(door: Door, content_type: str) -> None:
    """Guessing would turn a mistake of the client into an event."""
    status, answer, _ = await door.post(headers={"Content-Type": content_type})

    assert (415, "unsupported_media_type") == (status, answer["error"])


async def test_an_unknown_path_is_404(door: Door) -> None:
    """In the shape of all other errors."""
    for path in ("/", "/v1/event", "/v1/events/", "//v1/events", "/metrics", "/-/healthy", "/%00"):
        status, answer, _ = await door.send("POST", path, headers=door.bearer)

        assert (404, "not_found", 3) == (status, answer["error"], len(answer))


async def test_a_wrong_method_is_405_and_names_the_right_ones(door: Door) -> None:
    """The header Allow is what a client can act on."""
    events, answer, events_headers = await door.send("GET", EVENTS)
    schema, _, schema_headers = await door.send("DELETE", "/v1/schema")

    assert (405, "method_not_allowed", "POST") == (events, answer["error"], events_headers["Allow"])
    assert (405, "GET,HEAD") == (schema, schema_headers["Allow"])


@pytest.mark.parametrize(("path", "body"), [("/v1/schema", SCHEMA), ("/openapi.json", OPENAPI)])
async def test_documents_are_public_and_cacheable(door: Door, path: str, body: bytes) -> None:
    """They describe the interface; a client that has them is told so."""
    status, answer, headers = await door.send("GET", path)
    again, _, _ = await door.send("GET", path, headers={"If-None-Match": headers["ETag"]})
    other, _, _ = await door.send("GET", path, headers={"If-None-Match": '"other"'})
    head, _, head_headers = await door.send("HEAD", path)

    assert (200, json.loads(body)) == (status, answer)
    assert (304, 200) == (again, other)
    assert (200, str(len(body))) == (head, head_headers["Content-Length"])


async def test_a_defect_is_answered_without_its_text_and_logged_once(door: Door) -> None:
    """The client gets an id, the log the place; the text may quote the body and stays out."""
    door.pipeline.error = KeyError("secret-user-42")

    answers = [await door.post() for _ in range(20)]

    status, answer, headers = answers[0]
    assert (500, "internal", "bot-exporter") == (status, answer["error"], headers["Server"])
    assert 1 == len(door.log.lines)
    event, fields = door.log.lines[0]
    assert ("request_failed", "KeyError") == (event, fields["reason"])
    assert answer["request_id"] == fields["request_id"]
    assert "ingest" in str(fields["where"])
    assert "secret-user-42" not in f"{answers}{door.log.lines}"


async def test_ten_thousand_bad_requests_leave_a_handful_of_lines(door: Door) -> None:
    """The log is sampled, the counters are exact (a hundred stand for ten thousand here)."""
    for _ in range(50):
        await door.send("POST", EVENTS, data=b"{}")
    door.clock.advance(10)
    for _ in range(50):
        await door.send("POST", EVENTS, data=b"{}")

    assert {Refusal.UNAUTHENTICATED: 100} == door.telemetry.refusals
    assert [0, 49] == [fields["suppressed"] for _, fields in door.log.lines]


async def test_no_answer_and_no_line_contains_the_token(door: Door) -> None:
    """Not even a wrong one: it may be a typing mistake away from a good one."""
    wrong = "bo_almost-right"
    answers = [
        await door.post(headers={"Authorization": f"Bearer {wrong}"}),
        await door.post(headers={"Content-Encoding": "br"}),
        await door.send("GET", f"/v1/{wrong}", headers=door.bearer),
    ]

    assert wrong not in f"{answers}{door.log.lines}"
    assert door.token not in f"{answers}{door.log.lines}"


async def test_every_answer_is_timed(door: Door) -> None:
    """The duration metric covers refused requests, too."""
    await door.post()
    await door.send("POST", EVENTS)

    assert 2 == len(door.telemetry.times)


async def test_one_connection_serves_many_requests(door: Door) -> None:
    """Keep-alive: the fast path, answered in order."""
    request = door.head("Content-Length: 2") + b"{}"
    last = door.head("Content-Length: 2", "Connection: close") + b"{}"

    answer = await door.raw(request * 50 + last)

    assert 51 == answer.count(b"HTTP/1.1 202 Accepted")
    assert 1 == answer.count(b"Connection: close")


async def test_http_1_0_is_answered_and_closed(door: Door) -> None:
    """Old proxies and health checkers still speak it."""
    head = door.head("Content-Length: 2").replace(b"HTTP/1.1", b"HTTP/1.0")

    answer = await door.raw(head + b"{}")

    # `raw` returns because the connection is closed.
    assert answer.startswith(b"HTTP/1.0 202 ")
    assert b"keep-alive" not in answer.lower()


async def test_a_body_is_invited_only_when_it_would_be_read(door: Door) -> None:
    """``Expect: 100-continue`` saves the transfer of a body that would be refused."""
    good = door.head("Content-Length: 2", "Expect: 100-continue", "Connection: close")
    bad = good.replace(door.token.encode(), b"bo_wrong")

    invited, refused = await door.raw(good + b"{}"), await door.raw(bad + b"{}")

    assert [b"HTTP/1.1 100 Continue", b"HTTP/1.1 202 Accepted"] == re.findall(
        rb"HTTP/1.1 \d{3} \w+", invited
    )
    assert [b"HTTP/1.1 401 Unauthorized"] == re.findall(rb"HTTP/1.1 \d{3} \w+", refused)


async def test_new_body_limits_apply_without_a_restart(door: Door) -> None:
    """A reload changes the limits of the next request."""
    before, _, _ = await door.post(bytes(1000))
    door.bodies.configure(BodyLimits(max_bytes=999))
    after, _, _ = await door.post(bytes(1000))

    assert (202, 413) == (before, after)
