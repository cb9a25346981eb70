"""The parts of the sender that need their own time or sizes."""

import io
import json
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.cli.endpoint import parse_endpoint
from exporter.cli.sender.batches import LARGEST_BATCH_BYTES, batches
from exporter.cli.sender.delivery import Delivery, GaveUpError, Verdict, Verdicts
from exporter.cli.sender.lines import LONGEST_LINE, BadLine, Event, read_events
from exporter.cli.sender.patience import Patience
from exporter.cli.sender.progress import SECONDS_BETWEEN_LINES, Bar, Lines
from exporter.cli.sender.tally import Tally

from .running import Reply, http_server

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


class Time:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def patience(time: Time, *, give_up_seconds: float = 300.0, random: float = 0.0) -> Patience:
    """Return a patience whose jitter is known."""
    return Patience(
        give_up_seconds=give_up_seconds,
        monotonic=lambda: time.now,
        wall=lambda: time.now,
        sleep=time.sleep,
        random=lambda: random,
    )


def read(content: bytes) -> list[Event | BadLine]:
    """Return what the lines hold; made ids are ``new``."""
    return list(read_events(io.BytesIO(content), lambda: "new"))


@given(fields=st.dictionaries(st.text(), JSON, max_size=4))
def test_an_added_id_changes_nothing_else(fields: dict[str, object]) -> None:
    """Whatever the object holds, however it is written."""
    fields.pop("id", None)

    (found,) = read(json.dumps(fields).encode())

    assert isinstance(found, Event)
    assert {"id": "new", **fields} == json.loads(found.body)


def test_lines_end_in_many_ways() -> None:
    """CR LF, a missing last end, a byte order mark, blank lines."""
    found = read(b'\xef\xbb\xbf{"id":"a"}\r\n\n  \n{"id":"b"}')

    assert [Event(1, b'{"id":"a"}'), Event(4, b'{"id":"b"}')] == found


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "malformed_json"),
        (b'{"x":NaN}', "malformed_json"),
        (b"[1]", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b'{"a":1} {"b":2}', "malformed_json"),
        (b"[" * 100_000, "not_an_object"),
        (b'{"x":' * 100_000, "malformed_json"),
        (b'{"x":' + b"[" * 900_000, "malformed_json"),
        (b"\xff\xfe", "malformed_json"),
    ],
)
def test_a_bad_line_is_told_and_does_not_stop_the_rest(line: bytes, reason: str) -> None:
    """With its number and a word for the reason."""
    bad, good = read(line + b'\n{"id":"b"}\n')

    assert isinstance(bad, BadLine)
    assert (1, reason) == (bad.line, bad.reason)
    assert Event(2, b'{"id":"b"}') == good


def test_an_endless_line_takes_no_memory_and_counts_as_one() -> None:
    """The line after it keeps its number."""
    bad, good = read(b"x" * (3 * LONGEST_LINE) + b'\n{"id":"b"}\n')

    assert isinstance(bad, BadLine)
    assert "too_long" == bad.reason
    assert Event(2, b'{"id":"b"}') == good


def test_batches_are_bounded_in_number_and_size() -> None:
    """Whichever comes first; nothing is lost between them."""
    large = b"x" * (LARGEST_BATCH_BYTES // 2)
    events = [Event(line, b"{}" if line < 6 else large) for line in range(9)]
    bad: list[BadLine] = []

    found = list(batches([*events, BadLine(9, "r", "m")], most=4, on_bad=bad.append))

    assert events == [each for batch in found for each in batch]
    assert [4, 3, 1, 1] == [len(batch) for batch in found]
    assert 1 == len(bad)


def test_pauses_double_up_to_a_limit() -> None:
    """With the least jitter they are half of the ceiling."""
    quiet = patience(Time())

    pauses = [quiet.pause(attempt, None) for attempt in (0, 1, 2, 20)]

    assert [0.25, 0.5, 1.0, 15.0] == pauses


@given(random=st.floats(0, 1), attempt=st.integers(0, 50))
def test_a_pause_is_never_shorter_than_the_server_asked(random: float, attempt: int) -> None:
    """Jitter only makes it longer, so that many senders do not come back at once."""
    assert 7 <= patience(Time(), random=random).pause(attempt, "7") <= 7 + 15


def test_retry_after_may_be_a_date() -> None:
    """As proxies write it."""
    time = Time()
    moment = datetime.fromtimestamp(time.now + 9, UTC)

    assert 9 == patience(time).pause(0, format_datetime(moment, usegmt=True))


@pytest.mark.parametrize("nonsense", ["", "soon", "-1", "1e9", "\u0667", "Mon, 99 Jan"])
def test_a_nonsensical_retry_after_is_ignored(nonsense: str) -> None:
    """The own pause holds."""
    assert 0.25 == patience(Time()).pause(0, nonsense)


def test_it_stops_before_a_pause_that_would_be_too_long() -> None:
    """Nobody waits a minute to hear that the time is up."""
    time = Time()
    said: list[float] = []
    with http_server(lambda _call: Reply(503, headers={"Retry-After": "20"})) as server:
        delivery = Delivery(
            parse_endpoint(server.url),
            token=None,
            patience=patience(time, give_up_seconds=50),
            on_wait=lambda _why, pause: said.append(pause),
        )
        with pytest.raises(GaveUpError, match="gave up after 40 s and 3 attempts: status 503"):
            list(delivery.send([Event(1, b"{}")]))
        delivery.close()

    assert [20, 20] == time.pauses == said


def test_what_compresses_too_well_goes_uncompressed() -> None:
    """The exporter takes a body that inflates a hundredfold for a bomb."""
    with http_server(lambda _call: Reply(202, b'{"accepted":1,"duplicates":0}')) as server:
        delivery = Delivery(
            parse_endpoint(server.url), token=None, patience=patience(Time()), on_wait=print
        )
        list(delivery.send([Event(1, b"x" * 1_000_000)]))
        delivery.close()

    assert "content-encoding" not in server.calls[0].headers


def test_a_server_cannot_steer_the_terminal() -> None:
    """Its words are shown without control characters."""
    tally = Tally("f")

    tally.add([Event(1, b"")], Verdicts(0, 0, (Verdict(0, "x", "\x1b[2Jgone\nmore"),)))

    assert all(line.isprintable() for line in tally.summary())


def test_without_a_terminal_progress_is_a_line_now_and_then() -> None:
    """Not one for each batch."""
    time, out = Time(), io.StringIO()
    lines = Lines(1000, out, lambda: time.now)

    for position in range(0, 1000, 10):
        lines.advance(position, position)
        time.now += SECONDS_BETWEEN_LINES / 20

    assert ["200 events sent (20%)", "400 events sent (40%)"] == out.getvalue().splitlines()[:2]
    assert 4 == len(out.getvalue().splitlines())


@pytest.mark.parametrize("size_bytes", [1000, None])
def test_a_bar_moves_and_ends(size_bytes: int | None, capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, with or without a known size."""
    bar = Bar(size_bytes)

    bar.advance(500, 500)
    bar.say("waiting [1 s]")
    bar.close()

    captured = capsys.readouterr()
    assert "" == captured.out
    assert "waiting [1 s]" in captured.err
    assert "500 events" in captured.err
