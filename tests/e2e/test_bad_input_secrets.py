"""Nothing personal and no secret goes further than it must: a search for canaries, byte by byte."""

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from exporter.catalog.builtin import CATALOG
from exporter.catalog.spec import EventType, FieldType, Privacy
from tests.e2e.bodies import spliced
from tests.e2e.door import GOOD, Door
from tests.support.leaks import stored_bytes
from tests.support.server import Exporter

# Each is recognised in whatever it is wrapped; none occurs anywhere by chance.
SECRET = "bo_C4n4ry5ecretTokenThatMustNeverBeSeen0123456"
EMAIL = "canary.person@canary-mail.example"
USER = "canary-user-7421"
WORDS = "canary words of a person"
PHONE = "+49 170 7421 7421"
CANARIES = (SECRET, EMAIL, USER, WORDS, PHONE, "canary-mail", "C4n4ry", "canary", "74217421")
# Names are stored as they were sent, so this one may be on the disk, but nowhere else.
NAME = "shown.person@name-mail.example"
PERSONAL = (Privacy.PSEUDONYM, Privacy.CONTENT, Privacy.CONTACT)


@pytest.fixture(scope="module", params=["drop", "keep"])
def door(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, promtool: Path
) -> Iterator[Door]:
    """Return the door of an exporter that drops texts, and of one that keeps them."""
    settings = f"privacy: {{text: {request.param}}}\nlogging: {{level: debug}}\n"
    with Exporter(tmp_path_factory.mktemp("secrets"), settings=settings) as exporter:
        yield Door(exporter, promtool)


@pytest.fixture(autouse=True)
def _unharmed(door: Door) -> Iterator[None]:
    """After each test: the next event is taken, and the books are right."""
    yield
    door.check_unharmed()


def person(event: EventType) -> dict[str, object]:
    """Return an event with a person in every field that may name one."""
    fields = CATALOG.fields(event)
    filled: dict[str, object] = {"type": event.name}
    for name, field in fields.items():
        if field.type is FieldType.PROPERTIES:
            filled[name] = {"note": f"write to {EMAIL}", "token": SECRET, EMAIL: PHONE}
        elif field.privacy is Privacy.PSEUDONYM:
            filled[name] = USER
        elif field.privacy in PERSONAL:
            filled[name] = f"{EMAIL} {SECRET} {PHONE}"
        elif field.required:
            filled[name] = field.choices[0] if field.choices else _plain(field.type)
    return filled | {"bot": "shop"}


def _plain(kind: FieldType) -> object:
    return "x" if kind is FieldType.STRING else 1


def wrong_events() -> list[bytes]:
    """Return events that are rejected, each with a person in a place of its own."""
    fields = {field.name for event in CATALOG.events for field in CATALOG.fields(event).values()}
    base: dict[str, object] = {"type": "feedback", "bot": "shop", "csat": 9}
    values = [EMAIL, SECRET, [WORDS], {"a": {"b": USER}}, f"{WORDS}\n{EMAIL}" * 2000]
    return [
        *(json.dumps(base | {name: value}).encode() for name in sorted(fields) for value in values),
        *(json.dumps({"type": value, "bot": value}).encode() for value in values),
        spliced("text", f'"{WORDS}'.encode() + b'\xff"'),
        spliced("text", f'"{WORDS}", "amount": NaN'.encode()),
        f"{WORDS} {EMAIL} {SECRET}".encode(),
        f'["{WORDS}", NaN, "{EMAIL}"'.encode(),
        f'{{"type":"track","name":"{WORDS}'.encode(),
    ]


def found(data: bytes, canaries: Sequence[str] = CANARIES) -> list[str]:
    """Return the canaries in *data*: as they are, as JSON, and as base64."""
    forms = {c: (c.encode(), json.dumps(c)[1:-1].encode(), _base64(c)) for c in canaries}
    return [canary for canary, wrapped in forms.items() if any(each in data for each in wrapped)]


def _base64(text: str) -> bytes:
    """Return what base64 makes of the middle of *text*, whatever stands before it."""
    return b64encode(text.encode())[:-4]


def test_persons_in_every_field_stay_at_the_door(door: Door) -> None:
    """Accepted events: nothing in answers, metrics or logs; disk is searched at the end."""
    events = [person(event) for event in CATALOG.events]

    answer = door.post(json.dumps(events).encode())

    assert (202, []) == (answer.status, answer.json()["rejected"])
    assert [] == found(answer.body + seen_outside(door))


def test_addresses_in_names_are_masked_in_metrics(door: Door) -> None:
    """A name is stored as it was sent, but on no screen."""
    names = [f"call {NAME}", "https://name-mail.example/shown"]
    kinds = [{"type": "intent_detected", "intent": name} for name in names]
    kinds += [{"type": "track", "name": name} for name in names]

    answer = door.post(json.dumps([kind | {"bot": "shop"} for kind in kinds]).encode())

    assert 4 == answer.json()["accepted"]
    assert [] == found(seen_outside(door), ("shown", "name-mail"))


def test_rejected_events_are_not_quoted(door: Door) -> None:
    """Answers name the place and the reason, and never the value."""
    bodies = [body for body in wrong_events() if len(body) < 100_000]
    events = [body for body in bodies if body.startswith(b'{"type"') and b"\xff" not in body]

    answers = [door.post(body) for body in bodies if body not in events]
    answers.append(door.post(b"\n".join(events[:1000]), ("Content-Type", "application/x-ndjson")))

    assert all(answer.json().get("rejected") or answer.json()["error"] for answer in answers)
    assert [] == found(b"".join(answer.body for answer in answers) + seen_outside(door))


@pytest.mark.parametrize(
    "header",
    [
        ("Authorization", f"Bearer {SECRET}"),
        ("Authorization", f"Basic {b64encode(SECRET.encode()).decode()}"),
        ("Authorization", SECRET),
        ("Cookie", f"session={SECRET}"),
        ("X-Api-Key", SECRET),
        ("User-Agent", f"{EMAIL} {SECRET}"),
        ("Referer", f"https://x/?token={SECRET}&user={USER}"),
        ("X-Forwarded-For", PHONE),
        ("Content-Type", f"text/{SECRET}"),
        ("Content-Encoding", SECRET),
        ("Transfer-Encoding", SECRET),
        ("Content-Length", SECRET),
        ("Host", f"{SECRET}.example"),
        ("Expect", SECRET),
        (SECRET, EMAIL),
        (f"bad name {SECRET}", EMAIL),
    ],
)
def test_no_header_shows_anywhere(door: Door, header: tuple[str, str]) -> None:
    """Whether it is refused or ignored."""
    answer = door.post(GOOD, header)

    assert [] == found(answer.body + repr(answer.headers).encode() + seen_outside(door))


@pytest.mark.parametrize(
    "line",
    [
        f"POST /v1/events?token={SECRET}&user={USER} HTTP/1.1",
        f"POST /{SECRET}/{EMAIL} HTTP/1.1",
        f"POST /v1/events/{USER} HTTP/1.1",
        f"GET /v1/schema?{SECRET} HTTP/1.1",
        f"{SECRET} /v1/events HTTP/1.1",
        f"POST https://{USER}:{SECRET}@x/v1/events HTTP/1.1",
        f"POST /v1/events {SECRET}",
        SECRET,
    ],
)
def test_no_part_of_a_url_shows_anywhere(door: Door, line: str) -> None:
    """There is no access log, and no error that quotes the request."""
    answer = door.request(line, ("Content-Length", str(len(GOOD))))

    assert [] == found(answer.body + repr(answer.headers).encode() + seen_outside(door))


def test_nothing_of_this_lies_on_the_disk(door: Door) -> None:
    """Not in the log, the snapshots, the ids, the small database, nor what the process wrote."""
    events = [person(event) for event in CATALOG.events]
    door.post(json.dumps(events).encode())
    door.check_text()

    door.stop()
    leaks = {
        str(path): canaries
        for path, data in stored_bytes(door.exporter.storage)
        if (canaries := found(data, (SECRET, USER, WORDS, PHONE, EMAIL)))
    }
    door.exporter.start()

    assert {} == leaks


def seen_outside(door: Door) -> bytes:
    """Return all that people and programs see: both forms of the metrics, and the log."""
    text, strict = (
        door.exporter.get("/metrics", accept=accept)[1]
        for accept in ("text/plain", "application/openmetrics-text; version=1.0.0")
    )
    return text + strict + door.exporter.output.read_bytes()
