"""Planted secrets never reach the log, wherever they are planted."""

import base64

import pytest

from exporter.ingest.auth import new_token
from exporter.service.log_lines import RENDERERS
from exporter.service.log_secrets import is_telltale, mask

from .log_capture import Capture

# What must not appear, and a text it may come in.
TOKEN = "bo_CANARY7" + "x" * 36
SECRETS = [
    (TOKEN, TOKEN),
    (TOKEN, f"https://host/v1/events?key={TOKEN}&x=1"),
    (TOKEN, f"prefix%20{TOKEN}"),
    ("bo_CANARY7", "the token bo_CANARY7 is too short"),
    (TOKEN[3:], f"Authorization: Bearer {TOKEN}"),
    ("CANARYopaque", "Bearer CANARYopaque"),
    ("CANARYopaque", "authorization=CANARYopaque"),
    ("CANARY", "{'Authorization': 'ApiKey CANARY'}"),
    ("Q0FOQVJZOnB3", "Basic " + base64.b64encode(b"CANARY:pw").decode()),
    ("hunter2CANARY", "postgres://bot:hunter2CANARY@db:5432/bots"),
    ("CANARYpw", 'password="CANARYpw"'),
    ("CANARYpw", "api_key: CANARYpw"),
    ("ann@canary.example", "mail ann@canary.example bounced"),
    ("ann@canary", "ann@canary"),
    ("eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJDQU5BUlkifQ.c2lnbmF0dXJl"),
    ("AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "/bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/x"),
    ("CANARY1234567", "xoxb-CANARY1234567"),
    ("CANARY", "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----"),
    ("0a1b2c3d4e5f60718293a4b5c6d7e8f9", "digest 0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
]


@pytest.mark.parametrize("fmt", RENDERERS)
@pytest.mark.parametrize(("secret", "text"), SECRETS)
def test_a_planted_secret_does_not_appear(secret: str, text: str, fmt: str) -> None:
    """In a field, in a list, as a key, in the event, deep inside, behind a long text."""
    capture = Capture(fmt)

    capture.log.info("planted", value=text, items=[text], inner={text: {"x": [text]}})
    capture.log.error("planted_error", error=OSError(2, text, text))
    capture.log.info("long", value="ab " * 300 + text)

    assert secret not in capture.text


def test_a_fresh_token_is_recognised() -> None:
    """The pattern and the maker of tokens agree."""
    token = new_token()

    assert token not in mask(f"x{token}y")


@pytest.mark.parametrize(
    "key",
    ["token", "bot_token", "Authorization", "password", "api_key", "http.cookie", "user", "text"],
)
def test_a_field_with_a_telling_name_is_masked_whatever_it_holds(key: str) -> None:
    """Not every secret looks like one."""
    capture = Capture()

    capture.log.info("planted", **{key: "CANARY"}, inner={key: ["CANARY"]})

    assert "CANARY" not in capture.text
    assert "[secret]" == capture.only[key]


@pytest.mark.parametrize("key", ["tokens", "token_name", "users", "text_mode", "keyboard"])
def test_a_field_with_an_innocent_name_is_shown(key: str) -> None:
    """Counts and public names are what logs are for."""
    assert not is_telltale(key)


@pytest.mark.parametrize(
    "text",
    [
        "data/log/segment-0000000001.log",
        "http://127.0.0.1:10351/metrics",
        "unknown_field: $.data.plan",
        "2026-02-02T02:40:00.125Z",
        "config.yml:12: slos[2].objective: 99.9 is not a ratio; write 0.999",
        "127.0.0.1:10350",
        "basic authentication is off",
    ],
)
def test_ordinary_texts_stay_readable(text: str) -> None:
    """A log that masks everything helps nobody."""
    assert text == mask(text)
