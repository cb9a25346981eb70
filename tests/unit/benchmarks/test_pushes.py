"""What the benchmark pushes to a Pushgateway says the same as the events."""

import json
from collections.abc import Iterator
from pathlib import Path

import prometheus_client as prometheus
import pytest
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.events import BOTS, many_series, stamped
from benchmarks.load import Script
from benchmarks.pushes import counted, moved, pushable, pushes, series_in, write_script

EVENT = {
    "type": "intent_detected",
    "id": "e-1",
    "bot": "shop-bot",
    "platform": "web",
    "intent": "order_status",
    "confidence": 0.9,
}
TEXT = b"""\
# HELP bot_a_total Moved.
# TYPE bot_a_total counter
bot_a_total{bot="x"} 1
# HELP bot_b_total Not moved.
# TYPE bot_b_total counter
# HELP process_cpu_seconds_total Of the process.
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 3
# HELP bot_c Moved, too.
# TYPE bot_c gauge
bot_c 2
bot_c{bot="x"} 3
"""


@pytest.fixture(autouse=True)
def _created_metrics() -> Iterator[None]:
    """The naive exporter switches them off for the whole process."""
    yield
    prometheus.enable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped


def test_a_push_holds_what_its_events_move() -> None:
    """Two equal events count twice in one series."""
    twice = json.dumps([EVENT, EVENT]).encode()

    families = {f.name: f for f in text_string_to_metric_families(counted(twice).decode())}

    (intents,) = families["bot_intents"].samples
    assert {"bot": "shop-bot", "intent": "order_status"} == intents.labels
    assert 2 == intents.value
    assert "bot_purchases" not in families


def test_a_request_of_one_event_is_a_push_too() -> None:
    """One event is no list."""
    assert counted(json.dumps([EVENT]).encode()) == counted(json.dumps(EVENT).encode())


def test_families_that_did_not_move_are_not_pushed() -> None:
    """Their comments would be work for nothing."""
    assert b"bot_b_total" not in moved(TEXT)
    assert 4 == series_in(moved(TEXT))


def test_only_our_families_can_be_pushed() -> None:
    """A Pushgateway has a process of its own, whose families must not clash."""
    text = pushable(TEXT)

    assert b"process_" not in text
    assert b"bot_b_total" not in text
    assert 3 == series_in(text)


def test_pushes_are_whole_requests() -> None:
    """A wrong length would leave the connection waiting."""
    for head, body in pushes(100):
        lines = head.split("\r\n")
        assert lines[0].startswith("POST /metrics/job/bots/instance/")
        assert f"Content-Length: {len(body.encode())}" in lines
        assert head.endswith("\r\n\r\n")


def test_each_bot_pushes_to_a_group_of_its_own() -> None:
    """In one group the bots would replace each other's series."""
    groups = {head.split()[1] for head, _ in pushes(1)}

    assert {f"/metrics/job/bots/instance/{bot}" for bot in BOTS} == groups


def test_a_script_repeats_its_requests_in_turn(tmp_path: Path) -> None:
    """The load generator sends them for as long as it is told."""
    path = write_script(tmp_path / "script.json", 1)
    told = [(head.encode(), body.encode()) for head, body in json.loads(path.read_text())]

    script = Script(path)

    assert [*told, *told] == [script.next() for _ in range(2 * len(told))]


def test_the_fill_makes_thousands_of_series() -> None:
    """Both servers hold many series before the load."""
    assert 3_000 < series_in(counted(stamped(many_series(), 0)))
