"""A batch goes again with the same bytes until it has verdicts, or until none will come."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.client.counts import Counts, Stats
from exporter.client.delivery import MOST_SERVER_ERRORS, Delivery
from exporter.client.endpoint import parse_endpoint
from exporter.client.patience import Patience
from exporter.client.shield import Complaints
from exporter.client.token import Token
from exporter.client.transport import Transport
from tests.support.ports import free_ports
from tests.unit.client.script import Say, Server, verdicts

TIMEOUT_SECONDS = 0.2
SECRET = "s3cret-token"


class Sent:
    """A delivery to *url* whose rests take no time, and what it left behind."""

    def __init__(self, url: str, *, token: Token | None = None, rests: int = 100) -> None:
        endpoint = parse_endpoint(url)
        self.counts = Counts()
        self.pauses: list[float] = []
        self.uncut: list[bool] = []
        self.lines: list[str] = []
        self._rests = rests
        self._delivery = Delivery(
            transport=Transport(
                endpoint, token or Token(SECRET, None), endpoint.connect(TIMEOUT_SECONDS, None)
            ),
            counts=self.counts,
            complaints=Complaints(self.lines.append),
            patience=Patience(random=lambda: 1.0, wall=lambda: 1_000_000_000.0),
            rest=self._rest,
        )

    def batch(self, *ids: str, text: str = "") -> Stats:
        """Send a batch and return the counts."""
        events = [json.dumps({"type": "track", "id": n, "text": text}).encode() for n in ids]
        self._delivery.deliver(events)
        self._delivery.close()
        return self.counts.snapshot(0)

    def _rest(self, seconds: float, *, may_be_cut: bool) -> bool:
        self.pauses.append(seconds)
        self.uncut.append(not may_be_cut)
        return len(self.pauses) <= self._rests


@pytest.fixture(autouse=True)
def _no_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    assert SECRET not in caplog.text


def test_a_batch_is_one_request_with_the_token() -> None:
    """A small one goes as it is."""
    with Server() as server:
        stats = Sent(server.url).batch("1", "2")

    assert 2 == stats.accepted == stats.sent
    assert "/v1/events" == server.asked[0].path
    assert f"Bearer {SECRET}" == server.asked[0].headers["Authorization"]
    assert "application/x-ndjson" == server.asked[0].headers["Content-Type"]
    assert [["1", "2"]] == server.ids


def test_a_large_batch_is_packed() -> None:
    """Above a kilobyte gzip pays."""
    with Server() as server:
        Sent(server.url).batch("1", text=json.dumps(list(range(400))))

    assert "gzip" == server.asked[0].headers["Content-Encoding"]
    assert [["1"]] == server.ids


def test_what_would_inflate_suspiciously_is_not_packed() -> None:
    """The exporter refuses bombs, and a user may write the same letter ten thousand times."""
    with Server() as server:
        Sent(server.url).batch("1", text="a" * 100_000)

    assert "Content-Encoding" not in server.asked[0].headers


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 507])
def test_a_passing_refusal_sends_the_same_bytes_again(status: int) -> None:
    """The ids are the same, so nothing counts twice."""
    with Server(Say(status), Say(status)) as server:
        sent = Sent(server.url)
        stats = sent.batch("1", "2")

    assert 3 == len(server.asked)
    assert 1 == len({asked.body for asked in server.asked})
    assert (2, 0, 2) == (stats.accepted, stats.duplicates, stats.retries)
    assert [0.2, 0.4] == sent.pauses


@pytest.mark.parametrize(
    ("header", "pause"),
    [("7", 7.1), ("0", 0.1), ("Sun, 09 Sep 2001 01:46:50 GMT", 10.1), ("soon", 0.2)],
)
def test_retry_after_is_the_least_the_client_waits(header: str, pause: float) -> None:
    """In seconds or as a date; with some jitter, so that not all bots come at once."""
    with Server(Say(503, headers={"Retry-After": header})) as server:
        sent = Sent(server.url)
        sent.batch("1")

    assert [pytest.approx(pause)] == sent.pauses
    assert [header != "soon"] == sent.uncut


def test_pauses_double_up_to_half_a_minute() -> None:
    """An exporter that comes back is not overrun."""
    with Server(*[Say(503)] * 10) as server:
        sent = Sent(server.url)
        sent.batch("1")

    assert [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0] == pytest.approx(sent.pauses)


@pytest.mark.parametrize(
    "say",
    [
        Say(202, verdicts(1), cut=5, stored=True),
        Say(202, hang=True, stored=True),
        Say(202, b'{"accepted":1', headers={"Content-Length": "9999999"}, cut=1, stored=True),
    ],
    ids=["cut off", "hangs", "endless"],
)
def test_a_lost_answer_means_the_same_bytes_again(say: Say) -> None:
    """The exporter knows the ids: the events count once, as duplicates."""
    with Server(say) as server:
        stats = Sent(server.url).batch("1")

    assert [["1"], ["1"]] == server.ids
    assert (0, 1, 1) == (stats.accepted, stats.duplicates, stats.retries)


def test_nobody_there_is_a_reason_to_wait() -> None:
    """The exporter may start after the bot."""
    sent = Sent(f"http://127.0.0.1:{free_ports(1)[0]}", rests=3)

    stats = sent.batch("1", "2")

    assert 4 == stats.retries
    assert {"unsent_at_close": 2} == stats.dropped
    assert 1 == len(sent.lines)


@pytest.mark.parametrize("status", [204, 302, 400, 401, 403, 404, 415, 422])
def test_a_refusal_for_good_drops_the_batch_and_counts_it(status: int) -> None:
    """Sending it again would change nothing."""
    with Server(Say(status)) as server:
        stats = Sent(server.url).batch("1", "2")

    assert 1 == len(server.asked)
    assert {f"http_{status}": 2} == stats.dropped
    assert 0 == stats.sent


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b'{"accepted":3}', verdicts(-1, 2), verdicts(5), b"[" * 100_000]
)
def test_a_yes_of_somebody_else_is_no_yes(body: bytes) -> None:
    """A proxy's greeting page acknowledges nothing."""
    with Server(Say(202, body)) as server:
        stats = Sent(server.url).batch("1")

    assert {"http_202": 1} == stats.dropped


@pytest.mark.parametrize("status", [202, 400, 403])
def test_rejected_events_are_counted_by_reason_and_logged_once(status: int) -> None:
    """The line names reason and path, and nothing of what a user wrote."""
    rejected = [("wrong_type", "$.amount")] * 2 + [("unknown_type", "$.type")]
    with Server(Say(status, verdicts(0, 0, *rejected))) as server:
        sent = Sent(server.url)
        stats = sent.batch("1", "2", "3", text="my secret illness")

    assert {"wrong_type": 2, "unknown_type": 1} == stats.rejected
    assert 3 == stats.sent
    assert [
        "the exporter rejected an event: wrong_type $.amount",
        "the exporter rejected an event: unknown_type $.type",
    ] == sent.lines


def test_a_batch_that_is_too_large_goes_in_two() -> None:
    """In the same order, and only what is too large alone is dropped."""
    with Server(Say(413), Say(413), Say(413)) as server:
        sent = Sent(server.url)
        stats = sent.batch("1", "2", "3", "4")

    assert [["1", "2", "3", "4"], ["1", "2"], ["1"], ["2"], ["3", "4"]] == server.ids
    assert (3, {"too_large": 1}) == (stats.accepted, stats.dropped)
    assert 1 == len(sent.lines)


def test_an_event_the_exporter_stumbles_over_does_not_block_the_others() -> None:
    """After ten errors in a row the batch is divided, as if it were too large."""
    with Server(*[Say(500)] * (2 * MOST_SERVER_ERRORS)) as server:
        stats = Sent(server.url).batch("bad", "good")

    assert ["good"] == list(server.stored)
    assert (1, {"http_500": 1}) == (stats.accepted, stats.dropped)


def test_the_connection_is_kept_between_batches() -> None:
    """A handshake for every batch would cost both sides."""
    with Server() as server:
        sent = Sent(server.url)
        sent._delivery.deliver([b'{"id":"1"}'])  # noqa: SLF001 - without closing
        sent.batch("2")

    assert 1 == len({asked.connection for asked in server.asked})


def test_a_token_that_was_replaced_is_read_again(tmp_path: Path) -> None:
    """Nobody restarts bots to rotate a token."""
    file = tmp_path / "ingest.token"
    file.write_text("old\n")
    token = Token(None, file)
    token.header()
    file.write_text("new\n")

    with Server(Say(401)) as server:
        stats = Sent(server.url, token=token).batch("1")

    assert ["Bearer old", "Bearer new"] == [a.headers["Authorization"] for a in server.asked]
    assert 1 == stats.accepted


def test_a_token_file_may_appear_after_the_bot_has_started(tmp_path: Path) -> None:
    """The exporter writes it when it starts for the first time."""
    with Server() as server:
        sent = Sent(server.url, token=Token(None, tmp_path / "ingest.token"), rests=2)
        stats = sent.batch("1")

    assert [] == server.asked
    assert 3 == stats.retries
    assert str(tmp_path) not in "".join(sent.lines)


def test_an_unexpected_answer_never_fills_the_memory_with_reasons() -> None:
    """Reasons come from outside; their number is bounded."""
    rejected = [(f"reason-{n}", "") for n in range(200)]
    with Server(Say(202, verdicts(0, 0, *rejected))) as server:
        stats = Sent(server.url).batch(*map(str, range(200)))

    assert 51 == len(stats.rejected)
    assert 150 == stats.rejected["_other"]
