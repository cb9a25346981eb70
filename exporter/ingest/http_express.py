"""
The short way for small, plain requests: no request object, no router, one write per answer.

aiohttp's own work was half of what a request with one event costs. A connection starts here and
stays as long as each of its requests is plain (`http_head`), allowed and complete in a moment.
At the first other one the connection goes to aiohttp for good, with every byte that is not
answered yet; so each connection is parsed by one parser at a time, and refusals at the door,
large and compressed bodies and all other paths are answered in one place.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

from aiohttp import web

from ..model.access import Grant
from .http_answers import Reply, defect, new_request_id
from .http_gate import Gate
from .http_guard import READ_BUFFER_BYTES, Guard
from .http_head import BLANK_LINE, MAX_HEAD_BYTES, Head, read_head


class Desk(Protocol):
    """What answers plain requests."""

    def grant(self, head: Head) -> Grant | None:
        """Return what the sender may do; None when the request would be refused."""
        ...

    def answer(self, body: bytes, head: Head, grant: Grant) -> Coroutine[Any, Any, Reply]:
        """Return the answer to a request that was let in; what it raises is a defect."""
        ...


class Express(Guard):
    """One connection that takes the short way as long as it can."""

    __slots__ = ("_desk", "_held", "_is_express", "_is_full", "_task", "_wanted_bytes")

    def __init__(
        self, manager: web.Server, *, loop: asyncio.AbstractEventLoop, gate: Gate, desk: Desk
    ) -> None:
        super().__init__(manager, loop=loop, gate=gate)
        self._desk = desk
        self._is_express = True
        # Of a body that is still arriving, or of requests behind the one being answered.
        self._held = bytearray()
        self._wanted_bytes = 0
        self._is_full = False
        self._task: asyncio.Task[Reply] | None = None

    @property
    def is_idle(self) -> bool:
        """Return whether nothing of a request has arrived since the last answer."""
        return self._task is None and not self._held and super().is_idle

    def data_received(self, data: bytes) -> None:
        """Serve *data*, or keep it until its turn comes."""
        if not self._is_express:
            super().data_received(data)
        elif self._task is not None or self._paused:
            self._hold(data)
        elif not self._held:
            self._serve(data)
        else:
            self._held += data
            if len(self._held) >= self._wanted_bytes:
                self._serve(self._taken())

    def resume_writing(self) -> None:
        """Go on with a client that reads its answers again."""
        super().resume_writing()
        self._go_on()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Clean up behind the connection; what is being committed is committed."""
        self._is_express = False
        self._held.clear()
        super().connection_lost(exc)

    def body_expired(self) -> None:
        """Leave a body that takes its time to aiohttp, whose deadline is the configured one."""
        self._hand_over(self._taken())

    def _process_keepalive(self) -> None:
        # aiohttp sees no request while one is answered here.
        if self._task is None:
            super()._process_keepalive()
        else:
            self._keepalive_handle = None

    def _serve(self, data: bytes) -> None:
        """Begin with the request that *data* starts with."""
        end = data.find(BLANK_LINE, 0, MAX_HEAD_BYTES)
        head = read_head(data[:end]) if end > 0 else None
        grant = None if head is None else self._desk.grant(head)
        if head is None or grant is None:
            self._hand_over(data)
            return
        self._headers_in_time()
        start = end + len(BLANK_LINE)
        size = start + head.body_bytes
        if len(data) < size:
            self._wanted_bytes = size
            self._held += data
            self._gate.bodies.start(self)
            return
        if len(data) > size:
            self._hold(data[size:])
        self._task = self._loop.create_task(self._desk.answer(data[start:size], head, grant))
        self._task.add_done_callback(self._answered)

    def _answered(self, task: asyncio.Task[Reply]) -> None:
        self._task = None
        if task.cancelled():
            return  # The loop is being torn down.
        error = task.exception()
        if error is None:
            self._send(task.result())
        else:
            request_id = new_request_id()
            self._gate.faults.failed(error, request_id)
            self._send(defect(request_id))

    def _send(self, reply: Reply) -> None:
        transport = self.transport
        if transport is None:
            return  # The client is gone; its retry will find its events known.
        is_last = reply.closes or self._gate.is_draining
        transport.write(reply.encode(closes=is_last))
        if is_last:
            self.force_close()
            return
        self._await_next()
        if self._held and not self._paused:
            self._go_on()

    def _await_next(self) -> None:
        """Let aiohttp's timer end the connection when no other request comes."""
        self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        if self._keepalive_handle is None:
            self._keepalive_handle = self._loop.call_at(
                self._next_keepalive_close_time, self._process_keepalive
            )

    def _go_on(self) -> None:
        """Serve what came in the meantime."""
        if self._is_full and self.transport is not None:
            self._is_full = False
            self.transport.resume_reading()
        if self._held and self._task is None and not self._wanted_bytes:
            self._serve(self._taken())

    def _hold(self, data: bytes) -> None:
        self._held += data
        if len(self._held) > READ_BUFFER_BYTES and not self._is_full and self.transport:
            self._is_full = True
            self.transport.pause_reading()

    def _taken(self) -> bytes:
        """Return what is held, and hold it no more."""
        data = bytes(self._held)
        self._held.clear()
        self._wanted_bytes = 0
        self._gate.bodies.stop(self)
        return data

    def _hand_over(self, data: bytes) -> None:
        """Leave the connection to aiohttp from *data* on."""
        self._is_express = False
        super().data_received(data)
