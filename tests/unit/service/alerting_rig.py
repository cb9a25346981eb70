"""The routes of alerting in a test, with a real history behind them."""

import json
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from exporter.catalog.builtin import CATALOG
from exporter.ingest.auth import Authenticator
from exporter.metrics.own import OwnMetrics
from exporter.model.access import Scope
from exporter.service.acknowledge import AckPage
from exporter.service.alert_book import AlertBook
from exporter.service.alerts_api import AlertsApi
from exporter.store.alerting import SCHEMA
from exporter.store.alerts import AlertHistory
from exporter.store.database import Database
from tests.unit.ingest.door import FakeTokens, token_record
from tests.unit.log.fakes import ManualClock

Client = TestClient[web.Request, web.Application]

START = "2026-02-02T02:00:00.123456789Z"
NEVER = "0001-01-01T00:00:00Z"
FINGERPRINT = "00ab34cd56ef7890"
ACK, OF_BANK, ALERTS, INGEST = "bo_ack", "bo_bank", "bo_alerts", "bo_ingest"


@dataclass(slots=True)
class KeptLog:
    """Keeps every line."""

    lines: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def info(self, event: str, **fields: object) -> None:
        self.lines.append((event, fields))

    def warning(self, event: str, **fields: object) -> None:
        self.lines.append((event, fields))

    def error(self, event: str, **fields: object) -> None:
        self.lines.append((event, fields))


@dataclass(slots=True)
class Rig:
    """The parts behind the routes."""

    client: Client
    own: OwnMetrics
    log: KeptLog
    clock: ManualClock
    database: Database
    watchdogs: list[float]

    async def report(self, *alerts: dict[str, Any], **headers: str) -> int:
        """Post a notification and return the status."""
        body = notification(*alerts)
        answer = await self.client.post("/api/v1/alerts", json=body, headers=headers)
        return answer.status

    async def acknowledge(self, token: str = ACK, **body: str) -> tuple[int, dict[str, Any]]:
        """Post an acknowledgement and return status and body."""
        sent = {"fp": FINGERPRINT, "author": "Ann", **body}
        answer = await self.client.post("/ack", json=sent, headers=bearer(token))
        return answer.status, json.loads(await answer.text())


def bearer(token: str) -> dict[str, str]:
    """Return the header of a token."""
    return {"Authorization": f"Bearer {token}"}


def firing(name: str = "BotDown", bot: str = "shop", **labels: str) -> dict[str, Any]:
    """Return an alert as Alertmanager sends it."""
    return {
        "status": "firing",
        "labels": {"alertname": name, "bot": bot, "severity": "critical", **labels},
        "annotations": {"summary": f"{bot} is silent."},
        "startsAt": START,
        "endsAt": NEVER,
        "generatorURL": "http://prometheus/graph",
        "fingerprint": FINGERPRINT,
    }


def resolved(alert: dict[str, Any]) -> dict[str, Any]:
    """Return the end of *alert*."""
    return {**alert, "status": "resolved", "endsAt": "2026-02-02T02:30:00Z"}


def notification(*alerts: dict[str, Any], **changes: object) -> dict[str, Any]:
    """Return what Alertmanager posts."""
    return {
        "version": "4",
        "groupKey": "{}:{}",
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "exporter",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager",
        "alerts": list(alerts),
        **changes,
    }


@asynccontextmanager
async def rigged(
    directory: Path, *, require_token: bool = False, preview: bool = True
) -> AsyncIterator[Rig]:
    """Yield the routes of both listeners on one server."""
    tokens, clock, log = FakeTokens(), ManualClock(), KeptLog()
    tokens.add(token_record("ann", ACK, scopes=frozenset({Scope.ACK})))
    bank = frozenset({"bank"})
    tokens.add(token_record("teller", OF_BANK, scopes=frozenset({Scope.ACK}), bots=bank))
    tokens.add(token_record("am", ALERTS, scopes=frozenset({Scope.ALERTS})))
    tokens.add(token_record("shop", INGEST))
    authenticator = Authenticator(tokens, clock)
    await authenticator.refresh()
    own = OwnMetrics(CATALOG.metrics)
    database = Database(directory / "alerting.sqlite", SCHEMA)
    thread = ThreadPoolExecutor(1)
    book = AlertBook(AlertHistory(database), thread=thread, own=own, clock=clock)
    await book.refresh()
    watchdogs: list[float] = []
    app = web.Application()
    AlertsApi(
        book=book,
        authenticator=authenticator if require_token else None,
        watchdog=lambda: watchdogs.append(clock.wall()),
        own=own,
        clock=clock,
        log=log,
    ).add_to(app)
    AckPage(book=book, authenticator=authenticator, preview=preview, clock=clock, log=log).add_to(
        app
    )
    async with TestClient(TestServer(app)) as client:
        yield Rig(client, own, log, clock, database, watchdogs)
    thread.shutdown()
    authenticator.close()
    database.close()
