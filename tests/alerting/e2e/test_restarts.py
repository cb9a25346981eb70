"""Alertmanager or Prometheus ends suddenly: nothing is lost, and hardly anything told twice."""

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.alerting.cast import Mood
from tests.alerting.fakes import PAGERDUTY, SLACK
from tests.alerting.told import RESOLVED
from tests.alerting.whole_path import SECONDS, WholePath
from tests.support.pairs import PAIRS, Pair
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.alerting_e2e, pytest.mark.timeout(300)]

QUIET, BURNING = "quiet", "burning"
DOWN, FATAL, ESCALATION = "BotDown", "BotFatalErrors", "AlertUnacknowledged"
SILENCE_SECONDS = 4.0  # Of the heartbeat: the exporter waits for five.
COMMENT = "we know of it and work on it"


@pytest.fixture(params=PAIRS, ids=lambda pair: pair.name)
def pair(request: pytest.FixtureRequest) -> Pair:
    """Return each pair in turn."""
    found: Pair = request.param
    return found


def silence(alert: str, bot: str) -> dict[str, Any]:
    """Return a silence of an hour."""
    now = datetime.now(UTC)
    values = {"alertname": alert, "bot": bot}
    return {
        "matchers": [
            {"name": name, "value": value, "isRegex": False} for name, value in values.items()
        ],
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "ann",
        "comment": COMMENT,
    }


def is_on_disk(path: WholePath) -> bool:
    """Tell whether Alertmanager saved the silence."""
    file = path.alertmanager.data / "silences"
    return file.is_file() and COMMENT.encode() in file.read_bytes()


def is_silenced(path: WholePath, alert: str, bot: str) -> bool:
    """Tell whether Alertmanager holds an alert back for a silence."""
    return any(
        each["status"]["silencedBy"]
        for each in path.alertmanager.alerts()
        if (each["labels"]["alertname"], each["labels"].get("bot")) == (alert, bot)
    )


def test_a_killed_alertmanager_keeps_silences_and_pages_at_most_twice(
    pair: Pair, tmp_path: Path
) -> None:
    """A second page belongs to the same incident, and its end is told."""
    with WholePath(pair, tmp_path, (QUIET, BURNING)) as path:
        path.alertmanager.silence(silence(FATAL, BURNING))
        path.cast.turn(QUIET, Mood.SILENT)
        path.wait_told(PAGERDUTY, DOWN, QUIET)
        wait_until(lambda: is_on_disk(path), seconds=SECONDS, what="the silence is saved")

        path.alertmanager.stop(signal.SIGKILL)
        path.alertmanager.start()
        path.cast.turn(BURNING, Mood.FAILING)
        wait_until(
            lambda: is_silenced(path, FATAL, BURNING), seconds=SECONDS, what="the silence holds"
        )
        path.cast.turn(QUIET, Mood.WELL)
        path.wait_told(PAGERDUTY, DOWN, QUIET, RESOLVED)

        pages = path.told(PAGERDUTY, DOWN, QUIET)
        assert [COMMENT] == [each["comment"] for each in path.alertmanager.silences()]
        assert len(pages) in (1, 2)
        assert 1 == len({page.message.body["dedup_key"] for page in pages})
        assert [] == path.told(SLACK, FATAL, BURNING)
