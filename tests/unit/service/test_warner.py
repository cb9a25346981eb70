"""Telling people past Alertmanager: `exporter.service.warner`."""

import json

import pytest

from exporter.catalog.builtin import CATALOG
from exporter.catalog.own_alerting import MESSAGES
from exporter.metrics.own import OwnMetrics
from exporter.service.messenger import Messenger
from exporter.service.warner import DirectWarner
from tests.unit.cli.running import Reply, http_server
from tests.unit.log.fakes import ManualClock
from tests.unit.service.alerting_rig import KeptLog


@pytest.mark.parametrize(("status", "told"), [(200, True), (500, False)])
async def test_a_webhook_gets_a_text_that_chats_show(status: int, *, told: bool) -> None:
    """And its failure is counted, written down and tried again by who asked."""
    own, log = OwnMetrics(CATALOG.metrics), KeptLog()
    messenger = Messenger(own, None)
    with http_server(lambda _call: Reply(status)) as server:
        warner = DirectWarner(
            messenger=messenger,
            url=f"{server.url}/hook",
            email_to=(),
            clock=ManualClock(),
            log=log,
        )

        assert told is await warner.tell("No Watchdog", "Look.\n")

    messenger.close()
    (call,) = server.calls
    assert "No Watchdog\nLook.\n" == json.loads(call.wire)["text"]
    outcome = "delivered" if told else "failed"
    assert 1 == own.value(MESSAGES, "deadman", "webhook", outcome)
    assert told is not bool(log.lines)


async def test_one_way_that_works_is_enough() -> None:
    """Mail without a server fails, the webhook does not."""
    messenger = Messenger(OwnMetrics(CATALOG.metrics), None)
    with http_server(lambda _call: Reply(200)) as server:
        warner = DirectWarner(
            messenger=messenger,
            url=server.url,
            email_to=("a@example.org",),
            clock=ManualClock(),
            log=KeptLog(),
        )

        assert await warner.tell("x", "y")

    messenger.close()


async def test_without_any_way_there_is_nothing_to_try_again() -> None:
    """The log line and the metric must do."""
    messenger = Messenger(OwnMetrics(CATALOG.metrics), None)
    warner = DirectWarner(
        messenger=messenger, url="", email_to=(), clock=ManualClock(), log=KeptLog()
    )

    assert await warner.tell("x", "y")
    messenger.close()
