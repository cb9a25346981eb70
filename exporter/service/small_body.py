"""Reading the small JSON bodies of the exporter's own routes, within limits."""

import asyncio

from aiohttp import hdrs, web

from ..model.verdicts import Refusal, RefusedError

TIMEOUT_SECONDS = 10.0
JSON_TYPE = "application/json"


async def read_json_body(
    request: web.Request, *, most: int, timeout_seconds: float = TIMEOUT_SECONDS
) -> bytes:
    """
    Return the body of a request that says it is JSON.

    Raises:
        RefusedError: it is something else, compressed, larger than *most* bytes, or too slow.
    """
    if request.content_type != JSON_TYPE:
        # Also what keeps other sites out: a browser asks before it sends this type elsewhere.
        message = f"Send JSON, with the header Content-Type: {JSON_TYPE}."
        raise RefusedError(Refusal.UNSUPPORTED_TYPE, message)
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        raise RefusedError(Refusal.UNSUPPORTED_ENCODING, "Send the body uncompressed.")
    body = bytearray()
    try:
        async with asyncio.timeout(timeout_seconds):
            while chunk := await request.content.readany():
                body += chunk
                if len(body) > most:
                    message = f"The body is larger than {most} bytes; send less."
                    raise RefusedError(Refusal.TOO_LARGE, message)
    except TimeoutError:
        raise RefusedError(Refusal.TOO_SLOW, "The body did not arrive in time.") from None
    except web.RequestPayloadError:
        message = "The body is not framed as its headers say."
        raise RefusedError(Refusal.MALFORMED, message) from None
    return bytes(body)


def bearer(request: web.Request) -> str:
    """
    Return the header with the token.

    Raises:
        RefusedError: there is none.
    """
    headers = request.headers.getall(hdrs.AUTHORIZATION, ())
    if not headers:
        message = "Send a token: 'Authorization: Bearer bo_...'."
        raise RefusedError(Refusal.UNAUTHENTICATED, message)
    return ", ".join(headers)
