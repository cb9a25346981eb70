"""A running exporter under bad input, and everything that must still be true of it afterwards."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exporter.model.verdicts import Reason
from tests.e2e.door import Answer, Door
from tests.fuzz.account import Account
from tests.support.scraping import Series
from tests.support.server import Exporter
from tests.torture.scenario import Stage

SETTINGS = """
ingest:
  rate_limit: {events_per_second: 1000000, burst: 1000000}
"""
# What the exporter writes when it is surprised. Bad input is no surprise.
ALARMS = ("Traceback", "level=error", "level=critical", "level=warning", "request_failed")
SURPRISES = ("bot_exporter_task_restarts_total", "bot_exporter_log_skipped_events_total")
# Everything a terminal, a browser or a parser of lines could take for a command.
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
OWN_BOT = ("bot", "good")  # Of the event that shows that the door is still open.

Verdicts = list[tuple[int, str]]


class LiveDoor(Door):
    """The door of an exporter; what looks wrong goes on the account together with the input."""

    def __init__(self, exporter: Exporter, promtool: Path, account: Account) -> None:
        super().__init__(exporter, promtool)
        self.account = account

    def answer(
        self, body: bytes, *headers: tuple[str, str], events: int | None = None
    ) -> Answer | None:
        """
        Return the answer to *body*; None when it broke a promise, which is on the account then.

        *events* is how many inputs the body holds; 0 leaves the counting to the caller.
        """
        try:
            answer = self.post(body, *headers)
        except (AssertionError, OSError, ValueError) as error:
            self.account.breach(f"{type(error).__name__}: {error}", body)
            return None
        finally:
            self.answers.clear()
        if events is None:
            self.account.note(str(answer.status))
        return answer

    def hear(self, answer: Answer) -> None:
        """
        Look at an answer that came on a connection of somebody else, and count its verdicts.

        Raises:
            AssertionError: It should never have been given.
        """
        self._look_at(answer)
        self.answers.clear()

    def judge(
        self, events: list[bytes], expected: list[Reason | None], *headers: tuple[str, str]
    ) -> None:
        """Send *events* as one request; each must get the verdict that is *expected* of it."""
        body = b"[" + b",".join(events) + b"]" if not headers else b"\n".join(events)
        answer = self.answer(body, *headers, events=0)
        if answer is None:
            return
        found = {each["index"]: each["reason"] for each in answer.json().get("rejected", ())}
        for place, (event, reason) in enumerate(zip(events, expected, strict=True)):
            self.account.note(found.get(place) or "accepted")
            if found.get(place) != reason:
                what = f"{answer.status}: {found.get(place)} instead of {reason}"
                self.account.breach(what, event)

    def durable(self) -> dict[Series, float]:
        """Return every series that events move, but those of the event that opens the door."""
        values = self.exporter.scrape_openmetrics().values
        return {
            key: value
            for key, value in values.items()
            if key[0].startswith("bot_")
            and not key[0].startswith("bot_exporter_")
            and OWN_BOT not in key[1]
        }

    def settle(self) -> None:
        """Check books, scrape and log at the end; what is wrong goes on the account."""
        try:
            self._check_all()
        except (AssertionError, OSError, ValueError) as error:
            # A plain assert has no text of its own outside pytest.
            shown = self.exporter.get("/metrics")[1].decode()
            lines = re.findall(r"bot_exporter_events_\w+_total .*", shown)
            what = f"at the end: {type(error).__name__}: {error}; {lines}, {self.verdicts}"
            self.account.breach(what, b"")

    def _check_all(self) -> None:
        self.check_unharmed()
        scrape = self.check_text()
        strange = CONTROL.search(scrape.body.decode())
        assert strange is None, f"the scrape holds a raw {strange[0]!r}"
        raised = [name for name in SURPRISES if scrape.total(name)]
        assert not raised, raised
        for level in ("warning", "error", "critical"):
            assert 0 == scrape.value("bot_exporter_log_messages_total", level=level), level
        alarms = [line for line in self._log() if any(alarm in line for alarm in ALARMS)]
        assert not alarms, f"{len(alarms)} lines like this in the log:\n{alarms[0]}"

    def _log(self) -> list[str]:
        return self.exporter.output.read_text(errors="replace").splitlines()


@contextmanager
def live_door(stage: Stage, account: Account, settings: str = SETTINGS) -> Iterator[LiveDoor]:
    """Open the door of a new exporter; when the block ends, its books must be right."""
    with Exporter(stage.directory, settings=settings) as exporter:
        door = LiveDoor(exporter, stage.promtool, account)
        yield door
        door.settle()
