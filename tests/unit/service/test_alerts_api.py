"""What Alertmanager reports and people read: `exporter.service.alerts_api`."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from exporter.catalog.own_alerting import ALERT_NOTIFICATIONS, ALERTS_FIRING
from exporter.service.alertmanager import LARGEST_BODY
from tests.unit.service.alerting_rig import (
    ALERTS,
    INGEST,
    Rig,
    bearer,
    firing,
    notification,
    resolved,
    rigged,
)

PATH = "/api/v1/alerts"


async def history(rig: Rig, **headers: str) -> list[dict[str, Any]]:
    """Return the alerts of the history."""
    answer = await rig.client.get(PATH, headers=headers)
    body: dict[str, list[dict[str, Any]]] = json.loads(await answer.text())
    return body["alerts"]


async def test_a_reported_alert_is_in_the_history(tmp_path: Path) -> None:
    """With its texts as they came, and its start to the microsecond."""
    async with rigged(tmp_path) as rig:
        assert 200 == await rig.report(firing(note="<b>"))

        (alert,) = await history(rig)

        assert ("BotDown", "shop", "firing") == (
            alert["alertname"],
            alert["bot"],
            alert["status"],
        )
        assert "<b>" == alert["labels"]["note"]
        assert 1770000000 - 2400 < alert["starts_at"] < 1770000000
        assert 1 == rig.own.value(ALERTS_FIRING)
        assert 1 == rig.own.value(ALERT_NOTIFICATIONS, "accepted")


async def test_an_end_is_noted(tmp_path: Path) -> None:
    """The alert stays in the history."""
    async with rigged(tmp_path) as rig:
        await rig.report(firing())
        await rig.report(resolved(firing()))

        assert ["resolved"] == [alert["status"] for alert in await history(rig)]
        assert 0 == rig.own.value(ALERTS_FIRING)


async def test_a_watchdog_is_passed_on_and_no_alert(tmp_path: Path) -> None:
    """It fires for ever; the history is for people."""
    async with rigged(tmp_path) as rig:
        await rig.report(firing("Watchdog", bot=""))
        await rig.report(resolved(firing("Watchdog", bot="")))

        assert 1 == len(rig.watchdogs)
        assert [] == await history(rig)


async def test_fields_of_newer_versions_are_ignored(tmp_path: Path) -> None:
    """Alertmanager may add to its JSON without a new version."""
    async with rigged(tmp_path) as rig:
        body = notification({**firing(), "mutedBy": []}, notificationReason="new")

        assert 200 == (await rig.client.post(PATH, json=body)).status


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        notification(version="5"),
        notification({**firing(), "fingerprint": "../../etc"}),
        notification({**firing(), "status": "pending"}),
        notification({**firing(), "startsAt": "yesterday"}),
        notification({**firing(), "startsAt": "2026-02-02T02:00:00"}),
        notification({**firing(), "labels": {"alertname": 1}}),
    ],
    ids=lambda body: json.dumps(body)[:60],
)
async def test_what_is_no_notification_is_refused(tmp_path: Path, body: object) -> None:
    """With 400, which Alertmanager does not repeat, and a counter that shows it."""
    async with rigged(tmp_path) as rig:
        assert 400 == (await rig.client.post(PATH, json=body)).status
        assert 1 == rig.own.value(ALERT_NOTIFICATIONS, "malformed")
        assert ["alert_notification_refused"] == [event for event, _ in rig.log.lines]


@pytest.mark.parametrize("body", [b"", b"{", b'{"version": "\xff"}', b"[" * 100_000])
async def test_broken_json_is_refused(tmp_path: Path, body: bytes) -> None:
    """Whatever the bytes are, the answer says so."""
    async with rigged(tmp_path) as rig:
        headers = {"Content-Type": "application/json"}

        assert 400 == (await rig.client.post(PATH, data=body, headers=headers)).status


async def test_a_body_is_bounded_and_must_say_that_it_is_json(tmp_path: Path) -> None:
    """A page of another site can send text to this machine, but no JSON."""
    async with rigged(tmp_path) as rig:
        large = io.BytesIO(b" " * (LARGEST_BODY + 1))
        headers = {"Content-Type": "application/json"}

        assert 413 == (await rig.client.post(PATH, data=large, headers=headers)).status
        assert 415 == (await rig.client.post(PATH, data=b"{}")).status


async def test_a_token_is_asked_for_when_the_operator_says_so(tmp_path: Path) -> None:
    """One with the scope `alerts`, for reading as well."""
    async with rigged(tmp_path, require_token=True) as rig:
        assert 401 == await rig.report(firing())
        assert 403 == await rig.report(firing(), **bearer(INGEST))
        assert 200 == await rig.report(firing(), **bearer(ALERTS))
        assert 401 == (await rig.client.get(PATH)).status
        assert 1 == len(await history(rig, **bearer(ALERTS)))
        assert 2 == rig.own.value(ALERT_NOTIFICATIONS, "refused")


async def test_names_of_people_are_shown_only_with_a_token(tmp_path: Path) -> None:
    """Whoever reaches the listener sees that somebody is on it, not who."""
    async with rigged(tmp_path) as rig:
        await rig.report(firing())
        await rig.acknowledge()

        (alert,) = await history(rig)

        assert {"at": rig.clock.wall()} == alert["acknowledged"]


async def test_a_history_that_cannot_be_written_asks_alertmanager_to_try_again(
    tmp_path: Path,
) -> None:
    """It repeats what was answered with 5xx."""
    async with rigged(tmp_path) as rig:
        with rig.database.transaction() as connection:
            connection.execute("ALTER TABLE alerts RENAME TO gone")

        assert 503 == await rig.report(firing())
        assert 1 == rig.own.value(ALERT_NOTIFICATIONS, "failed")


async def test_alerts_that_alertmanager_left_out_are_written_down(tmp_path: Path) -> None:
    """Its `max_alerts` cuts notifications; the history then lacks some."""
    async with rigged(tmp_path) as rig:
        await rig.client.post(PATH, json=notification(firing(), truncatedAlerts=3))

        assert [("alerts_left_out_by_alertmanager", {"count": 3})] == rig.log.lines
