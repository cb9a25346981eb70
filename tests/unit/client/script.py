"""A server on loopback that answers what a test tells it, and remembers what it was asked."""

import gzip
import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

DEADLINE_SECONDS = 20.0

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Say:
    """One answer."""

    status: int
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0  # Bytes of the body that never come.
    hang: bool = False  # Say nothing until the test is over.
    stored: bool = False  # The events count, though the client does not learn it.


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def events(self) -> list[Event]:
        """Return the events in it."""
        packed = self.headers.get("Content-Encoding") == "gzip"
        plain = gzip.decompress(self.body) if packed else self.body
        return [json.loads(line) for line in plain.splitlines()]


class Server:
    """
    Answers from the script, then like an exporter: every id counts once.

    Use it as a context manager.
    """

    def __init__(self, *script: Say) -> None:
        self.asked: list[Asked] = []
        self.stored: dict[str, Event] = {}
        self._script = deque(script)
        self._changed = threading.Condition()
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        """Start to listen."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def ids(self) -> list[list[str]]:
        """Return the ids of each request."""
        return [[event["id"] for event in asked.events] for asked in self.asked]

    def wait_for(self, requests: int) -> None:
        """Return once that many requests came."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self.asked) >= requests, DEADLINE_SECONDS)
        assert came, f"{len(self.asked)} of {requests} requests"

    def answer(self, asked: Asked) -> Say:
        """Return what to say to a request."""
        with self._changed:
            self.asked.append(asked)
            say = self._script.popleft() if self._script else None
            verdicts = self._store(asked) if say is None or say.stored else b""
            self._changed.notify_all()
        if say is not None and say.hang:
            self._over.wait(DEADLINE_SECONDS)
        return say or Say(202, verdicts)

    def _store(self, asked: Asked) -> bytes:
        new = {event["id"]: event for event in asked.events if event["id"] not in self.stored}
        self.stored.update(new)
        return verdicts(len(new), len(asked.events) - len(new))


def verdicts(accepted: int, duplicates: int = 0, *rejected: tuple[str, str]) -> bytes:
    """Return the body of an answer."""
    reasons = [
        {"index": n, "reason": reason, "path": path, "message": "not for logs"}
        for n, (reason, path) in enumerate(rejected)
    ]
    answer = {"accepted": accepted, "duplicates": duplicates, "rejected": reasons}
    return json.dumps(answer).encode()


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked = Asked(self.path, dict(self.headers), body, self.client_address[1])
            say = server.answer(asked)
            self.close_connection = say.hang or say.cut > 0
            if say.hang:
                return
            self.send_response(say.status)
            for name, value in {"Content-Length": str(len(say.body)), **say.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(say.body[: len(say.body) - say.cut])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    return Handler
