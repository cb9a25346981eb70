"""The Big List of Naughty Strings, in every place of an event or a request that takes text."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from exporter.catalog.build import PROPERTY_KEY_LENGTH, PROPERTY_LENGTH
from exporter.catalog.builtin import CATALOG
from exporter.catalog.envelope import BOT, ID, ID_BYTES
from exporter.catalog.examples import example
from exporter.catalog.spec import EventType, Field, FieldType
from exporter.model.verdicts import Reason
from tests.e2e.door import GOOD
from tests.fuzz.account import Account
from tests.fuzz.live import LiveDoor, live_door
from tests.fuzz.part import Part
from tests.torture.scenario import Stage

FILE = Path(__file__).parent / "data" / "naughty_strings.json"
BATCH = 1000
# Every string is also sent in these places of a request itself.
PLACES = (
    (b"POST /v1/events HTTP/1.1", b"X-Naughty: %b"),
    (b"POST /v1/events HTTP/1.1", b"User-Agent: %b"),
    (b"POST /v1/events HTTP/1.1", b"Content-Type: application/json; charset=%b"),
    (b"POST /v1/events HTTP/1.1", b"Content-Encoding: %b"),
    (b"POST /v1/events HTTP/1.1", b"Authorization: Bearer %b"),
    (b"POST /v1/events HTTP/1.1", b"%b: x"),
    (b"POST /v1/events?%b HTTP/1.1", b"X: x"),
    (b"POST /v1/events/%b HTTP/1.1", b"X: x"),
    (b"%b /v1/events HTTP/1.1", b"X: x"),
)
_BOT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")

Text = tuple[bytes, Reason | None]  # An event, and why it is rejected.


def strings() -> list[str]:
    """Return the list."""
    found: list[str] = json.loads(FILE.read_text(encoding="ascii"))
    return found


def run(stage: Stage) -> Account:
    """Send every string in every place; what is taken must leave the scrape readable."""
    account = Account(stage.directory)
    step = stage.pick(short=60, long=1)
    chosen = strings()[stage.seed % step :: step]
    with live_door(stage, account) as door:
        for event in CATALOG.events:
            _send(door, list(events(event, chosen)))
        for text in chosen:
            for line, header in PLACES:
                _request(door, text, line, header)
    account.facts = f"{len(chosen)} strings, {len(CATALOG.events)} event types"
    return account


def events(event: EventType, texts: list[str]) -> Iterator[Text]:
    """Yield the event with each text in each place, and the verdict it must get."""
    base = {**example(event, CATALOG), "id": None, "ts": None}
    fields = CATALOG.fields(event)
    for text in texts:
        for field in fields.values():
            if field.type is FieldType.PROPERTIES:
                yield _written(base, field.name, {text: text}), _of_property(text)
            else:
                yield _written(base, field.name, text), verdict(field, text)
        if text not in CATALOG.by_event:
            yield _written(base, "type", text), Reason.UNKNOWN_TYPE
        # An answer repeats the name of a field, and `/tmp/` in an answer looks like a leak of ours.
        if text not in {*fields, "type"} and "/tmp/" not in text:  # noqa: S108 - no file is meant
            yield _written(base, text, text), Reason.UNKNOWN_FIELD


def verdict(field: Field, text: str) -> Reason | None:
    """Return why *text* is rejected in *field*; None when it is taken."""
    if field.type is not FieldType.STRING:
        return Reason.WRONG_TYPE
    if field.choices:
        return None if text in field.choices else Reason.NOT_A_CHOICE
    if not text:
        return Reason.OUT_OF_RANGE
    if len(text) > (field.max_length or 0) or (field == ID and len(text.encode()) > ID_BYTES):
        return Reason.TOO_LONG
    return Reason.BAD_NAME if field == BOT and not _BOT.fullmatch(text) else None


def _of_property(text: str) -> Reason | None:
    if not text:
        return Reason.OUT_OF_RANGE
    return Reason.TOO_LONG if len(text) > min(PROPERTY_KEY_LENGTH, PROPERTY_LENGTH) else None


def _written(base: dict[str, Any], name: str, value: object) -> bytes:
    # Escaped or not: the same text on two ways through the decoder.
    return json.dumps({**base, name: value}, ensure_ascii=len(name) % 2 == 0).encode()


def _send(door: LiveDoor, texts: list[Text]) -> None:
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        door.judge([event for event, _ in batch], [reason for _, reason in batch])


def _request(door: LiveDoor, text: str, line: bytes, header: bytes) -> None:
    """Send a request with *text* somewhere in its head: anything but a defect may be said."""
    raw = text.encode()
    head = b"%b\r\nHost: x\r\n%b\r\nContent-Length: %d\r\n\r\n" % (
        line.replace(b"%b", raw),
        header.replace(b"%b", raw),
        len(GOOD),
    )
    try:
        answer = door.exchange(head + GOOD)
    except (AssertionError, OSError, ValueError) as error:
        door.account.breach(f"{type(error).__name__}: {error}", head + GOOD)
        return
    finally:
        door.answers.clear()
    door.account.note(str(answer.status))
    if answer.status not in (400, 401, 404, 405, 415):
        door.account.breach(f"answered {answer.status}", head + GOOD)


PART = Part("naughty", "naughty strings in every field and in the head of a request", run)
