"""From a body to a durable verdict on each event of it: `exporter.ingest.pipeline`."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from exporter.ingest.limits import TokenBuckets
from exporter.ingest.pipeline import FULL_RETRY_SECONDS, RETRY_SECONDS, STRIDE, Pipeline
from exporter.model.access import Grant, Scope
from exporter.model.errors import LogFullError, LogUnavailableError
from exporter.model.ports import Outcome
from exporter.model.verdicts import Reason, Refusal, RefusedError
from tests.unit.ingest.journal import FakeJournal, FakeTelemetry
from tests.unit.ingest.parts import ANYBODY, new_admission, new_decoder, sample
from tests.unit.log.fakes import ManualClock, turns

BAD = sample(extra=1)
OF_ONE_BOT = Grant(name="one", scopes=frozenset({Scope.INGEST}), bots=frozenset({"bank"}))
GONE = LogUnavailableError("writing /var/lib/data/log/segment-1.log: input/output error")
FULL = LogFullError("the event log has reached 1 bytes: raise log.max_bytes")


def event(number: int, **fields: object) -> dict[str, object]:
    """Return an event with that id."""
    return sample(id=str(number)) | fields


@dataclass
class Rig:
    """A pipeline with everything around it at hand."""

    journal: FakeJournal = field(default_factory=FakeJournal)
    telemetry: FakeTelemetry = field(default_factory=FakeTelemetry)
    clock: ManualClock = field(default_factory=ManualClock)
    rate: float = 0
    burst: float = 1

    def __post_init__(self) -> None:
        """Build the pipeline."""
        self.pipeline = Pipeline(
            decoder=new_decoder(5000),
            admission=new_admission(),
            buckets=TokenBuckets(self.rate, self.burst, self.clock),
            journal=self.journal,
            telemetry=self.telemetry,
            clock=self.clock,
        )

    async def send(self, *events: object, grant: Grant = ANYBODY) -> Outcome:
        """Return the verdicts on *events*."""
        body = json.dumps(events).encode()
        return await self.pipeline.ingest(body, ndjson=False, grant=grant)

    async def refusal(self, *events: object) -> RefusedError:
        """Return why a request with *events* is refused as a whole."""
        with pytest.raises(RefusedError) as caught:
            await self.send(*events)
        return caught.value

    def start(self, *events: object) -> asyncio.Task[Outcome]:
        """Begin to send *events*."""
        return asyncio.create_task(self.send(*events))

    @property
    def counted(self) -> tuple[int, int, int]:
        """Return what was counted: accepted, duplicate, rejected."""
        return self.journal.accepted, self.telemetry.duplicate, self.telemetry.rejected_events


@pytest_asyncio.fixture
async def rig() -> AsyncIterator[Rig]:
    """Return a pipeline without a rate limit."""
    rig = Rig()
    yield rig
    # A commit cannot be cancelled: a test that fails would wait for it for ever.
    rig.journal.settle_all(GONE)


def summary(outcome: Outcome) -> tuple[int, int, list[int]]:
    """Return the numbers of an outcome and the places of its rejected events."""
    return outcome.accepted, outcome.duplicates, [v.index for v in outcome.rejected]


async def test_good_events_are_stored_and_bad_ones_are_named(rig: Rig) -> None:
    """One bad event costs nobody else anything."""
    outcome = await rig.send(event(1), BAD, event(2), event(3, bot="a b"))

    assert (2, 0, [1, 3]) == summary(outcome)
    assert [Reason.UNKNOWN_FIELD, Reason.BAD_NAME] == [v.reason for v in outcome.rejected]
    assert (2, 0, 2) == rig.counted


async def test_verdicts_come_in_the_order_of_the_request(rig: Rig) -> None:
    """Whether the decoder found them or the checks behind it."""
    outcome = await rig.send(event(1, bot="a b"), BAD, event(2, ts=0), BAD)

    assert [0, 1, 2, 3] == [verdict.index for verdict in outcome.rejected]


async def test_the_log_gets_one_line_for_each_new_event(rig: Rig) -> None:
    """In the order of the request, with ids that are digests."""
    await rig.send(event(1), event(2), event(1))

    (body,) = rig.journal.bodies
    stored = [json.loads(line) for line in body.splitlines()]
    assert 2 == len(stored)
    assert all(len(line["id"]) == 32 and line["received_at"] for line in stored)


async def test_an_event_twice_in_a_request_counts_once(rig: Rig) -> None:
    """The second one is a duplicate of the first."""
    assert (1, 2, []) == summary(await rig.send(event(1), event(1), event(1)))
    assert (1, 2, 0) == rig.counted


async def test_an_event_sent_again_is_a_duplicate(rig: Rig) -> None:
    """What is new in the same request is stored."""
    await rig.send(event(1))

    assert (1, 1, []) == summary(await rig.send(event(1), event(2)))
    assert (0, 2, []) == summary(await rig.send(event(1), event(2)))


async def test_nothing_new_writes_nothing(rig: Rig) -> None:
    """A retry costs no place in the log."""
    await rig.send(event(1))

    await rig.send(event(1), BAD)

    assert 1 == len(rig.journal.bodies)


async def test_an_empty_request_is_answered_with_zeros(rig: Rig) -> None:
    """And writes nothing."""
    assert (0, 0, []) == summary(await rig.send())
    assert [] == rig.journal.bodies


async def test_an_answer_waits_for_the_commit(rig: Rig) -> None:
    """202 says that the events are on disk."""
    rig.journal.holds = True
    request = rig.start(event(1))
    await turns()
    assert not request.done()

    rig.journal.settle()

    assert (1, 0, []) == summary(await request)


async def test_a_duplicate_in_flight_waits_for_the_first(rig: Rig) -> None:
    """It may be called a duplicate only when the first one is safe."""
    rig.journal.holds = True
    first = rig.start(event(1))
    await turns()
    second = rig.start(event(1))
    await turns()
    assert not second.done()

    rig.journal.settle()

    assert (1, 0, []) == summary(await first)
    assert (0, 1, []) == summary(await second)
    assert (1, 1, 0) == rig.counted


async def test_a_duplicate_in_flight_fails_with_the_first(rig: Rig) -> None:
    """And sent again, the event is new: nothing of either request counts."""
    rig.journal.holds = True
    requests = [rig.start(event(1)), rig.start(event(1))]
    await turns()

    rig.journal.settle(GONE)
    results = await asyncio.gather(*requests, return_exceptions=True)

    assert [Refusal.LOG_UNAVAILABLE] * 2 == [
        result.refusal for result in results if isinstance(result, RefusedError)
    ]
    assert (0, 0, 0) == rig.counted
    rig.journal.holds = False
    assert (1, 0, []) == summary(await rig.send(event(1)))


async def test_a_client_that_leaves_does_not_take_its_events_along(rig: Rig) -> None:
    """They are on their way to the disk; a retry finds them there."""
    rig.journal.holds = True
    request = rig.start(event(1), BAD)
    await turns()
    request.cancel()
    rig.journal.settle()

    await asyncio.wait([request])

    assert request.cancelled()
    assert (0, 1, []) == summary(await rig.send(event(1)))


@pytest.mark.parametrize(
    ("error", "refusal", "seconds"),
    [
        (GONE, Refusal.LOG_UNAVAILABLE, RETRY_SECONDS),
        (FULL, Refusal.LOG_FULL, FULL_RETRY_SECONDS),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
async def test_a_log_that_takes_nothing_refuses_the_request(
    rig: Rig, error: Exception, refusal: Refusal, seconds: float, *, at_once: bool
) -> None:
    """With the time to wait; nothing is counted, and what the log says stays inside."""
    rig.journal.refusal, rig.journal.failure = (error, None) if at_once else (None, error)

    refused = await rig.refusal(event(1), BAD)

    assert (refusal, seconds) == (refused.refusal, refused.retry_after_seconds)
    assert (0, 0, 0) == rig.counted
    assert "/" not in refused.message
    assert "max_bytes" not in refused.message


async def test_duplicates_and_bad_events_need_no_log(rig: Rig) -> None:
    """Only what is new must be stored."""
    await rig.send(event(1))
    rig.journal.refusal = FULL

    assert (0, 1, [1]) == summary(await rig.send(event(1), BAD))


async def test_a_token_that_sends_too_much_is_told_when_to_come_back() -> None:
    """Rejected events count as well: they cost the same work."""
    rig = Rig(rate=2, burst=4)
    await rig.send(event(1), BAD, BAD, BAD)

    refused = await rig.refusal(event(2))

    assert (Refusal.RATE_LIMITED, 0.5) == (refused.refusal, refused.retry_after_seconds)
    assert (1, 0, 3) == rig.counted
    rig.clock.advance(0.5)
    assert (1, 0, []) == summary(await rig.send(event(2)))


async def test_events_of_other_bots_are_rejected_one_by_one(rig: Rig) -> None:
    """The status is 403 only when none was of an allowed bot."""
    outcome = await rig.send(event(1), event(2, bot="bank"), grant=OF_ONE_BOT)

    assert (1, 0, [0]) == summary(outcome)
    assert Reason.BOT_NOT_ALLOWED is outcome.rejected[0].reason


async def test_what_was_masked_is_counted_once_a_request(rig: Rig) -> None:
    """And not at all when there was nothing."""
    await rig.send(event(1, type="message_sent", text="x"), event(2, type="message_sent", text="y"))
    await rig.send(event(3))

    assert [2] == [masked.texts for masked in rig.telemetry.maskings]


async def test_a_large_request_lets_others_have_their_turn(rig: Rig) -> None:
    """The loop goes round at least every 500 events."""
    rounds = 0

    async def go_round() -> None:
        nonlocal rounds
        while True:
            rounds += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(go_round())
    await rig.send(*(event(n) for n in range(4 * STRIDE)))
    other.cancel()

    assert 3 <= rounds


EVENTS = st.one_of(st.integers(0, 5).map(event), st.just(BAD), st.just(event(9, bot="a b")))


@given(st.lists(st.tuples(st.lists(EVENTS, max_size=8), st.sampled_from([None, GONE, FULL]))))
async def test_every_event_of_every_request_gets_exactly_one_verdict(
    requests: list[tuple[list[dict[str, object]], Exception | None]],
) -> None:
    """Received = accepted + duplicate + rejected; a refused request counts nothing."""
    rig, received = Rig(), 0
    for events, failure in requests:
        before = rig.counted
        rig.journal.failure = failure
        try:
            outcome = await rig.send(*events)
        except RefusedError:
            assert before == rig.counted
            continue
        received += len(events)
        assert len(events) == outcome.accepted + outcome.duplicates + len(outcome.rejected)

    assert received == sum(rig.counted)
