"""Builds the exporter's part in alerting from the configuration, and keeps it running."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import time
from functools import partial

from ..catalog.build import EventStructs
from ..catalog.spec import Catalog
from ..config.alerting_files import AlertingFiles, read_alerting_files
from ..config.model import Config
from ..config.rules_alerting import mail_server, zone
from ..ingest.auth import Authenticator
from ..integrations.mail import MailServer
from ..integrations.outbound import Request
from ..integrations.signature import key_of
from ..metrics.own import OwnMetrics
from ..model.errors import StorageError
from ..model.layout import StorageLayout
from ..model.messages import Notable
from ..model.ports import Clock
from ..store.alerting import open_alerting
from ..store.alerts import AlertHistory
from ..store.moments import Moments
from ..store.outbox import Outbox
from .acknowledge import AckPage
from .alert_book import AlertBook
from .alerts_api import AlertsApi
from .deadman import Deadman, Patience
from .digest import EMAIL, WEBHOOK, Digests, Plan
from .logs import Logger
from .messenger import Messenger
from .postman import Postman, Way, Ways
from .tasks import Supervisor
from .teller import EVENT, Teller, watches
from .warner import DirectWarner

WATCHDOG_MOMENT = "watchdog"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What alerting shares with the rest of the exporter."""

    catalog: Catalog
    structs: Sequence[EventStructs]
    layout: StorageLayout
    authenticator: Authenticator
    own: OwnMetrics
    clock: Clock
    log: Logger


class Alerting:
    """History, acknowledgement and dead-man's switch. `open` it, `start` it, then `close` it."""

    def __init__(self, config: Config, around: Surroundings) -> None:
        self._config = config
        self._around = around
        files = read_alerting_files(config, key_of)
        database = open_alerting(around.layout.alerting, around.log)
        self._database = database
        self._moments = Moments(database)
        # Its own thread: the database has one owner, and waiting for it must block nobody else.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="alerting")
        self._messenger = Messenger(around.own, server_of(config, files))
        self._history, self._outbox = AlertHistory(database), Outbox(database)
        self.book = AlertBook(
            self._history, thread=self._thread, own=around.own, clock=around.clock
        )
        self._deadman = self._build_deadman(files)
        self._postman = self._build_postman(files)
        self._digests = self._build_digests()
        self.teller = self._build_teller()

    @property
    def api(self) -> AlertsApi:
        """Return the route of the internal listener."""
        needs_token = self._config.alerting.require_token
        return AlertsApi(
            book=self.book,
            authenticator=self._around.authenticator if needs_token else None,
            watchdog=self._deadman.seen,
            own=self._around.own,
            clock=self._around.clock,
            log=self._around.log,
        )

    @property
    def ack(self) -> AckPage:
        """Return the route of the public listener."""
        return AckPage(
            book=self.book,
            authenticator=self._around.authenticator,
            preview=self._config.alerting.preview,
            clock=self._around.clock,
            log=self._around.log,
        )

    async def open(self) -> None:
        """
        Continue where the last process ended.

        Raises:
            StorageError: the history cannot be read.
        """
        await self.book.refresh()
        get = partial(self._moments.get, WATCHDOG_MOMENT)
        self._deadman.recall(await asyncio.get_running_loop().run_in_executor(self._thread, get))

    def start(self, supervisor: Supervisor) -> None:
        """Start what runs in the background."""
        settings = self._config.alerting
        keep = partial(
            self.book.keep, keep_seconds=settings.history_seconds, most=settings.history_rows
        )
        supervisor.start("alert_history", keep)
        supervisor.start("deadman", self._deadman.run)
        supervisor.start("outbox", self._postman.run)
        if self.teller.is_needed:
            supervisor.start("notifications", self.teller.run)
        if self._digests is not None:
            supervisor.start("digest", self._digests.run)

    async def close(self) -> None:
        """Write down what is left and give the file back; tasks and core must have ended."""
        try:
            await self.teller.flush()
        except StorageError as error:
            # The next start reads these events again, as far as no snapshot covers them.
            self._around.log.warning("notifications_not_written", why=str(error))
        self._messenger.close()
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._database.close()

    def _build_deadman(self, files: AlertingFiles) -> Deadman:
        settings = self._config.deadman
        warner = DirectWarner(
            messenger=self._messenger,
            url=files.deadman_url,
            email_to=settings.email_to,
            clock=self._around.clock,
            log=self._around.log,
        )
        return Deadman(
            Patience(
                after_seconds=settings.after_seconds,
                repeat_seconds=settings.repeat_seconds,
                expected=self._config.alerting.expected,
            ),
            warner=warner,
            beat=self._beat if settings.url else None,
            remember=self._remember,
            own=self._around.own,
            clock=self._around.clock,
            log=self._around.log,
        )

    def _build_postman(self, files: AlertingFiles) -> Postman:
        digest, clock = self._config.digest, self._around.clock
        events = Ways(self._messenger, "event", clock)
        digests = Ways(self._messenger, "digest", clock)
        ways: dict[str, Way] = {
            f"{EVENT}{to.name}": events.webhook(to.url, key_of(to.secret))
            for to in files.notifications
        }
        if files.digest.url:
            key = key_of(files.digest.secret) if files.digest.secret else None
            ways[WEBHOOK] = digests.webhook(files.digest.url, key)
        if digest.email_to:
            ways[EMAIL] = digests.mail(digest.email_to)
        return Postman(
            self._outbox,
            ways,
            thread=self._thread,
            own=self._around.own,
            clock=clock,
            log=self._around.log,
        )

    def _build_digests(self) -> Digests | None:
        digest = self._config.digest
        ways = ((WEBHOOK, digest.webhook_url_file), (EMAIL, digest.email_to))
        destinations = tuple(way for way, is_wanted in ways if is_wanted)
        if not destinations:
            return None
        return Digests(
            Plan(
                at=time.fromisoformat(digest.at),
                zone=zone(digest.zone),
                destinations=destinations,
            ),
            history=self._history,
            outbox=self._outbox,
            moments=self._moments,
            thread=self._thread,
            clock=self._around.clock,
            log=self._around.log,
        )

    def _build_teller(self) -> Teller:
        async def note(notables: Sequence[Notable]) -> None:
            work = partial(self._outbox.note, notables)
            await asyncio.get_running_loop().run_in_executor(self._thread, work)

        around = self._around
        watched = watches(self._config, around.catalog, around.structs)
        return Teller(watched, note=note, own=around.own, log=around.log)

    async def _beat(self) -> None:
        await self._messenger.webhook("heartbeat", Request(self._config.deadman.url, "GET"))

    async def _remember(self, at: float) -> None:
        keep = partial(self._moments.set, WATCHDOG_MOMENT, at)
        await asyncio.get_running_loop().run_in_executor(self._thread, keep)


def server_of(config: Config, files: AlertingFiles) -> MailServer | None:
    """Return the mail server of the configuration, None without one."""
    smtp = config.smtp
    if not smtp.smarthost:
        return None
    address = mail_server(smtp.smarthost)
    return MailServer(
        host=address.host,
        port=address.port,
        sender=smtp.sender,
        tls=smtp.tls,
        username=smtp.username,
        password=files.smtp_password,
    )
