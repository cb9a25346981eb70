"""A sound reload, as bots and Prometheus see it; broken ones are in `tests.torture.bad_reloads`."""

import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.e2e.bodies import many, one
from tests.e2e.door import Door
from tests.support.scraping import Scrape, series
from tests.support.server import Exporter
from tests.support.waiting import wait_until

PATIENCE_SECONDS = 20.0
BEFORE = "ingest: {max_events: 4}\n"
AFTER = """
bots: [{name: desk, expected_silence_seconds: 1h}]
ingest: {max_events: 4, rate_limit: {events_per_second: 1, burst: 4}}
limits: {labels: {intent: 1}}
logging: {level: error}
privacy: {text: keep}
"""
LATE = series("bot_sli_late_events_total", {"bot": "desk"})  # It starts at 0 with its bot.
TEXT = one("message_sent", text="write to ann@shop.example")


def test_everything_that_may_change_in_a_running_exporter_does(
    tmp_path: Path, promtool: Path
) -> None:
    """Each key of `config.reload.RELOADABLE` takes effect without a restart."""
    with Exporter(tmp_path, settings=BEFORE) as exporter:
        door = Door(exporter, promtool)
        assert 202 == door.post(TEXT).status

        exporter.config.write_text(AFTER + _window())
        os.kill(exporter.pid, signal.SIGHUP)
        wait_until(
            lambda: LATE in exporter.scrape_openmetrics().values,
            seconds=PATIENCE_SECONDS,
            what="the log has taken limits and bots over",
        )
        events = [TEXT, *(one("intent_detected", intent=intent) for intent in "abc"), many(4)]
        statuses = [door.post(event).status for event in events]

        scrape = exporter.scrape_openmetrics()
        assert [202, 202, 202, 202, 429] == statuses
        assert 3600 == scrape.value("bot_expected_silence_seconds", bot="desk")
        assert 1 == scrape.value("bot_maintenance_active", bot="desk")
        assert (1, 1) == _texts(scrape)
        assert {"a": 1.0, "_other": 2.0} == _intents(scrape)
        assert "config_reloaded" not in exporter.output.read_text()  # It is of level info.


def _window() -> str:
    """Return the setting of planned work that is under way now."""
    begin, end = (datetime.now(UTC) + timedelta(days=days) for days in (-1, 1))
    return f"maintenance: [{{from: {begin:%Y-%m-%dT%H:%M:%SZ}, to: {end:%Y-%m-%dT%H:%M:%SZ}}}]\n"


def _texts(scrape: Scrape) -> tuple[float, float]:
    """Return how many texts were dropped, and in how many something was masked."""
    dropped = scrape.value("bot_exporter_texts_dropped_total")
    return dropped, scrape.value("bot_exporter_redactions_total")


def _intents(scrape: Scrape) -> dict[str, float]:
    found = scrape.values.items()
    return {dict(labels)["intent"]: n for (name, labels), n in found if name == "bot_intents_total"}
