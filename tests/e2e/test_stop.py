"""A stop, as one request sees it."""

import socket
from pathlib import Path

from tests.e2e.door import GOOD, JSON, PATIENCE_SECONDS, Wire, head
from tests.support.server import Exporter
from tests.support.waiting import wait_until


def test_a_request_under_way_at_sigterm_is_answered(tmp_path: Path) -> None:
    """Bots that send again would hide a cut, and those that do not would lose the event."""
    with Exporter(tmp_path) as exporter, Wire(exporter.ingest_port) as wire:
        wire.send(_start_of_request(exporter) + GOOD[:5])
        exporter.ask_to_stop()
        wait_until(
            lambda: _is_closed(exporter.ingest_port),
            seconds=PATIENCE_SECONDS,
            what="nothing new is let in",
        )

        wire.send(GOOD[5:])
        answer = wire.read()

        assert (202, 1) == (answer.status, answer.json()["accepted"])
        assert "close" == answer.headers["connection"]
        assert 0 == exporter.wait()


def _start_of_request(exporter: Exporter) -> bytes:
    authorization = ("Authorization", f"Bearer {exporter.token()}")
    length = ("Content-Length", str(len(GOOD)))
    return head("POST /v1/events HTTP/1.1", ("Host", "x"), JSON, authorization, length)


def _is_closed(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS).close()
    except ConnectionRefusedError:
        return True
    return False
