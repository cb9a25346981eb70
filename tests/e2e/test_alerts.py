"""Alerts through a real exporter: reported, shown, acknowledged, kept over a crash, ended."""

import http.client
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.scraping import series
from tests.support.server import Exporter
from tests.support.waiting import wait_until
from tests.unit.service.alerting_rig import (
    FINGERPRINT,
    bearer,
    firing,
    notification,
    resolved,
)

SETTINGS = "self_test: {interval_seconds: 200ms}\n"
ACKNOWLEDGED = "bot_alert_acknowledged"
SELF_TEST = "bot_exporter_self_test_timestamp_seconds"
PAIR = {"alertname": "BotDown", "bot": "shop"}


def ask(
    port: int, method: str, path: str, *, body: object = None, token: str = ""
) -> tuple[int, str]:
    """Return status and text of a request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Content-Type": "application/json", **(bearer(token) if token else {})}
    content = None if body is None else json.dumps(body)
    connection.request(method, path, content, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def new_token(exporter: Exporter, scope: str) -> str:
    """Return a token that the command line made for the running exporter."""
    words = ("token", "create", "--name", scope, "--scope", scope)
    command = (sys.executable, "-m", "exporter", *words, f"--storage.path={exporter.storage}")
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    return made.stdout.strip()


def report(exporter: Exporter, alert: dict[str, Any]) -> int:
    """Report *alert* as Alertmanager does and return the status."""
    body = notification(alert)
    return ask(exporter.web_port, "POST", "/api/v1/alerts", body=body)[0]


def test_an_alert_is_acknowledged_and_survives_a_crash_until_it_ends(
    tmp_path: Path, promtool: Path
) -> None:
    """The series stops the escalation, so it must be there again at once after a restart."""
    with Exporter(tmp_path, settings=SETTINGS) as exporter:
        token = new_token(exporter, "ack")
        link = f"/ack?fp={FINGERPRINT}"
        assert 404 == ask(exporter.ingest_port, "GET", link)[0]

        assert 200 == report(exporter, firing())
        status, page = ask(exporter.ingest_port, "GET", link)
        assert 200 == status
        assert "BotDown" in page
        assert series(ACKNOWLEDGED, PAIR) not in exporter.scrape(promtool).values

        said = {"fp": FINGERPRINT, "author": "Ann", "comment": "on it"}
        assert 401 == ask(exporter.ingest_port, "POST", "/ack", body=said)[0]
        assert 200 == ask(exporter.ingest_port, "POST", "/ack", body=said, token=token)[0]
        assert 1 == exporter.scrape(promtool).value(ACKNOWLEDGED, **PAIR)

        exporter.restart_hard()
        assert 1 == exporter.scrape(promtool).value(ACKNOWLEDGED, **PAIR)
        _, history = ask(exporter.web_port, "GET", "/api/v1/alerts")
        assert ["firing"] == [alert["status"] for alert in json.loads(history)["alerts"]]

        assert 200 == report(exporter, resolved(firing()))
        assert series(ACKNOWLEDGED, PAIR) not in exporter.scrape(promtool).values
        exporter.restart_hard()
        assert series(ACKNOWLEDGED, PAIR) not in exporter.scrape(promtool).values


def test_a_synthetic_event_arrives_again_and_again_and_leaves_no_trace_of_a_bot(
    tmp_path: Path, promtool: Path
) -> None:
    """Not in the counters, not among the bots, also after the log was read again."""
    with Exporter(tmp_path, settings=SETTINGS) as exporter:

        def arrived(after: float) -> float:
            values = exporter.scrape(promtool).values
            moment = values.get(series(SELF_TEST, {}), 0.0)
            return moment if moment > after else 0.0

        first = wait_until(lambda: arrived(0.0), seconds=20, what="a synthetic event arrives")
        wait_until(lambda: arrived(first), seconds=20, what="another one arrives")
        exporter.restart_hard()
        wait_until(lambda: arrived(first), seconds=20, what="one arrives after the crash")

        scrape = exporter.scrape(promtool)
        assert 0 == scrape.value("bot_exporter_self_test_failures_total")
        assert 0 == scrape.value("bot_exporter_bots")
        assert 0 == scrape.value("bot_exporter_events_received_total")
        assert 0 == scrape.value("bot_exporter_log_skipped_events_total")
        assert 0 == scrape.total("bot_events_total")
        assert "self-test" not in scrape.body.decode()


def test_the_runbooks_are_where_messages_link_to(tmp_path: Path) -> None:
    """On the internal listener, without a web server."""
    with Exporter(tmp_path) as exporter:
        status, page = exporter.get("/runbooks")

    assert 200 == status
    assert b"<h1" in page
