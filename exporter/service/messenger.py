"""Everything the exporter sends by itself goes out here, and is counted."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from ..catalog.own_alerting import MESSAGES
from ..integrations.mail import Mail, MailServer, send_mail
from ..integrations.outbound import Request, SendingError, send
from ..metrics.own import OwnMetrics

WEBHOOK, EMAIL = "webhook", "email"
DELIVERED, FAILED = "delivered", "failed"


class Messenger:
    """Sends webhooks on the loop and mail on a thread of its own, which `close` lets go."""

    def __init__(self, own: OwnMetrics, server: MailServer | None) -> None:
        self._own = own
        self._server = server
        # Its own thread: the shared pool may be full of name lookups that hang for ten seconds.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")

    async def webhook(self, purpose: str, request: Request) -> None:
        """
        Send *request*.

        Raises:
            SendingError: it did not arrive.
        """
        try:
            await send(request)
        except SendingError:
            self._own.add(MESSAGES, purpose, WEBHOOK, FAILED)
            raise
        self._own.add(MESSAGES, purpose, WEBHOOK, DELIVERED)

    async def mail(self, purpose: str, mail: Mail) -> None:
        """
        Send *mail*.

        Raises:
            SendingError: the mail server did not take it, or there is none.
        """
        if self._server is None:
            raise SendingError("there is no mail server; set smtp.smarthost", is_final=True)
        work = partial(send_mail, self._server, mail)
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except SendingError:
            self._own.add(MESSAGES, purpose, EMAIL, FAILED)
            raise
        self._own.add(MESSAGES, purpose, EMAIL, DELIVERED)

    def close(self) -> None:
        """Let the thread go."""
        self._thread.shutdown(wait=False, cancel_futures=True)
