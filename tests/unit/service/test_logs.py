"""The log: one line per event, whatever the event holds and however often it comes."""

import io
import json
import logging
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.model.errors import StorageError
from exporter.service.log_flood import BURST, WINDOW_SECONDS
from exporter.service.log_lines import RENDERERS, logfmt_line
from exporter.service.log_values import LONGEST_TEXT, MOST_FIELDS, MOST_ITEMS
from exporter.service.logs import (
    LIBRARY_EVENT,
    SUPPRESSED_EVENT,
    LibraryHandler,
    Logs,
    Threshold,
)

from .log_capture import NOON_TEXT, Capture, ManualClock

WORDS_OF_A_USER = "my name is Ann and I live in Kent"
FIELDS = st.dictionaries(
    st.text(max_size=20),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=5,
)


class BrokenPipe(io.BytesIO):
    """A standard error nobody reads."""

    def write(self, _data: object, /) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def test_a_line_has_time_level_and_event_first() -> None:
    """People read from the left."""
    capture = Capture("logfmt")

    capture.log.info("ready", ingest_port=10350, took=0.25, replayed=True, why=None)

    fields = "ingest_port=10350 took=0.25 replayed=true why=null"
    assert [f"time={NOON_TEXT} level=info event=ready {fields}"] == capture.lines


@given(fields=FIELDS, event=st.text(max_size=10))
@pytest.mark.parametrize("fmt", RENDERERS)
def test_every_event_is_one_printable_line(fmt: str, fields: dict[str, object], event: str) -> None:
    """Nothing in a field can end the line, start another one, or steer a terminal."""
    capture = Capture(fmt)

    capture.logs.write("info", event, dict(fields))

    (line,) = capture.lines
    assert line.isprintable()
    if fmt == "json":
        assert {"time", "level", "event"} <= json.loads(line).keys()


def test_a_field_cannot_replace_time_level_or_event() -> None:
    """Who reads a line may rely on them."""
    capture = Capture()

    capture.logs.write("info", "started", {"time": "never", "level": "debug"})

    assert (NOON_TEXT, "info") == (capture.only["time"], capture.only["level"])


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", "plain"),
        ("", '""'),
        ("two words", '"two words"'),
        ("a=b", '"a=b"'),
        ('say "hi"', '"say \\"hi\\""'),
        ("C:\\temp", "C:\\temp"),
        ("C:\\my files", '"C:\\\\my files"'),
        ("привет", "привет"),
        (["a", 1], '"[\\"a\\",1]"'),
    ],
)
def test_logfmt_quotes_what_needs_quotes(value: str, written: str) -> None:
    """Spaces, quotes and equals signs would otherwise move the borders of fields."""
    assert f"field={written}".encode() == logfmt_line({"field": value})


def test_logfmt_keys_hold_only_letters_digits_dots_and_underscores() -> None:
    """A key cannot bring a second pair along."""
    assert b"a_b_c.d=1" == logfmt_line({"a b=c.d": 1})


@pytest.mark.parametrize(
    ("raw", "escaped"),
    [
        ("a\nb", "a\\nb"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("evil\u202egpj.exe", "evil\\u202egpj.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("line\u2028end", "line\\u2028end"),
        ("lone\ud800", "lone\\ud800"),
        ("\x9bC1", "\\x9bC1"),
    ],
)
def test_control_and_bidi_characters_are_escaped(raw: str, escaped: str) -> None:
    """A log is read in terminals; what was logged must not act there."""
    capture = Capture()

    capture.log.info("odd", name=raw)

    assert escaped == capture.only["name"]


def test_a_flood_of_one_event_is_a_few_lines() -> None:
    """Ten thousand bad requests must not fill the disk."""
    capture = Capture()

    for number in range(10_000):
        capture.log.info("event_rejected", number=number)
        capture.clock.advance(0.001)

    assert 100 >= len(capture.lines)
    assert BURST == len(capture.lines)


def test_the_line_after_a_flood_says_how_many_were_withheld() -> None:
    """Nothing disappears without a trace."""
    capture = Capture()
    for _ in range(BURST + 7):
        capture.log.info("event_rejected")

    capture.clock.advance(WINDOW_SECONDS)
    capture.log.info("event_rejected")

    assert 7 == capture.objects[-1]["suppressed"]


def test_a_flood_that_is_over_is_reported_with_the_next_line() -> None:
    """Withheld lines are told even when their event never comes again."""
    capture = Capture()
    for _ in range(BURST + 7):
        capture.log.info("event_rejected")

    capture.clock.advance(WINDOW_SECONDS)
    capture.log.info("stopping")

    report = capture.objects[-2]
    assert (SUPPRESSED_EVENT, "event_rejected", 7) == (
        report["event"],
        report["of"],
        report["suppressed"],
    )


def test_the_end_of_the_process_reports_what_was_withheld() -> None:
    """Also in the middle of a flood."""
    capture = Capture()
    for _ in range(BURST + 7):
        capture.log.info("event_rejected")

    capture.logs.close()

    assert 7 == capture.objects[-1]["suppressed"]


def test_one_event_does_not_silence_another() -> None:
    """The limit holds for each event alone."""
    capture = Capture()
    for _ in range(100):
        capture.log.info("event_rejected")

    capture.log.error("disk_full")

    assert "disk_full" == capture.objects[-1]["event"]


def test_the_level_can_change_under_loggers_handed_out_long_ago() -> None:
    """A reload reaches everybody."""
    capture = Capture()
    capture.log.debug("invisible")

    capture.threshold.set("debug")
    capture.log.debug("visible")
    capture.threshold.set("error")
    capture.log.warning("withheld")

    assert "visible" == capture.only["event"]


def test_every_written_line_is_counted_by_level() -> None:
    """A metric tells that there is something to read."""
    capture = Capture()

    capture.log.info("one")
    capture.log.warning("two")
    capture.log.debug("below the level")

    assert ["info", "warning"] == capture.levels


def test_an_exception_is_logged_by_type_and_place() -> None:
    """Texts of foreign exceptions quote users; variables hold tokens."""
    capture = Capture()
    secret_variable = WORDS_OF_A_USER

    try:
        int(secret_variable)
    except ValueError:
        capture.log.exception("request_failed")

    line = capture.only
    assert ("error", "ValueError") == (line["level"], line["error_type"])
    assert "test_an_exception_is_logged_by_type_and_place" in line["frames"][-1]
    assert "Ann" not in capture.text


def test_an_error_of_ours_keeps_its_text() -> None:
    """It names the file and the remedy."""
    capture = Capture()

    capture.log.error("snapshot_failed", error=StorageError("data/log: disk full; make room"))

    assert "data/log: disk full; make room" == capture.only["error"]
    assert "StorageError" == capture.only["error_type"]


def test_an_error_of_the_system_names_its_file() -> None:
    """Which file it was is half of the answer."""
    capture = Capture()

    capture.log.error("open_failed", error=FileNotFoundError(2, "No such file", "data/key"))

    assert "data/key: No such file" == capture.only["error"]


def test_a_group_of_exceptions_lists_their_types() -> None:
    """A task group fails with several at once."""
    capture = Capture()

    capture.log.error("failed", error=ExceptionGroup("x", [KeyError(1), OSError(28, "full")]))

    assert ["KeyError", "OSError"] == capture.only["errors"]


def test_an_unknown_object_is_logged_as_its_type() -> None:
    """Its text may hold anything."""
    capture = Capture()

    capture.log.info("odd", thing=ManualClock(), data=WORDS_OF_A_USER.encode())

    assert ("[ManualClock]", "[bytes]") == (capture.only["thing"], capture.only["data"])


def test_long_things_are_cut() -> None:
    """No field, list or number of fields makes a line that nobody can read."""
    capture = Capture()

    capture.log.info("long", words="ab " * 10_000, many=list(range(10_000)))
    capture.log.info("wide", **{f"field_{number}": number for number in range(1000)})

    long, wide = capture.objects
    assert LONGEST_TEXT + len("...(cut)") == len(long["words"])
    assert MOST_ITEMS + 1 == len(long["many"])
    assert 1000 - MOST_FIELDS == wide["fields_cut"]


def test_a_library_line_shows_only_its_constant_part() -> None:
    """Arguments of libraries are requests and bodies."""
    capture = Capture()
    record = logging.LogRecord(
        "aiohttp.server", logging.ERROR, "", 0, "Error handling %s", (WORDS_OF_A_USER,), None
    )

    LibraryHandler(capture.logs).emit(record)

    line = capture.only
    assert (LIBRARY_EVENT, "aiohttp.server") == (line["event"], line["logger"])
    assert "Error handling %s" == line["message"]


def test_a_library_line_is_cut_where_data_begins() -> None:
    """Messages of asyncio hold representations of tasks, and those of their arguments."""
    capture = Capture()
    message = f"Exception in callback Task.step('{WORDS_OF_A_USER}')\nhandle: <Handle>"
    record = logging.LogRecord("asyncio", logging.ERROR, "", 0, message, (), None)

    LibraryHandler(capture.logs).emit(record)

    assert "Exception in callback Task.step" == capture.only["message"]


@pytest.mark.parametrize("stream", [BrokenPipe(), "closed"], ids=["broken", "closed"])
def test_a_log_that_cannot_be_written_stops_nothing(stream: BrokenPipe | str) -> None:
    """Serving goes on when the disk of the log is full."""
    out = io.BytesIO() if isinstance(stream, str) else stream
    if isinstance(stream, str):
        out.close()
    levels: list[str] = []
    logs = Logs(
        out,
        render=RENDERERS["json"],
        on_line=levels.append,
        clock=ManualClock(),
        threshold=Threshold(),
    )

    logs.logger().info("ready")

    assert ["info"] == levels


@pytest.mark.parametrize(
    "crash", ["fail()", "threading.Thread(target=fail).start()"], ids=["process", "thread"]
)
def test_a_crash_is_a_line_without_the_words_of_a_user(crash: str) -> None:
    """Python's own traceback would print the text of the exception."""
    script = (
        "import threading\n"
        "from exporter.service.clock import SystemClock\n"
        "from exporter.service.logs import configure\n"
        "configure('error', 'json', lambda level: None, SystemClock())\n"
        f"def fail(): int('{WORDS_OF_A_USER}')\n"
        f"{crash}\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    line = json.loads(done.stderr)
    assert ("crashed", "critical", "ValueError") == (
        line["event"],
        line["level"],
        line["error_type"],
    )
    assert "Ann" not in done.stderr


def test_a_process_logs_to_standard_error_only() -> None:
    """Standard output belongs to data; libraries write through the same way."""
    script = (
        "import logging\n"
        "from exporter.service.clock import SystemClock\n"
        "from exporter.service.logs import configure, set_level\n"
        "log = configure('error', 'json', lambda level: None, SystemClock())\n"
        "log.info('invisible')\n"
        "set_level('info')\n"
        "log.info('visible')\n"
        "logging.getLogger('aiohttp.server').warning('odd %s', 'x')\n"
        "logging.getLogger('aiohttp.server').info('invisible')\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    events = [json.loads(line)["event"] for line in done.stderr.splitlines()]
    assert ("", ["visible", LIBRARY_EVENT]) == (done.stdout, events)
