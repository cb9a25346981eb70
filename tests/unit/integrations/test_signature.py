"""The signature of outgoing webhooks: `exporter.integrations.signature`."""

import base64

import pytest

from exporter.integrations.signature import PREFIX, key_of, signed

# The example of the specification, version 1.0.0.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TIMESTAMP = 1_614_265_330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_it_is_that_of_the_specification() -> None:
    """Any library for Standard Webhooks verifies it."""
    assert {
        "webhook-id": MESSAGE_ID,
        "webhook-timestamp": str(TIMESTAMP),
        "webhook-signature": SIGNATURE,
    } == signed(key_of(SECRET), MESSAGE_ID, TIMESTAMP, BODY)


@pytest.mark.parametrize("part", ["id", "time", "body", "key"])
def test_every_part_counts(part: str) -> None:
    """Whoever changes one of them is noticed."""
    key = key_of(SECRET)
    changed = signed(
        key[::-1] if part == "key" else key,
        MESSAGE_ID + "x" * (part == "id"),
        TIMESTAMP + (part == "time"),
        BODY + b" " * (part == "body"),
    )

    assert SIGNATURE != changed["webhook-signature"]


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_",
        "whsec_!!!",
        f"whsec_{base64.b64encode(b'x' * 23).decode()}",
        f"whsec_{base64.b64encode(b'x' * 65).decode()}",
        "whsec_ключ",
    ],
)
def test_a_weak_or_broken_secret_is_refused(secret: str) -> None:
    """The message names the form and never the secret."""
    with pytest.raises(ValueError, match="24 to 64 random bytes") as caught:
        key_of(secret)

    assert secret in ("", PREFIX) or secret not in str(caught.value)
