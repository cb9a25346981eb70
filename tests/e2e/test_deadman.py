"""Watchdogs that come and stop, at a real exporter: `deadman` in the configuration."""

from collections.abc import Callable
from pathlib import Path

from tests.e2e.test_alerts import report
from tests.support.server import Exporter
from tests.support.waiting import wait_until
from tests.unit.cli.running import Reply, http_server
from tests.unit.service.alerting_rig import firing

SETTINGS = """
deadman: {{after_seconds: 1s, url: "{url}/beat", webhook_url_file: told.url}}
"""


def test_people_are_told_past_alertmanager_when_watchdogs_stop(tmp_path: Path) -> None:
    """Heartbeats go out while they come; silence is told, also by the next process."""
    with http_server(lambda _call: Reply(200)) as other:
        (tmp_path / "told.url").write_text(f"{other.url}/told")
        (tmp_path / "told.url").chmod(0o600)

        def calls(path: str) -> list[bytes]:
            return [call.wire for call in other.calls if call.path == path]

        def more_than(path: str, number: int) -> Callable[[], bool]:
            return lambda: len(calls(path)) > number

        with Exporter(tmp_path, settings=SETTINGS.format(url=other.url)) as exporter:
            report(exporter, firing("Watchdog", bot=""))
            wait_until(more_than("/beat", 0), seconds=20, what="the heart beats")
            wait_until(more_than("/told", 0), seconds=20, what="people are told")
            assert b"No Watchdog" in calls("/told")[0]

            report(exporter, firing("Watchdog", bot=""))
            wait_until(more_than("/told", 1), seconds=20, what="people hear that it is back")
            assert b"is back" in calls("/told")[1]

            exporter.restart_hard()
            told = len(calls("/told"))
            wait_until(more_than("/told", told), seconds=20, what="the next process tells")
            assert b"No Watchdog" in calls("/told")[-1]
