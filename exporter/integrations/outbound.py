"""
Requests the exporter sends by itself, only to addresses an operator wrote down.

No redirect is followed, no proxy of the environment is used, and of an answer only its status
counts: whoever controls the other side learns nothing and decides nothing.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp

TIMEOUT_SECONDS = 10.0
AGENT = "bot-exporter"


class SendingError(Exception):
    """It did not arrive. *retry_after_seconds* is what the other side asks for, if anything."""

    def __init__(
        self, why: str, *, is_final: bool = False, retry_after_seconds: float = 0.0
    ) -> None:
        super().__init__(why)
        self.is_final = is_final
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent."""

    url: str = field(repr=False)  # It may hold a secret.
    method: str = "POST"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


async def send(request: Request, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
    """
    Send *request* and return when it was answered with 2xx.

    Raises:
        SendingError: it was not; the message never holds the URL.
    """
    headers = {"User-Agent": AGENT, **request.headers}
    try:
        async with (
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=timeout_seconds),
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            ) as session,
            session.request(
                request.method,
                request.url,
                data=request.body or None,
                headers=headers,
                allow_redirects=False,
            ) as answer,
        ):
            status, wait = answer.status, _seconds(answer.headers.get("Retry-After", ""))
    except TimeoutError:
        raise SendingError(f"no answer within {timeout_seconds:g} s") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        # Texts of aiohttp quote the address; the kind of error says enough.
        raise SendingError(f"it cannot be reached ({type(error).__name__})") from None
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        # Standard Webhooks: 410 says that nobody wants this any more.
        raise SendingError(
            f"it answered with status {status}",
            is_final=status == HTTPStatus.GONE,
            retry_after_seconds=wait,
        )


async def send_all(requests: list[Request]) -> list[SendingError | None]:
    """Send *requests* at the same time; return what became of each."""

    async def attempt(request: Request) -> SendingError | None:
        try:
            await send(request)
        except SendingError as error:
            return error
        return None

    return list(await asyncio.gather(*(attempt(request) for request in requests)))


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0.0  # noqa: PLR2004 - 11 days
