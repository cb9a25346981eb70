"""From a stream to an exporter: at its moment, with patience, and with an end that tells."""

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from exporter.cli.demonstration.interruption import AskedToStopError, Interruption
from exporter.cli.demonstration.live import MOST_EVENTS, PATIENCE_SECONDS, Live
from exporter.cli.demonstration.outbox import Outbox
from exporter.cli.demonstration.past import past_days, tell_past
from exporter.cli.endpoint import parse_endpoint
from exporter.cli.main import main
from exporter.cli.sender.delivery import Delivery
from exporter.cli.sender.patience import Patience
from exporter.demo.story import DAY, HOUR
from exporter.model.errors import ExporterError
from tests.unit.cli.running import Call, HttpServer, Reply, http_server

from .telling import WEDNESDAY, Moment


class Clock:
    """A time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = WEDNESDAY
        self.slept: list[float] = []

    def wall(self) -> float:
        return self.now

    def sleep(self, duration_seconds: float) -> None:
        self.slept.append(duration_seconds)
        self.now += duration_seconds


def accept(call: Call) -> Reply:
    """Accept everything."""
    verdicts = {"accepted": len(call.lines), "duplicates": 0, "rejected": []}
    return Reply(202, json.dumps(verdicts).encode())


def reject(reason: str) -> Callable[[Call], Reply]:
    """Return what rejects everything for *reason*."""

    def script(call: Call) -> Reply:
        rejected = [{"index": n, "reason": reason, "message": "no"} for n in range(len(call.lines))]
        return Reply(
            400, json.dumps({"accepted": 0, "duplicates": 0, "rejected": rejected}).encode()
        )

    return script


def outbox_to(server: HttpServer, clock: Clock) -> Outbox:
    """Return an outbox whose waiting takes no time."""
    patience = Patience(give_up_seconds=300.0, monotonic=clock.wall, sleep=clock.sleep)
    delivery = Delivery(
        parse_endpoint(server.url), token=None, patience=patience, on_wait=lambda _why, _pause: None
    )
    return Outbox(delivery, monotonic=clock.wall)


def every(step_seconds: float) -> Iterator[Moment]:
    """Yield a heartbeat now and then, for ever."""
    number = 0
    while True:
        at = WEDNESDAY + number * step_seconds
        yield at, {"type": "heartbeat", "ts": at, "bot": "demo-shop", "id": f"e{number}"}
        number += 1


def sent(server: HttpServer) -> list[str]:
    """Return the ids that arrived, in order."""
    return [json.loads(line)["id"] for call in server.calls for line in call.lines]


def test_every_event_goes_out_at_its_moment() -> None:
    """Five requests a second, none of them early; the last moment belongs to the demo."""
    clock = Clock()
    with http_server(accept) as server:
        outbox = outbox_to(server, clock)
        Live(stream=every(0.01), outbox=outbox, sleep=clock.sleep, wall=clock.wall).run(
            WEDNESDAY + 1.0
        )
        outbox.delivery.close()

        assert [f"e{n}" for n in range(101)] == sent(server)
        assert [1, 20, 20, 20, 20, 20] == [len(call.lines) for call in server.calls]
    assert "101 events sent: 101 accepted, 0 duplicates, 0 rejected" == outbox.summary()


def test_requests_stay_small() -> None:
    """However many events a moment brings."""
    clock = Clock()
    with http_server(accept) as server:
        outbox = outbox_to(server, clock)
        Live(stream=every(0.001), outbox=outbox, sleep=clock.sleep, wall=clock.wall).run(
            WEDNESDAY + 1.0
        )
        outbox.delivery.close()

        assert MOST_EVENTS == max(len(call.lines) for call in server.calls)
        assert 1001 == len(sent(server))


@pytest.mark.parametrize("status", [429, 503, 507])
def test_an_exporter_that_asks_for_time_gets_it(status: int) -> None:
    """As long as it says, and then the same events again."""
    clock = Clock()
    refusals = iter([Reply(status, headers={"Retry-After": "5"})])
    with http_server(lambda call: next(refusals, None) or accept(call)) as server:
        outbox = outbox_to(server, clock)
        Live(stream=every(0.5), outbox=outbox, sleep=clock.sleep, wall=clock.wall).run(
            WEDNESDAY + 10.0
        )
        outbox.delivery.close()

        assert ["e0", "e0"] == sent(server)[:2]
        assert max(clock.slept) >= 5.0
        assert 21 == outbox.tally.accepted


def test_what_became_too_old_is_not_sent() -> None:
    """After a long absence the demo goes on with what happens now, and says what is missing."""
    clock = Clock()
    refusals = iter([Reply(503, headers={"Retry-After": "200"})])
    with http_server(lambda call: next(refusals, None) or accept(call)) as server:
        outbox = outbox_to(server, clock)
        Live(stream=every(1.0), outbox=outbox, sleep=clock.sleep, wall=clock.wall).run(
            WEDNESDAY + 300.0
        )
        outbox.delivery.close()

    assert 200 - PATIENCE_SECONDS <= outbox.skipped <= 210 - PATIENCE_SECONDS
    assert 301 == outbox.skipped + outbox.tally.accepted
    assert "never sent, the exporter was away" in outbox.summary()


def test_progress_is_a_line_every_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, in plain words."""
    clock = Clock()
    with http_server(accept) as server:
        outbox = outbox_to(server, clock)
        Live(stream=every(0.5), outbox=outbox, sleep=clock.sleep, wall=clock.wall).run(
            WEDNESDAY + 31.0
        )
        outbox.delivery.close()

    lines = capsys.readouterr().err.splitlines()
    assert 3 == len(lines)
    assert all(line.endswith("accepted, 0 duplicates, 0 rejected") for line in lines)


def test_the_past_is_whole_days_up_to_a_week_ago() -> None:
    """So that the same day told twice is recognised, and nothing can touch a counter."""
    now = WEDNESDAY + 5 * HOUR

    start, until = past_days(now, 90 * DAY)

    assert (WEDNESDAY - 90 * DAY, WEDNESDAY - 7 * DAY) == (start, until)


@pytest.mark.parametrize("hours", [0.0, 0.5, 1.0, 12.0, 23.9])
def test_the_past_ends_an_hour_before_a_week_ago(hours: float) -> None:
    """The clocks of two machines differ."""
    now = WEDNESDAY + hours * HOUR

    _, until = past_days(now, 30 * DAY)

    assert until <= now - 7 * DAY - HOUR


def test_a_past_without_a_whole_day_is_refused() -> None:
    """With the shortest that works everywhere."""
    with pytest.raises(ExporterError, match="write 9d or more"):
        past_days(WEDNESDAY, 7 * DAY)
    assert past_days(WEDNESDAY, 9 * DAY)


def test_the_past_goes_out_in_order_and_ends() -> None:
    """Without the last moment, which belongs to the present."""
    with http_server(accept) as server:
        outbox = outbox_to(server, Clock())
        why = tell_past(every(1.0), outbox, until=WEDNESDAY + 1200)
        outbox.delivery.close()

        assert "" == why
        assert [f"e{n}" for n in range(1200)] == sent(server)


@pytest.mark.parametrize(
    ("reason", "words"), [("no_event_store", "no event store"), ("too_old", "scope backfill")]
)
def test_the_past_ends_at_the_first_refusal(reason: str, words: str) -> None:
    """The rest would fare no better."""
    with http_server(reject(reason)) as server:
        outbox = outbox_to(server, Clock())
        why = tell_past(every(1.0), outbox, until=WEDNESDAY + 1200)
        outbox.delivery.close()

        assert words in why
        assert 1 == len(server.calls)


def test_a_rejected_event_is_shown_and_makes_the_command_fail(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one, at once: an hour later nobody would look."""
    monkeypatch.setenv("BOT_EXPORTER_TOKEN", "bo_x")
    with http_server(reject("bot_not_allowed")) as server:
        assert 1 == main(["demo", "--duration", "300ms", "--url", server.url])

    captured = capsys.readouterr()
    assert "event:1: bot_not_allowed: no" in captured.err
    assert "0 accepted" in captured.out


def test_the_events_can_be_printed(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """One per line, for `send`, from the last minutes up to now."""
    assert 0 == main(["demo", "--print", "--duration", "60s", "--rate", "50"])

    told = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert {"demo-shop", "demo-bank", "demo-desk"} == {event["bot"] for event in told}


@pytest.mark.parametrize(
    ("flag", "value", "words"),
    [
        ("--rate", "0", "no rate from 0.1 to 5000"),
        ("--rate", "nan", "no rate"),
        ("--seed", "-1", "no whole number"),
        ("--incident", "fire", "choose from llm_outage"),
        ("--incident", "silence:soon", "no duration"),
        ("--history", "soon", "no duration"),
    ],
)
def test_nonsense_is_wrong_usage(
    flag: str, value: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what to write instead."""
    assert 2 == main(["demo", f"{flag}={value}"])

    assert words in capsys.readouterr().err


def test_a_request_to_stop_ends_a_sleep_at_once() -> None:
    """However long it was meant to be."""
    interruption = Interruption()
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM))

    with interruption:
        timer.start()
        with pytest.raises(AskedToStopError):
            interruption.sleep(60.0)


def test_a_request_to_stop_before_a_sleep_prevents_it() -> None:
    """It came while a request was under way."""
    with Interruption() as interruption:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(AskedToStopError):
            interruption.sleep(60.0)


def test_what_never_ends_is_ended() -> None:
    """An exporter that does not answer gets half a second."""
    with Interruption():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(AskedToStopError):
            threading.Event().wait(60.0)


def test_signals_are_as_before_afterwards() -> None:
    """The next Ctrl-C is Python's again."""
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

    with Interruption():
        assert before[0] is not signal.getsignal(signal.SIGINT)

    assert before == (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM))


def test_an_incident_is_announced(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked for it wants to know which bot to look at, and until when."""
    monkeypatch.setenv("BOT_EXPORTER_TOKEN", "bo_x")
    words = ["demo", "--duration", "100ms", "--incident", "llm_outage:15m"]

    with http_server(accept) as server:
        assert 0 == main([*words, "--url", server.url])

    assert "incident llm_outage of all bots from " in capsys.readouterr().err
