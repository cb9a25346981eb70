"""Telling people past Alertmanager: by webhook and by mail, each on its own."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass

from ..integrations.mail import Mail
from ..integrations.outbound import Request, SendingError
from ..model.ports import Clock
from .deadman import DeadmanLog
from .messenger import Messenger

PURPOSE = "deadman"


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectWarner:
    """
    Implements `deadman.Warner`.

    Attributes:
        messenger: Sends.
        url: Who gets a webhook; empty: nobody.
        email_to: Who gets mail.
        clock: Dates the mail.
        log: Where failures are written down.
    """

    messenger: Messenger
    url: str
    email_to: Sequence[str]
    clock: Clock
    log: DeadmanLog

    async def tell(self, subject: str, text: str) -> bool:
        """Return whether at least one way worked, or there is none."""
        ways = []
        if self.url:
            ways.append(self._by_webhook(subject, text))
        if self.email_to:
            ways.append(self._by_mail(subject, text))
        if not ways:
            return True
        return any(await asyncio.gather(*ways))

    async def _by_webhook(self, subject: str, text: str) -> bool:
        # Slack, Mattermost and many others show `text`.
        body = json.dumps({"type": "watchdog", "text": f"{subject}\n{text}"}).encode()
        headers = {"Content-Type": "application/json"}
        try:
            await self.messenger.webhook(PURPOSE, Request(self.url, "POST", body, headers))
        except SendingError as error:
            self.log.warning("warning_not_sent", way="webhook", why=str(error))
            return False
        return True

    async def _by_mail(self, subject: str, text: str) -> bool:
        mail = Mail(to=self.email_to, subject=subject, text=text, at=self.clock.wall())
        try:
            await self.messenger.mail(PURPOSE, mail)
        except SendingError as error:
            self.log.warning("warning_not_sent", way="mail", why=str(error))
            return False
        return True
