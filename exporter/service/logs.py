"""
The exporter's own log: one line per event on standard error, as logfmt or JSON.

Every line, also one of a library, passes the level, the flood gate and the masking of secrets.
Loggers are handed to whoever needs one; nobody fetches them from a global.
"""

import atexit
import logging
import re
import sys
import threading
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from typing import BinaryIO, Protocol

import structlog
from structlog.typing import FilteringBoundLogger

from ..model.ports import Clock
from .log_flood import FloodGate
from .log_lines import RENDERERS
from .log_values import Value, clean_fields, error_fields, escape

LEVELS: Mapping[str, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}
LIBRARY_EVENT = "library_message"
SUPPRESSED_EVENT = "log_lines_suppressed"

# Up to the first quote or bracket, messages of libraries are constant.
_CONSTANT = re.compile(r"[^\n\"'<({\[]{0,200}")


class Logger(Protocol):
    """What code that logs asks for; a constant snake_case event, and data as fields."""

    def debug(self, event: str, **fields: object) -> object:
        """Write what only a developer wants to see."""
        ...

    def info(self, event: str, **fields: object) -> object:
        """Write about something expected."""
        ...

    def warning(self, event: str, **fields: object) -> object:
        """Write about something that may need a look."""
        ...

    def error(self, event: str, **fields: object) -> object:
        """Write a line that a human must act on."""
        ...

    def exception(self, event: str, **fields: object) -> object:
        """Write an error with the type and the place of the exception being handled."""
        ...


class Threshold:
    """The lowest level that is written; may change at any time."""

    def __init__(self) -> None:
        self._number = logging.INFO

    def set(self, level: str) -> None:
        """Write *level* and above from now on."""
        self._number = LEVELS[level]

    def admits(self, level: str) -> bool:
        """Return whether a line of *level* is written."""
        return LEVELS[level] >= self._number


class Logs:
    """
    The way of a line from a logger to *out*.

    Args:
        out: Gets whole lines, each in one write. When it fails, lines are lost, nothing else.
        render: Makes a line of its fields, without the line end.
        on_line: Told the level of every line that passes.
        clock: Dates the lines and measures floods.
        threshold: What is too unimportant to be written.
    """

    def __init__(  # noqa: PLR0913 - one of each on the way of a line
        self,
        out: BinaryIO,
        *,
        render: Callable[[Mapping[str, Value]], bytes],
        on_line: Callable[[str], None],
        clock: Clock,
        threshold: Threshold,
    ) -> None:
        self._out = out
        self._render = render
        self._on_line = on_line
        self._clock = clock
        self._threshold = threshold
        self._gate = FloodGate(clock)
        # Reentrant: a destructor may log in the middle of a line.
        self._lock = threading.RLock()

    def logger(self) -> FilteringBoundLogger:
        """Return a logger that writes here."""
        everything = structlog.make_filtering_bound_logger(logging.DEBUG)
        logger: FilteringBoundLogger = structlog.wrap_logger(
            _Nowhere(), processors=[self._process], wrapper_class=everything, context_class=dict
        ).bind()
        return logger

    def write(self, level: str, event: str, fields: MutableMapping[str, object]) -> None:
        """Write one line, unless its level or the flood gate keeps it back."""
        if not self._threshold.admits(level):
            return
        source = fields.get("logger")
        with self._lock:
            withheld = self._gate.enter(f"{event} of {source}" if source else event)
            if withheld is None:
                return
            self._report_withheld()
            if withheld:
                before = fields.get("suppressed")
                fields["suppressed"] = withheld + (before if isinstance(before, int) else 0)
            self._put(level, event, fields)

    def crashed(self, error: BaseException | None) -> None:
        """Write about an exception that ended the process or a thread."""
        self.write("critical", "crashed", {"exc_info": error})

    def close(self) -> None:
        """Report the lines that were withheld and not reported yet."""
        with self._lock:
            self._report_withheld(everything=True)

    def _process(
        self, _logger: object, method: str, fields: MutableMapping[str, object]
    ) -> Mapping[str, object]:
        """Write the line here and end structlog's own way."""
        event = str(fields.pop("event"))
        self.write(method if method in LEVELS else "error", event, fields)
        raise structlog.DropEvent

    def _report_withheld(self, *, everything: bool = False) -> None:
        for event, suppressed in self._gate.take_finished(everything=everything).items():
            self._put("warning", SUPPRESSED_EVENT, {"of": event, "suppressed": suppressed})

    def _put(self, level: str, event: str, fields: MutableMapping[str, object]) -> None:
        error = _error(fields)
        line: dict[str, Value] = {
            "time": _timestamp(self._clock.wall()),
            "level": level,
            "event": escape(event)[:100],
            **{key: value for key, value in clean_fields(fields).items() if key not in _OURS},
            **(error_fields(error) if error else {}),
        }
        self._on_line(level)
        try:
            self._out.write(self._render(line) + b"\n")
            self._out.flush()
        except (OSError, ValueError):
            # Full disk, closed pipe: serving goes on; the counter of lines shows that some exist.
            return


class LibraryHandler(logging.Handler):
    """Takes lines of the standard library's logging: the constant part, never the arguments."""

    def __init__(self, logs: Logs) -> None:
        super().__init__(logging.WARNING)
        self._logs = logs

    def emit(self, record: logging.LogRecord) -> None:
        """Write *record* through the same way as all lines."""
        found = _CONSTANT.match(str(record.msg))
        fields: dict[str, object] = {
            "logger": record.name,
            "message": found[0].strip() if found else "",
            "exc_info": record.exc_info,
        }
        level = record.levelname.lower()
        self._logs.write(level if level in LEVELS else "error", LIBRARY_EVENT, fields)


def configure(
    level: str, fmt: str, on_line: Callable[[str], None], clock: Clock
) -> FilteringBoundLogger:
    """
    Send everything that is logged in this process to standard error; return the logger.

    Args:
        level: The lowest level that is written: debug, info, warning or error.
        fmt: logfmt or json.
        on_line: Told the level of every line; may be called on any thread.
        clock: Dates the lines.
    """
    set_level(level)
    logs = Logs(
        sys.stderr.buffer,
        render=RENDERERS[fmt],
        on_line=on_line,
        clock=clock,
        threshold=_process_wide,
    )
    root = logging.getLogger()
    root.handlers = [LibraryHandler(logs)]
    root.setLevel(logging.WARNING)
    # Python's own way prints the text of the exception, which may quote a user.
    sys.excepthook = lambda _kind, error, _trace: logs.crashed(error)
    threading.excepthook = lambda args: logs.crashed(args.exc_value)
    atexit.register(logs.close)
    return logs.logger()


def set_level(level: str) -> None:
    """Change the lowest level that is written, also by loggers handed out long ago."""
    _process_wide.set(level)


class _Nowhere:
    """The end of structlog's own way, which no line reaches."""


# A process has one standard error, and so one level of what is written there.
_process_wide = Threshold()
_OURS = frozenset(("time", "level", "event"))


def _error(fields: MutableMapping[str, object]) -> BaseException | None:
    """Take the exception out of *fields*, wherever it is."""
    given = fields.pop("exc_info", None)
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if isinstance(given[1], BaseException) else None
    if given:
        return sys.exc_info()[1]
    if isinstance(error := fields.get("error"), BaseException):
        del fields["error"]
        return error
    return None


def _timestamp(wall: float) -> str:
    moment = datetime.fromtimestamp(wall, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
