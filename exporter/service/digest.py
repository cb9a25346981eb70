"""The daily digest: what came and went, muted or not, and what bots achieved."""

import asyncio
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import partial
from typing import Protocol, TypeVar

from ..model.alerts import AlertRecord
from ..model.errors import StorageError
from ..model.messages import Message
from ..model.ports import Clock
from ..store.alerts import AlertHistory
from ..store.moments import Moments
from ..store.outbox import Outbox

MOMENT = "digest"
WEBHOOK, EMAIL = "digest:webhook", "digest:email"
LOOK_SECONDS = 30.0
MOST_ALERTS, MOST_LINES = 1000, 50

Result = TypeVar("Result")


class DigestLog(Protocol):
    """The part of a logger that the digest uses."""

    def info(self, event: str, **fields: object) -> object:
        """Write a line about something expected."""
        ...

    def warning(self, event: str, **fields: object) -> object:
        """Write what may need a look."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """When the digest is sent, and by which ways."""

    at: time
    zone: tzinfo
    destinations: tuple[str, ...]


def last_due(plan: Plan, now: float) -> float:
    """Return the latest moment, not after *now*, at which a digest was due."""
    local = datetime.fromtimestamp(now, plan.zone)
    for days in range(3):
        day = local.date() - timedelta(days=days)
        due = datetime.combine(day, plan.at, plan.zone).timestamp()
        if due <= now:
            return due
    raise AssertionError("a day is at most 25 hours long")


class Digests:
    """
    Puts one digest a day into the outbox: each once, also over restarts.

    Args:
        plan: When and to whom.
        history: Knows the alerts.
        outbox: Takes the messages, and has counted the events.
        moments: Remembers the last one.
        thread: All of them are asked on it.
        clock: Says what day it is.
        log: Where it is written down.
    """

    def __init__(  # noqa: PLR0913 - what a digest is made of
        self,
        plan: Plan,
        *,
        history: AlertHistory,
        outbox: Outbox,
        moments: Moments,
        thread: ThreadPoolExecutor,
        clock: Clock,
        log: DigestLog,
    ) -> None:
        self._plan = plan
        self._history = history
        self._outbox = outbox
        self._moments = moments
        self._thread = thread
        self._clock = clock
        self._log = log

    async def run(self) -> None:
        """Look every half minute, for ever."""
        while True:
            try:
                await self.look()
            except StorageError as error:
                self._log.warning("digest_not_written", why=str(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """
        Write the digest if it is due.

        Raises:
            StorageError: it is not written; look again.
        """
        if await self._ask(partial(self._write, self._clock.wall())):
            self._log.info("digest_written", ways=len(self._plan.destinations))

    def _write(self, now: float) -> bool:
        due = last_due(self._plan, now)
        last = self._moments.get(MOMENT)
        if last is None:
            # A first start has nothing to tell of; the next morning has.
            self._moments.set(MOMENT, due)
            return False
        if last >= due:
            return False
        records = [
            record
            for record in self._history.recent(since=last, most=MOST_ALERTS)
            if record.is_firing or (record.alert.ends_at or 0.0) >= last
        ]
        report = Report(since=last, until=due, zone=self._plan.zone)
        messages = report.messages(records, self._outbox.tallies(), self._plan.destinations)
        self._outbox.add(messages, moment=MOMENT, at=due)
        return True

    async def _ask(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Renders one digest."""

    since: float
    until: float
    zone: tzinfo

    def messages(
        self,
        records: Sequence[AlertRecord],
        tallies: Sequence[tuple[str, str, int]],
        destinations: Sequence[str],
    ) -> list[Message]:
        """Return the message for each destination."""
        day = datetime.fromtimestamp(self.until, self.zone).date().isoformat()
        subject = f"bot_exporter: {len(records)} alerts, {sum(n for _, _, n in tallies)} results"
        text = self.text(records, tallies)
        bodies: dict[str, object] = {
            WEBHOOK: {
                "type": "digest.daily",
                "timestamp": datetime.fromtimestamp(self.until, UTC).isoformat(),
                "text": f"{subject}\n{text}",
                "data": {
                    "since": datetime.fromtimestamp(self.since, UTC).isoformat(),
                    "alerts": [self._entry(record) for record in records[:MOST_LINES]],
                    "alerts_total": len(records),
                    "events": [
                        {"bot": bot, "event": event, "number": number}
                        for bot, event, number in tallies
                    ],
                },
            },
            EMAIL: {"subject": f"{subject} ({day})", "text": text},
        }
        return [
            Message(
                id=f"digest_{day}",
                destination=destination,
                body=json.dumps(bodies[destination], ensure_ascii=False),
                created_at=self.until,
            )
            for destination in destinations
        ]

    def text(self, records: Sequence[AlertRecord], tallies: Sequence[tuple[str, str, int]]) -> str:
        """Return the digest as a person reads it."""
        lines = [f"From {self._time(self.since)} to {self._time(self.until)}.", ""]
        firing = [record for record in records if record.is_firing]
        ended = [record for record in records if not record.is_firing]
        for title, group in (("Still firing", firing), ("Came and went", ended)):
            lines.append(f"{title}: {len(group)}")
            lines += [self._line(record) for record in group[:MOST_LINES]]
            if len(group) > MOST_LINES:
                lines.append(f"- and {len(group) - MOST_LINES} more")
            lines.append("")
        lines.append("What bots achieved:" if tallies else "What bots achieved: nothing counted")
        lines += [f"- {bot}: {number} x {event}" for bot, event, number in tallies[:MOST_LINES]]
        return "\n".join(lines) + "\n"

    def _line(self, record: AlertRecord) -> str:
        alert, state = record.alert, ""
        if record.acknowledgement is not None:
            state = ", acknowledged"
        until = "now" if alert.ends_at is None else self._time(alert.ends_at)
        severity = alert.labels.get("severity", "")
        about = f" {alert.bot}" if alert.bot else ""
        return _plain(
            f"- {alert.name}{about} ({severity}): {self._time(alert.starts_at)} to {until}{state}"
        )

    def _entry(self, record: AlertRecord) -> dict[str, object]:
        alert = record.alert
        return {
            "alertname": alert.name,
            "bot": alert.bot,
            "severity": alert.labels.get("severity", ""),
            "summary": alert.annotations.get("summary", ""),
            "starts_at": alert.starts_at,
            "ends_at": alert.ends_at,
            "acknowledged": record.acknowledgement is not None,
        }

    def _time(self, moment: float) -> str:
        return f"{datetime.fromtimestamp(moment, self.zone):%a %d %b %H:%M}"


def _plain(line: str) -> str:
    """Return *line* as one line: a label must not write lines of its own."""
    return "".join(letter if letter.isprintable() else " " for letter in line)[:300]
