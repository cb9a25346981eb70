"""
The signature of outgoing webhooks, as Standard Webhooks say.

Source: https://github.com/standard-webhooks/standard-webhooks, version 1.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

PREFIX = "whsec_"
LEAST_BYTES, MOST_BYTES = 24, 64


def key_of(secret: str) -> bytes:
    """
    Return the key in *secret*, which is ``whsec_`` and Base64.

    Raises:
        ValueError: it is none.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not LEAST_BYTES <= len(key) <= MOST_BYTES:
        message = f"is no secret of a webhook; write {PREFIX} and the Base64 of {LEAST_BYTES} to"
        raise ValueError(f"{message} {MOST_BYTES} random bytes")
    return key


def signed(key: bytes, message_id: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """Return the headers of a message; *message_id* stays the same when it is sent again."""
    content = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    digest = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{digest}",
    }
