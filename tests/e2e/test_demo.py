"""The demo against a real exporter: what it says it sent is what the exporter counted."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ports import free_ports
from tests.support.server import ROOT, Exporter
from tests.support.waiting import wait_until

FAR_TOO_LONG_SECONDS = 60.0
STOP_SECONDS = 3.0  # It takes a tenth of one; a busy machine needs more.


@pytest.fixture(scope="module")
def exporter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exporter]:
    """Return an exporter that all tests send to."""
    with Exporter(tmp_path_factory.mktemp("exporter")) as running:
        yield running


def command(exporter: Exporter, *words: str) -> list[str]:
    """Return the command that sends to *exporter* with its first token."""
    url = f"--url=http://127.0.0.1:{exporter.ingest_port}"
    return [sys.executable, "-m", "exporter", *words, url, f"--storage.path={exporter.storage}"]


def run(words: list[str], *, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Return a command that has ended."""
    return subprocess.run(
        words,
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=FAR_TOO_LONG_SECONDS,
    )


def start(words: list[str]) -> subprocess.Popen[str]:
    """Return a command that runs."""
    return subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def counted(exporter: Exporter, promtool: Path) -> float:
    """Return how many distinct events the durable counter holds."""
    return exporter.scrape(promtool).total("bot_events_total")


def said(text: str) -> int:
    """Return how many accepted events a summary tells."""
    found = re.search(r"(\d+) accepted, 0 duplicates, 0 rejected", text)
    assert found is not None, text
    return int(found[1])


def test_the_counters_are_what_the_demo_says(exporter: Exporter, promtool: Path) -> None:
    """Every event is accepted, counted once, and worth no line in the log."""
    before = counted(exporter, promtool)

    done = run(command(exporter, "demo", "--duration", "5s", "--rate", "200", "--seed", "7"))

    assert 0 == done.returncode, done.stderr
    assert said(done.stdout) == counted(exporter, promtool) - before > 0
    log = exporter.output.read_text()
    assert "level=error" not in log
    assert "level=warning" not in log


def test_the_printed_events_can_be_sent(exporter: Exporter, promtool: Path) -> None:
    """Through a pipe, as the how-to shows it."""
    before = counted(exporter, promtool)

    printed = run([sys.executable, "-m", "exporter", "demo", "--print", "--duration", "1m"])
    done = run(command(exporter, "send", "-"), stdin=printed.stdout)

    assert 0 == done.returncode, done.stderr
    assert len(printed.stdout.splitlines()) == counted(exporter, promtool) - before


def test_history_without_a_store_explains_itself(
    exporter: Exporter, promtool: Path, tmp_path: Path
) -> None:
    """It stops at the first request, fails, and leaves every counter alone."""
    storage = f"--storage.path={exporter.storage}"
    scopes = ("--scope", "ingest", "--scope", "backfill")
    words = ("token", "create", "--name", "history", *scopes, storage)
    token = tmp_path / "token"
    token.write_text(run([sys.executable, "-m", "exporter", *words]).stdout)
    token.chmod(0o600)
    before = counted(exporter, promtool)

    done = run([*command(exporter, "demo", "--history", "90d"), f"--token-file={token}"])

    assert 1 == done.returncode
    assert "no event store" in done.stderr
    assert "500 events sent: 0 accepted, 0 duplicates, 500 rejected\n" == done.stdout
    assert before == counted(exporter, promtool)


def test_history_without_the_scope_says_how_to_get_it(exporter: Exporter, promtool: Path) -> None:
    """The ingest token of the first start is not enough."""
    before = counted(exporter, promtool)

    done = run(command(exporter, "demo", "--history", "90d"))

    assert 1 == done.returncode
    assert "--scope backfill" in done.stderr
    assert before == counted(exporter, promtool)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda n: n.name)
def test_a_signal_ends_it_with_a_summary(
    exporter: Exporter, promtool: Path, number: signal.Signals
) -> None:
    """What was sent is told and counted; nothing failed, so the exit code is 0."""
    before = counted(exporter, promtool)
    process = start(command(exporter, "demo", "--rate", "200"))
    wait_until(
        lambda: counted(exporter, promtool) > before, seconds=30, what="the first events arrive"
    )

    process.send_signal(number)
    out, err = process.communicate(timeout=STOP_SECONDS)

    assert 0 == process.returncode, err
    assert said(out) == counted(exporter, promtool) - before


def test_a_signal_ends_it_while_the_exporter_is_away(exporter: Exporter) -> None:
    """Waiting for the next attempt is no reason to stay."""
    (port,) = free_ports(1)
    url = f"--url=http://127.0.0.1:{port}"
    process = start([*command(exporter, "demo", "--rate", "200"), url])
    assert process.stderr is not None
    while "waiting" not in process.stderr.readline():
        assert process.poll() is None

    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=STOP_SECONDS)

    assert "more without an answer" in out
