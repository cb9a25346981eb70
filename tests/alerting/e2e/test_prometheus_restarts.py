"""Prometheus ends suddenly: what fired goes on, and while it is away people are told so."""

from pathlib import Path

import pytest

from tests.alerting.cast import Mood
from tests.alerting.fakes import DEADMAN, PAGERDUTY, TELEGRAM, WEBHOOK
from tests.alerting.told import RESOLVED
from tests.alerting.whole_path import SECONDS, WholePath
from tests.support.pairs import PAIRS, Pair
from tests.support.scraping import read_text
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.alerting_e2e, pytest.mark.timeout(300)]

QUIET = "quiet"
DOWN, ESCALATION = "BotDown", "AlertUnacknowledged"
SILENCE_SECONDS = 4.0  # Of the heartbeat: the exporter waits for five.


@pytest.fixture(params=PAIRS, ids=lambda pair: pair.name)
def pair(request: pytest.FixtureRequest) -> Pair:
    """Return each pair in turn."""
    found: Pair = request.param
    return found


def test_a_killed_prometheus_goes_on_where_it_was(pair: Pair, tmp_path: Path) -> None:
    """What fired fires since then, nobody is told again, and the end is told."""
    with WholePath(pair, tmp_path, (QUIET,), resend="5s") as path:
        path.cast.turn(QUIET, Mood.SILENT)
        path.wait_told(PAGERDUTY, DOWN, QUIET)
        path.wait_told(TELEGRAM, ESCALATION, QUIET)
        before = path.wait_firing(ESCALATION, QUIET)["activeAt"]

        path.prometheus.kill()
        path.prometheus.start()
        after = path.wait_firing(ESCALATION, QUIET)["activeAt"]
        path.cast.turn(QUIET, Mood.WELL)
        for kind, alert in ((PAGERDUTY, DOWN), (TELEGRAM, ESCALATION)):
            path.wait_told(kind, alert, QUIET, RESOLVED)

        assert before[:19] == after[:19]  # Seconds are kept.
        assert 1 == len(path.told(PAGERDUTY, DOWN, QUIET))
        assert 1 == len(path.told(TELEGRAM, ESCALATION, QUIET))


def test_a_dead_prometheus_ends_the_heartbeat_and_people_are_told_past_it(
    pair: Pair, tmp_path: Path
) -> None:
    """Alertmanager cannot say so: the exporter does, and says when it is over."""
    with WholePath(pair, tmp_path, (QUIET,), resend="1s") as path:
        first = wait_until(lambda: last_watchdog(path), seconds=SECONDS, what="it comes")
        wait_until(lambda: last_watchdog(path) > first, seconds=SECONDS, what="it comes again")
        wait_until(lambda: len(path.fakes.of(DEADMAN)) > 2, seconds=SECONDS, what="elsewhere, too")

        path.prometheus.kill()
        missing, *_ = wait_until(
            lambda: path.fakes.of(WEBHOOK), seconds=SECONDS, what="people are told directly"
        )
        beats = path.fakes.of(DEADMAN)
        last = last_watchdog(path)
        path.prometheus.start()
        wait_until(lambda: len(path.fakes.of(WEBHOOK)) > 1, seconds=SECONDS, what="it is back")

        assert "No Watchdog" in missing.text
        assert missing.at - beats[-1].at > SILENCE_SECONDS
        assert "The Watchdog is back" in path.fakes.of(WEBHOOK)[1].text
        assert last_watchdog(path) > last
        assert len(path.fakes.of(DEADMAN)) > len(beats)


def last_watchdog(path: WholePath) -> float:
    """Return when the exporter last heard the Watchdog; 0 when it never did."""
    _, body = path.exporter.get("/metrics")
    return read_text(body).total("bot_exporter_watchdog_timestamp_seconds")
