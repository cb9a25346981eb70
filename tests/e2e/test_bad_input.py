"""Bad bodies over real sockets: a clear answer, and nothing is lost or harmed."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.bodies import (
    LENGTHS,
    MARKS,
    MIB,
    NUMBERS,
    SHAPES,
    TEXTS,
    Case,
    gzip_bomb,
    many,
    one,
    padded,
    zstd_bomb,
    zstd_of,
)
from tests.e2e.door import GOOD, Door
from tests.support.server import Exporter

NDJSON = ("Content-Type", "application/x-ndjson")
SPACES = b" " * (5 * MIB)
MEMORY_BYTES = 60 * MIB


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, promtool: Path) -> Iterator[Door]:
    """Return the door of an exporter that serves the whole module."""
    with Exporter(tmp_path_factory.mktemp("bodies")) as exporter:
        yield Door(exporter, promtool)


@pytest.fixture(autouse=True)
def _unharmed(door: Door) -> Iterator[None]:
    """After each test: the next event is taken, the books are right, every number is finite."""
    yield
    door.check_unharmed()


def encoded(name: str) -> tuple[str, str]:
    """Return the header that names an encoding."""
    return ("Content-Encoding", name)


@pytest.mark.parametrize(
    "case", [*SHAPES, *MARKS, *TEXTS, *NUMBERS, *LENGTHS], ids=lambda case: case.name
)
def test_every_body_gets_the_answer_it_deserves(door: Door, case: Case) -> None:
    """A status, a reason and a message; never a 5xx."""
    answer = door.post(case.body)

    assert (case.status, case.reason) == (answer.status, answer.reason)


@pytest.mark.parametrize("form", ["array", "ndjson"])
def test_bad_events_cost_their_neighbours_nothing(door: Door, form: str) -> None:
    """Each gets the same verdict as alone, at its place; all others are taken."""
    # The search for whole events in a broken array ends at 1 MiB.
    cases = [case for case in (*TEXTS, *NUMBERS, *LENGTHS) if len(case.body) < MIB // 2]
    events = [event for case in cases for event in (GOOD, case.body)]
    body = b"\n".join(events) if form == "ndjson" else b"[" + b",".join(events) + b"]"

    answer = door.post(body, *([NDJSON] if form == "ndjson" else []))

    verdicts = answer.json()
    assert 202 == answer.status
    assert [(2 * n + 1, case.reason) for n, case in enumerate(cases) if case.reason] == [
        (verdict["index"], verdict["reason"]) for verdict in verdicts["rejected"]
    ]
    assert len(events) == verdicts["accepted"] + verdicts["duplicates"] + len(verdicts["rejected"])


@pytest.mark.parametrize("case", MARKS, ids=lambda case: case.name)
def test_what_hides_the_end_of_an_event_refuses_the_array(door: Door, case: Case) -> None:
    """Nothing of it counts; as NDJSON only the line is lost."""
    array = door.post(b"[" + GOOD + b"," + case.body + b"]")
    lines = door.post(GOOD + b"\n" + case.body, NDJSON)

    assert (400, "malformed") == (array.status, array.reason)
    assert (202, 1, case.reason) == (lines.status, lines.json()["accepted"], lines.reason)


def test_blank_lines_are_no_events(door: Door) -> None:
    """NDJSON of many tools ends with one."""
    answer = door.post(b"\n" + GOOD + b"\r\n\r\n \n" + GOOD + b"\n\n", NDJSON)

    assert (202, 2) == (answer.status, answer.json()["accepted"])


def test_the_answer_to_a_thousand_bad_events_stays_small(door: Door) -> None:
    """Each is named; only the first ten are examined for more mistakes."""
    bad = {"type": "feedback", "bot": "b", "csat": 0, "nps": 99, "thumbs": "x", "y" * 5000: 1}

    answer = door.post(json.dumps([bad] * 1000).encode())

    assert 400 == answer.status
    assert list(range(1000)) == [verdict["index"] for verdict in answer.json()["rejected"]]
    assert len(answer.body) < 600_000


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("identity", GOOD),
        ("gzip", gzip.compress(GOOD, mtime=0)),
        ("GZip", gzip.compress(GOOD, mtime=0)),
        ("x-gzip", gzip.compress(GOOD, mtime=0)),
        ("gzip", gzip.compress(GOOD[:9], mtime=0) + gzip.compress(GOOD[9:], mtime=0)),
        ("deflate", zlib.compress(GOOD)),
        ("deflate", zlib.compress(GOOD)[2:-4]),
        ("zstd", zstd_of(GOOD)),
    ],
)
def test_known_encodings_are_read(door: Door, encoding: str, body: bytes) -> None:
    """Also in the forms that old clients send."""
    assert 202 == door.post(body, encoded(encoding)).status


@pytest.mark.parametrize(
    "headers",
    [
        [encoded("br")],
        [encoded("compress")],
        [encoded("gzip, gzip")],
        [encoded("gzip"), encoded("gzip")],
        [encoded("identity, gzip")],
        [encoded("\xe9\x00".strip("\0"))],
        [encoded("x" * 5000)],
    ],
)
def test_other_encodings_are_refused_unread(door: Door, headers: list[tuple[str, str]]) -> None:
    """Taking them for plain text would tell the client a wrong reason."""
    answer = door.post(gzip.compress(gzip.compress(GOOD, mtime=0)), *headers)

    assert (415, "unsupported_encoding") == (answer.status, answer.reason)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b""),
        ("gzip", GOOD),
        ("gzip", gzip.compress(GOOD, mtime=0)[:-1]),
        ("gzip", gzip.compress(GOOD, mtime=0)[:-9] + b"12345678\0"),
        ("gzip", gzip.compress(GOOD, mtime=0) + b"garbage"),
        ("gzip", gzip.compress(b"", mtime=0) * 100),
        ("deflate", zlib.compress(GOOD)[:-5]),
        ("deflate", zlib.compress(GOOD) + b"x"),
        ("zstd", zstd_of(GOOD)[:-1]),
        ("zstd", b"(\xb5/\xfd" + b"\xff" * 50),
    ],
)
def test_damaged_encodings_are_refused(door: Door, encoding: str, body: bytes) -> None:
    """The client may try again with the same events; nothing of them counts."""
    answer = door.post(body, encoded(encoding))

    assert (400, "malformed") == (answer.status, answer.reason)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(SPACES, mtime=0)),
        ("deflate", zlib.compress(SPACES)),
        ("zstd", zstd_of(SPACES)),
        ("gzip", gzip.compress(padded(10 * MIB + 1), 1, mtime=0)),
    ],
    ids=["gzip", "deflate", "zstd", "beyond 10 MiB"],
)
def test_what_inflates_beyond_a_limit_is_too_large(door: Door, encoding: str, body: bytes) -> None:
    """A hundred times its size, or 10 MiB."""
    answer = door.post(body, encoded(encoding))

    assert (413, "too_large") == (answer.status, answer.reason)


@pytest.mark.parametrize(("encoding", "bomb"), [("gzip", gzip_bomb), ("zstd", zstd_bomb)])
def test_a_bomb_costs_its_budget_and_no_more(door: Door, encoding: str, bomb: object) -> None:
    """A gigabyte is never unpacked; several at once do not add up."""
    assert callable(bomb)
    body = bomb()
    before = peak_bytes(door)

    answers = [door.post(body, encoded(encoding)) for _ in range(5)]

    assert {(413, "too_large")} == {(answer.status, answer.reason) for answer in answers}
    assert peak_bytes(door) - before < MEMORY_BYTES


def test_a_compressed_batch_at_every_limit_is_taken(door: Door) -> None:
    """Honest batches compress well, and must not be taken for bombs."""
    notes = [{f"k{n}": e * n for n in range(64)} for e in range(1000)]
    events = [
        one("message_sent", id=str(e), text="so " * 600, properties=notes[e]) for e in range(1000)
    ]
    body = b"[" + b",".join(events) + b"]"

    answer = door.post(gzip.compress(body, 1), encoded("gzip"))

    assert (202, 1000) == (answer.status, answer.json()["accepted"])


def test_the_same_large_batch_twice_counts_once(door: Door) -> None:
    """A client that did not hear the answer sends it again."""
    events = [json.loads(one(id=f"batch-{n}")) for n in range(1000)]
    body = json.dumps(events).encode()

    answers = [door.post(body).json() for _ in range(2)]

    assert [(1000, 0), (0, 1000)] == [(a["accepted"], a["duplicates"]) for a in answers]


def test_promtool_finds_nothing_after_all_of_this(door: Door) -> None:
    """Every strange label that was ever accepted is still in the scrape."""
    for case in (*TEXTS, *NUMBERS):
        door.post(case.body)
    door.post(many(10))

    scrape = door.check_text()

    assert 1 <= scrape.total("bot_tracked_total")


def peak_bytes(door: Door) -> int:
    """Return the most memory the exporter has ever used."""
    status = Path(f"/proc/{door.exporter.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024
