"""Things that run beside a command under test: a control server, an HTTP server with a script."""

import asyncio
import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from exporter.config.reload import ReloadOutcome, ReloadResult
from exporter.ingest.http_faults import FaultLog
from exporter.model.layout import StorageLayout
from exporter.service.control import ControlServer
from exporter.store.tokens import SqliteTokens
from tests.unit.service.log_capture import Capture

PATIENCE_SECONDS = 20.0  # Only ever used up by a test that fails.


@contextmanager
def control_server(root: Path, *, is_ready: bool = True) -> Iterator[SqliteTokens]:
    """Serve the control socket in *root* on a thread, as the exporter does; yield its tokens."""
    layout = StorageLayout(root)
    tokens = SqliteTokens(layout.operations)
    capture = Capture()

    async def refresh() -> None:
        return None

    server = ControlServer(
        layout.control_socket,
        tokens=tokens,
        refresh=refresh,
        reload=lambda: ReloadResult(outcome=ReloadOutcome.SUCCESS),
        is_ready=lambda: is_ready,
        faults=FaultLog(capture.log, capture.clock),
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(PATIENCE_SECONDS)
        yield tokens
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(PATIENCE_SECONDS)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        tokens.close()


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    wire: bytes

    @property
    def lines(self) -> list[bytes]:
        """Return the lines of the body, inflated."""
        is_gzip = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.wire) if is_gzip else self.wire).splitlines()


@dataclass(frozen=True)
class Reply:
    """What the server answers; no status hangs up without an answer."""

    status: int | None
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Script = Callable[[Call], Reply]


@dataclass
class HttpServer:
    """A server that does as its script says and remembers what it was sent."""

    script: Script
    calls: list[Call] = field(default_factory=list)
    url: str = ""


@contextmanager
def http_server(script: Script) -> Iterator[HttpServer]:
    """Serve on a free port of the loopback until the block ends."""
    state = HttpServer(script)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, *_args: object) -> None:
            return

        def _answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.path, headers, self.rfile.read(int(headers.get("content-length", 0))))
            state.calls.append(call)
            reply = state.script(call)
            if reply.status is None:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
