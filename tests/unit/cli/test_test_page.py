"""One alert through Alertmanager to a receiver: ``bot-exporter test-page``."""

import json
from datetime import datetime
from typing import Any

import pytest

from exporter.cli.main import main
from tests.unit.cli.running import Call, Reply, http_server


class Alertmanager:
    """The part of Alertmanager's API that the command uses."""

    def __init__(self) -> None:
        self.receivers = ["exporter", "oncall"]
        self.routes_to = ["oncall"]
        self.silences: list[str] = []
        self.posted: list[dict[str, Any]] = []

    def answer(self, call: Call) -> Reply:
        """Answer one request."""
        path = call.path.partition("?")[0]
        match (bool(call.wire), path):
            case (False, "/am/api/v2/receivers"):
                return self._json([{"name": name} for name in self.receivers])
            case (True, "/am/api/v2/alerts"):
                self.posted += json.loads(call.wire)
                return Reply(200)
            case (False, "/am/api/v2/alerts"):
                receivers = [{"name": name} for name in self.routes_to]
                status = {"silencedBy": self.silences, "state": "active"}
                return self._json([{"receivers": receivers, "status": status}])
            case _:
                return Reply(404)

    def _json(self, value: object) -> Reply:
        return Reply(200, body=json.dumps(value).encode())


@pytest.fixture
def alertmanager() -> Alertmanager:
    """Return an Alertmanager with two receivers."""
    return Alertmanager()


def page_of(alertmanager: Alertmanager, receiver: str = "oncall") -> int:
    """Run the command."""
    with http_server(alertmanager.answer) as server:
        url = f"{server.url}/am"
        words = ["test-page", "--receiver", receiver, "--alertmanager.url", url, "--wait", "1ms"]
        return main(words)


def ends(entry: dict[str, Any]) -> datetime:
    """Return when a posted alert ends."""
    return datetime.fromisoformat(entry["endsAt"])


def test_an_alert_is_sent_and_resolved(
    alertmanager: Alertmanager, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same one: equal labels, equal start, and an end that has come."""
    assert 0 == page_of(alertmanager)

    first, last = alertmanager.posted
    assert first["labels"] == last["labels"]
    assert ("oncall", "critical") == (
        first["labels"]["receiver_test"],
        first["labels"]["severity"],
    )
    assert first["startsAt"] == last["startsAt"]
    assert ends(last) < ends(first)
    printed = capsys.readouterr().out
    assert "on its way to oncall" in printed
    assert first["annotations"]["summary"] in printed
    assert "Resolved." in printed


def test_two_tests_are_two_groups(alertmanager: Alertmanager) -> None:
    """Otherwise the second would wait for the group_interval of the first."""
    page_of(alertmanager)
    page_of(alertmanager)

    assert 2 == len({entry["labels"]["bot"] for entry in alertmanager.posted})


def test_an_unknown_receiver_is_named_with_those_there_are(
    alertmanager: Alertmanager, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is sent."""
    assert 1 == page_of(alertmanager, "oncal")

    assert "it has: exporter, oncall" in capsys.readouterr().err
    assert [] == alertmanager.posted


def test_a_missing_route_is_told_and_the_alert_ends_at_once(
    alertmanager: Alertmanager, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody else must not be paged for a test."""
    alertmanager.routes_to = ["exporter"]

    assert 1 == page_of(alertmanager)

    assert 'receiver_test="oncall"' in capsys.readouterr().err
    assert 2 == len(alertmanager.posted)


def test_a_silence_is_told(alertmanager: Alertmanager, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody would see the page."""
    alertmanager.silences = ["abc"]

    assert 1 == page_of(alertmanager)

    assert "silence" in capsys.readouterr().err


@pytest.mark.parametrize("body", [b"<html>", b""])
def test_something_else_at_the_address_is_told(
    body: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """Grafana, for example."""
    with http_server(lambda _call: Reply(200, body=body)) as server:
        assert 1 == main(["test-page", "--receiver", "x", "--alertmanager.url", server.url])

    assert "bot-exporter: " in capsys.readouterr().err


def test_nobody_there_is_told_with_the_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    """The address and what to do."""
    url = "http://127.0.0.1:1"

    assert 1 == main(["test-page", "--receiver", "x", "--alertmanager.url", url])

    message = capsys.readouterr().err
    assert "Alertmanager at 127.0.0.1:1 cannot be reached" in message
    assert "--alertmanager.url" in message
