"""A fake Pushgateway: it keeps pushes by group and shows them, on a thread of this process."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.servers import Server


class Handler(BaseHTTPRequestHandler):
    """Takes a push on any path and answers a scrape with all of them."""

    protocol_version = "HTTP/1.1"
    groups: dict[str, bytes]

    def do_POST(self) -> None:
        """Keep a push."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.groups[self.path] = body
        self._answer(b"")

    def do_GET(self) -> None:
        """Show all pushes."""
        self._answer(b"".join(self.groups.values()) if self.path == "/metrics" else b"")

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class GatewayServer(ThreadingHTTPServer):
    """Takes as many connections at once as the load opens."""

    request_queue_size = 128


@contextmanager
def fake_gateway(_directory: Path) -> Iterator[Server]:
    """Start an empty one."""
    handler = type("EmptyHandler", (Handler,), {"groups": {}})
    server = GatewayServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Server(os.getpid(), server.server_port, server.server_port, "-")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
