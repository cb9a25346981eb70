"""Read the body of a request: of a known type, in time, within the limits, inflated."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from aiohttp import hdrs, web

from ..model.verdicts import Refusal, RefusedError
from .body import inflate, require_encoding
from .limits import ByteBudget, Reservation
from .openapi import JSON_TYPES, LINES_TYPES

# Media type -> whether it is one JSON value per line. None at all, text/plain and forms are what
# sockets, browsers' beacons and curl send when nobody says better: read as JSON.
MEDIA_TYPES = {
    "": False,
    **dict.fromkeys(JSON_TYPES, False),
    **dict.fromkeys(LINES_TYPES, True),
}
CHARSETS = ("utf-8", "utf8", "us-ascii", "ascii")
BUDGET_BODIES = 8  # How many bodies of the largest size may be in memory at once.
FREE_BYTES = 64 * 1024
# At the ratio limit of 100 this inflates to 3 MiB: about 3 ms, the longest the loop may wait.
INLINE_BYTES = 32 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """
    What a body may be.

    Attributes:
        max_bytes: Its size, on the wire and inflated.
        max_ratio: Its size inflated, divided by that on the wire; above 64 KiB.
        timeout_seconds: How long it may take to arrive.
    """

    max_bytes: int = 10 * 1024 * 1024
    max_ratio: float = 100.0
    timeout_seconds: float = 30.0


class Bodies:
    """Reads the bodies of all requests; large ones share a budget of memory and a thread."""

    def __init__(self, limits: BodyLimits) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inflate")
        self._budget = ByteBudget(BUDGET_BODIES * limits.max_bytes, free_bytes=FREE_BYTES)
        self._limits = limits

    def configure(self, limits: BodyLimits) -> None:
        """Apply new limits to the requests that come from now on."""
        self._limits = limits
        self._budget.max_bytes = BUDGET_BODIES * limits.max_bytes

    @property
    def max_bytes(self) -> int:
        """Return how large a body may be."""
        return self._limits.max_bytes

    def reservation(self) -> Reservation:
        """Return what a request holds while its body is in memory."""
        return self._budget.reservation()

    def check(self, request: web.Request) -> None:
        """
        Check what the headers say about the body.

        Raises:
            RefusedError: unknown media type or encoding, or declared too large.
        """
        is_ndjson(request)
        if hdrs.CONTENT_ENCODING in request.headers:
            require_encoding(_encoding(request))
        if (request.content_length or 0) > self._limits.max_bytes:
            raise self._too_large()

    async def read(self, request: web.Request, held: Reservation) -> bytes:
        """
        Return the inflated body of a request that passed `check`.

        Raises:
            RefusedError: too large, too slow, damaged, or no memory is free.
        """
        content = request.content
        # A small body arrives together with its headers: no timer, no waiting.
        wire = content.read_nowait() if content.is_eof() else await self._arrived(request, held)
        if len(wire) > self._limits.max_bytes:
            raise self._too_large()
        held.grow_to(len(wire))
        if hdrs.CONTENT_ENCODING not in request.headers:
            return wire
        return await self._inflated(wire, _encoding(request), held)

    def close(self) -> None:
        """Let the inflating thread go."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _arrived(self, request: web.Request, held: Reservation) -> bytes:
        wire = bytearray()
        try:
            async with asyncio.timeout(self._limits.timeout_seconds):
                while chunk := await request.content.readany():
                    wire += chunk
                    if len(wire) > self._limits.max_bytes:
                        raise self._too_large()
                    held.grow_to(len(wire))
        except TimeoutError:
            message = "The body did not arrive in time; send smaller batches."
            raise RefusedError(Refusal.TOO_SLOW, message) from None
        except web.RequestPayloadError:
            message = "The body is not framed as its headers say."
            raise RefusedError(Refusal.MALFORMED, message) from None
        return bytes(wire)

    async def _inflated(self, wire: bytes, encoding: str, held: Reservation) -> bytes:
        limits = self._limits
        work = partial(
            inflate, wire, encoding, max_bytes=limits.max_bytes, max_ratio=limits.max_ratio
        )
        if len(wire) <= INLINE_BYTES:
            plain = work()
        else:
            plain = await asyncio.get_running_loop().run_in_executor(self._thread, work)
        held.grow_to(len(plain))
        return plain

    def _too_large(self) -> RefusedError:
        message = f"The body is larger than {self._limits.max_bytes} bytes; send smaller batches."
        return RefusedError(Refusal.TOO_LARGE, message)


def is_ndjson(request: web.Request) -> bool:
    """
    Return whether the body is one JSON value per line.

    Raises:
        RefusedError: the media type is not in the allow-list, or the text is not UTF-8.
    """
    return is_lines(request.headers.get(hdrs.CONTENT_TYPE, ""))


def is_lines(header: str) -> bool:
    """
    Return whether a body of the Content-Type *header* is one JSON value per line.

    Raises:
        RefusedError: the media type is not in the allow-list, or the text is not UTF-8.
    """
    known = MEDIA_TYPES.get(header)
    return _parsed(header) if known is None else known


def _parsed(header: str) -> bool:
    media_type, *parameters = (part.strip().lower() for part in header.split(";"))
    known = MEDIA_TYPES.get(media_type)
    if known is None:
        allowed = ", ".join(name for name in MEDIA_TYPES if name)
        raise RefusedError(Refusal.UNSUPPORTED_TYPE, f"Content-Type must be one of: {allowed}.")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "charset" and value.strip('"') not in CHARSETS:
            raise RefusedError(Refusal.UNSUPPORTED_TYPE, "Send JSON as UTF-8.")
    return known


def _encoding(request: web.Request) -> str:
    # Several headers mean several encodings, one inside the other; a comma shows it.
    return ", ".join(request.headers.getall(hdrs.CONTENT_ENCODING))
