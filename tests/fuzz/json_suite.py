"""JSONTestSuite: every case as a body, a line, an element and a value, in every encoding."""

import gzip
import json
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.door import Answer
from tests.fuzz.account import Account
from tests.fuzz.live import LiveDoor, live_door
from tests.fuzz.part import Part
from tests.torture.scenario import Scale, Stage

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FILE = Path(__file__).parent / "data" / "json_test_suite.json"
MALFORMED = frozenset(("malformed", "malformed_json"))
NDJSON = ("Content-Type", "application/x-ndjson")
# Whatever stands next to a case is refused as well, so that nothing may be counted.
NEIGHBOUR = b'{"type":"no such type"}'
EVENT = b'{"type":"heartbeat","bot":"suite"'

ENCODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": lambda data: gzip.compress(data, 1, mtime=0),
    "deflate": lambda data: zlib.compress(data, 1),
    "zstd": lambda data: zstd.compress(data, 1),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One text of the suite; the first letter of its name is what a parser should do."""

    name: str
    text: bytes

    @property
    def must(self) -> str:
        """Return ``y`` (read it), ``n`` (refuse it) or ``i`` (either)."""
        return self.name[0]


@dataclass(frozen=True, slots=True)
class Form:
    """A way to send a text: the name of the place it takes, and the request around it."""

    name: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


def cases() -> list[Case]:
    """Return the whole suite."""
    listed = json.loads(FILE.read_text(encoding="ascii"))
    return [Case(name, _bytes(text)) for name, text in listed.items()]


def forms(text: bytes) -> Iterator[Form]:
    """Yield the ways to send *text*."""
    yield Form("body", text)
    yield Form("line", text, (NDJSON,))
    yield Form("element", b"[" + NEIGHBOUR + b"," + text + b"]")
    yield Form("value", EVENT + b',"properties":{"a":' + text + b'},"no such field":1}')


def run(stage: Stage) -> Account:
    """Send every case in every form and encoding; nothing of it may be counted."""
    account = Account(stage.directory)
    is_long = stage.scale is Scale.LONG
    encodings = list(ENCODINGS)[: None if is_long else 1]
    chosen = cases()[:: 1 if is_long else 3]
    with live_door(stage, account) as door:
        before = door.durable()
        for case in chosen:
            for form in forms(case.text):
                for encoding in encodings:
                    _send(door, case, form, encoding)
        assert before == door.durable(), "bad input has changed what is counted"
    account.facts = f"{len(chosen)} cases"
    return account


def _send(door: LiveDoor, case: Case, form: Form, encoding: str) -> None:
    packed = ENCODINGS[encoding](form.body)
    answer = door.answer(packed, *form.headers, ("Content-Encoding", encoding))
    if answer is None:
        return
    complaint = _complaint(case, form.name, answer, is_packed=encoding != "identity")
    if complaint:
        door.account.breach(f"{case.name} as a {form.name} in {encoding}: {complaint}", form.body)


def _complaint(case: Case, form: str, answer: Answer, *, is_packed: bool) -> str:
    """Return what is wrong with *answer*; nothing when it is fine."""
    taken = answer.json().get("accepted")
    # 100,000 brackets shrink beyond the ratio that tells a bomb.
    allowed = (202, 400, 413) if is_packed else (202, 400)
    if answer.status not in allowed or taken:
        return f"answered {answer.status}, {taken} taken"
    if case.must == "n" and answer.status == 202 and not is_blank_line(case, form):
        return "taken for JSON"
    if case.must == "y" and form == "body" and answer.reason in MALFORMED:
        return f"not taken for JSON: {answer.reason}"
    return ""


def is_blank_line(case: Case, form: str) -> bool:
    """Return whether the case is no line at all: what is empty holds no event, and no mistake."""
    return form == "line" and not case.text.strip(b" \t\r\n")


def _bytes(text: str | list[list[str | int]]) -> bytes:
    if isinstance(text, str):
        return text.encode("latin-1")
    return b"".join(str(piece).encode("latin-1") * int(times) for piece, times in text)


PART = Part("json", "JSONTestSuite in every form and encoding, over HTTP", run)
