"""The public door of a running exporter: anything can be sent to it, every answer is looked at."""

import json
import math
import re
import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO, Self

from exporter.model.verdicts import Reason, Refusal
from tests.support.scraping import Scrape
from tests.support.server import Exporter

Headers = Sequence[tuple[str, str]]

PATIENCE_SECONDS = 20.0
GOOD = b'{"type":"heartbeat","bot":"good"}'
JSON = ("Content-Type", "application/json")
# 500 is a defect; 503 and 507 say that the exporter cannot take events now.
DOCUMENTED_5XX = frozenset({503, 507})
# What tells an attacker which holes to try, or where things are.
_BANNER = re.compile(
    rb"aiohttp|python|traceback|exporter/|\.py\b|File \"|/tmp/|/data/", re.IGNORECASE
)
_VERDICTS = {"accepted", "duplicates", "rejected"}
_ERROR = {"error", "message", "request_id"}
_ERRORS = {*(refusal.value for refusal in Refusal), "not_found", "method_not_allowed"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the body of an answer that is an object."""
        value = json.loads(self.body)
        assert isinstance(value, dict)
        return value

    @property
    def reason(self) -> str | None:
        """Return why the request, or else its first rejected event, was not taken."""
        value = self.json()
        if "error" in value:
            return str(value["error"])
        rejected = value["rejected"]
        return str(rejected[0]["reason"]) if rejected else None


class Wire:
    """A connection on which anything can be sent, and one answer after the other is read."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        """Return the connection."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def fileno(self) -> int:
        """Return what `select` waits for."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close both directions."""
        self._file.close()
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Send all of *data*."""
        self._socket.sendall(data)

    def rest(self) -> bytes:
        """Return what comes until the other side closes."""
        return self._file.read()

    def read(self) -> Answer:
        """Return the next answer; 100 (Continue) is none."""
        _, status, *_ = self._file.readline().split(b" ", 2)
        headers = dict(_headers(self._file))
        if int(status) == HTTPStatus.CONTINUE:
            return self.read()
        length = headers.get("content-length")
        body = self._file.read() if length is None else self._file.read(int(length))
        return Answer(int(status), headers, body)


class Door:
    """Sends requests over sockets of their own and keeps account of every verdict."""

    def __init__(self, exporter: Exporter, promtool: Path) -> None:
        self.exporter = exporter
        self.verdicts = Counter[str]()
        self.answers: list[Answer] = []
        self._promtool = promtool
        self._before = 0
        self._bearer = ("Authorization", f"Bearer {exporter.token()}")

    def post(self, body: bytes, *headers: tuple[str, str], bearer: str | None = None) -> Answer:
        """Return the answer to events that are sent as they should be, plus *headers*."""
        names = {name.lower() for name, _ in headers}
        usual = [("Host", "bots.example"), JSON, ("Content-Length", str(len(body)))]
        authorization = self._bearer if bearer is None else ("Authorization", bearer)
        return self.exchange(
            head(
                "POST /v1/events HTTP/1.1",
                *(each for each in (*usual, authorization) if each[0].lower() not in names),
                *headers,
            )
            + body
        )

    def request(self, line: str, *headers: tuple[str, str], body: bytes = GOOD) -> Answer:
        """Return the answer to a request with a token and exactly these other headers."""
        return self.exchange(head(line, ("Host", "x"), JSON, self._bearer, *headers) + body)

    def exchange(self, data: bytes) -> Answer:
        """Return the answer to the bytes of one request."""
        with self.connect() as wire:
            # Whoever is refused early may not be able to send all of it.
            with suppress(BrokenPipeError, ConnectionResetError):
                wire.send(data)
            return self.read(wire)

    def connect(self) -> "Wire":
        """Return a connection to the public listener."""
        return Wire(self.exporter.ingest_port)

    def read(self, wire: "Wire") -> Answer:
        """Return the next answer on *wire*, after a look at its form."""
        answer = wire.read()
        self._look_at(answer)
        return answer

    def check_unharmed(self) -> Scrape:
        """Whatever was sent, the exporter takes the next event and its books are right."""
        assert 202 == self.post(GOOD).status
        scrape = self.exporter.scrape_openmetrics()
        shown = {
            part: int(scrape.value(f"bot_exporter_events_{part}_total"))
            for part in ("accepted", "duplicate", "rejected")
        }
        expected = {part: self.verdicts[part] for part in ("accepted", "duplicate", "rejected")}
        assert expected == shown
        durable = self._before + self.verdicts["accepted"]
        assert durable == int(scrape.total("bot_events_total"))
        assert [] == [
            series for series, value in scrape.values.items() if not _is_sound(series[0], value)
        ]
        assert 1 == scrape.value("bot_exporter_log_available")
        return scrape

    def stop(self) -> None:
        """Stop the exporter as an operator would."""
        self.exporter.ask_to_stop()
        assert 0 == self.exporter.wait()
        # What is acknowledged stays; the counters of the process begin at 0.
        self._before += self.verdicts["accepted"]
        self.verdicts.clear()

    def check_text(self) -> Scrape:
        """Return a scrape in the text format, which promtool found nothing to complain about."""
        return self.exporter.scrape(self._promtool)

    def _look_at(self, answer: Answer) -> None:
        self.answers.append(answer)
        assert answer.status < 500 or answer.status in DOCUMENTED_5XX, answer
        assert "bot-exporter" == answer.headers.get("server"), answer
        assert not _BANNER.search(answer.body), answer
        if answer.status == 202 or answer.status >= 400:
            self._look_at_verdicts(answer)

    def _look_at_verdicts(self, answer: Answer) -> None:
        assert "application/json" == answer.headers["content-type"]
        value = answer.json()
        if answer.status == 202 or "rejected" in value:
            assert set(value) == _VERDICTS
            rejected = value["rejected"]
            assert all(set(each) == {"index", "reason", "path", "message"} for each in rejected)
            assert {each["reason"] for each in rejected} <= {reason.value for reason in Reason}
            self.verdicts["accepted"] += value["accepted"]
            self.verdicts["duplicate"] += value["duplicates"]
            self.verdicts["rejected"] += len(rejected)
            return
        assert set(value) == _ERROR, answer
        assert value["error"] in _ERRORS, answer
        assert re.fullmatch("[0-9a-f]{16}", value["request_id"])
        assert value["message"].strip()
        assert len(answer.body) < 1000


def head(line: str, *headers: tuple[str, str]) -> bytes:
    """Return the head of a request; headers may hold any character of Latin-1."""
    lines = [line, *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def _headers(file: BinaryIO) -> Iterator[tuple[str, str]]:
    while line := file.readline().strip():
        name, _, value = line.decode("latin-1").partition(":")
        yield name.lower(), value.strip()


def _is_sound(name: str, value: float) -> bool:
    return math.isfinite(value) and (value >= 0 or not name.startswith("bot_"))
