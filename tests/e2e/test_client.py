"""The client against a real exporter: through crashes, and from a fresh virtual environment."""

import os
import subprocess
import sys
import threading
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.client import Client, Limits
from tests.e2e.pages import Page, pages_with_example
from tests.support.scraping import Scrape
from tests.support.server import Exporter
from tests.support.waiting import wait_until

ROOT = Path(__file__).parent.parent.parent
THREADS = 4
EVENTS = 2_000  # Of each thread.
DEADLINE_SECONDS = 60.0


@pytest.fixture(scope="module")
def exporter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exporter]:
    """Return one exporter for all tests."""
    with Exporter(tmp_path_factory.mktemp("exporter")) as exporter:
        yield exporter


def url(exporter: Exporter) -> str:
    """Return what a bot is told."""
    return f"http://127.0.0.1:{exporter.ingest_port}"


def test_a_killed_exporter_neither_loses_nor_doubles_what_a_client_sent(
    exporter: Exporter, promtool: Path
) -> None:
    """Two crashes under way, and the counter equals the ids that were handed out."""
    sent: list[set[str]] = [set() for _ in range(THREADS)]
    limits = Limits(batch_events=20, queue_events=THREADS * EVENTS)
    with Client(url(exporter), bot="clicks", token=exporter.token(), limits=limits) as client:
        threads = [threading.Thread(target=_send, args=(client, mine)) for mine in sent]
        for thread in threads:
            thread.start()
        for part in (1, 5):
            reached = part * THREADS * EVENTS // 10
            wait_until(lambda: client.stats.sent > reached, seconds=60, what="answers")  # noqa: B023
            exporter.restart_hard()
        for thread in threads:
            thread.join()
        assert client.flush(DEADLINE_SECONDS)
        stats = client.stats

    scrape = exporter.scrape(promtool)
    ids = len(set.union(*sent))
    assert THREADS * EVENTS == ids
    assert ids == scrape.value("bot_events_total", bot="clicks", event="track")
    assert (ids, {}, {}) == (stats.sent, dict(stats.rejected), dict(stats.dropped))
    assert stats.retries > 0


def test_every_helper_sends_what_the_exporter_takes(exporter: Exporter, promtool: Path) -> None:
    """Turns, calls and actions become metrics; nothing is rejected."""
    token_file = exporter.storage / "ingest.token"
    with Client(url(exporter), bot="help", platform="web", token_file=token_file) as client:
        with client.turn(user=42, conversation=-7, text="Where is my parcel?") as turn:
            with turn.llm_call("small", provider="own") as call:
                call.first_token()
                call.tokens(input=100, output=20)
                call.cost_usd = 0.002
            with turn.action("track_parcel"):
                pass
            turn.answered(source="llm", text="On its way.")
        with pytest.raises(ValueError, match="broken"), client.turn(user="ann"):
            raise ValueError("broken")
        assert client.flush(DEADLINE_SECONDS)
        stats = client.stats

    scrape = exporter.scrape(promtool)
    web = {"bot": "help", "platform": "web"}
    assert ({}, {}) == (dict(stats.rejected), dict(stats.dropped))
    assert 2 == scrape.value("bot_turns_total", **web)
    assert 1 == scrape.value("bot_turn_failures_total", **web)
    assert 1 == scrape.value("bot_response_duration_seconds_count", **web)
    assert 1 == scrape.value("bot_actions_total", bot="help", action="track_parcel")
    assert 20 == scrape.value("bot_llm_tokens_total", bot="help", model="small", direction="output")


def test_rejected_events_are_counted_by_reason(exporter: Exporter) -> None:
    """The real answers are read as the made-up ones are."""
    with Client(url(exporter), bot="shop", token=exporter.token()) as client:
        client.send("heartbeat")
        client.send("no_such_type")
        client.send("message_received", no_such_field=1)
        assert client.flush(DEADLINE_SECONDS)
        first = client.stats
        client.send("purchase", amount=-1, currency="EUR")
        assert client.flush(DEADLINE_SECONDS)

    assert {"unknown_type": 1, "unknown_field": 1} == first.rejected
    assert (1, 4, {}) == (client.stats.accepted, client.stats.sent, dict(client.stats.dropped))


def test_a_wrong_token_drops_events_and_says_so(
    exporter: Exporter, caplog: pytest.LogCaptureFixture
) -> None:
    """The bot goes on; a person reads why."""
    with Client(url(exporter), bot="shop", token="bx_wrong") as client:
        client.send("heartbeat")
        client.flush(DEADLINE_SECONDS)

    assert {"http_401": 1} == client.stats.dropped
    assert "valid token" in caplog.text
    assert "bx_wrong" not in caplog.text


@pytest.fixture(scope="module")
def fresh_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of a new virtual environment that holds our wheel and nothing else."""
    place = tmp_path_factory.mktemp("fresh")
    wheel = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(wheel, cwd=ROOT, check=True, capture_output=True)
    venv.create(place / "venv")
    python = place / "venv" / "bin" / "python"
    # Without dependencies: the client must not need any.
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    install = [*pip, "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*install, *place.glob("*.whl")], check=True, capture_output=True)
    return python


@pytest.mark.parametrize("page", pages_with_example(), ids=str)
def test_the_short_example_works_from_a_fresh_virtual_environment(
    page: Page, fresh_python: Path, exporter: Exporter, promtool: Path
) -> None:
    """What we show first works as it stands, next to the data of the exporter."""
    environment = {"PATH": os.environ["PATH"], "BOT_EXPORTER_URL": url(exporter)}
    before = _measured(exporter.scrape(promtool))

    done = subprocess.run(
        [fresh_python, "-c", page.python],
        cwd=exporter.storage.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, "") == (done.returncode, done.stderr)
    assert before + 1 == _measured(exporter.scrape(promtool))


def _measured(scrape: Scrape) -> float:
    """Return how many answers of the example's bot were measured so far."""
    web = (("bot", "shop"), ("platform", "web"))
    return scrape.values.get(("bot_response_duration_seconds_count", web), 0)


def _send(client: Client, mine: set[str]) -> None:
    for _ in range(EVENTS):
        mine.add(client.send("track", name="click"))
