"""The exporter as a service of systemd: sockets that are passed on, states that are reported."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.held import HeldExporter
from tests.support.server import ROOT, Exporter
from tests.support.waiting import wait_until
from tests.torture.faulty import wrapper
from tests.torture.switch import Switch

PATIENCE_SECONDS = 30.0
RELOADED = 'bot_exporter_config_reloads_total{outcome="success"} 1'


@contextmanager
def manager(directory: Path) -> Iterator[socket.socket]:
    """Yield the socket at which a service manager listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(directory / "notify"))
        sock.settimeout(PATIENCE_SECONDS)
        yield sock


def hear(sock: socket.socket) -> str:
    """Return the first line of the next message that is not the watchdog's."""
    while True:
        line = sock.recv(4096).decode().partition("\n")[0]
        if line != "WATCHDOG=1":
            return line


def request(exporter: Exporter, body: bytes) -> bytes:
    """Return a whole request with events."""
    head = (
        f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {exporter.token()}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body


def test_a_request_sent_while_no_process_runs_is_answered_by_the_next(tmp_path: Path) -> None:
    """It waits in the kernel; nobody is refused, and nobody is told to come back."""
    event = json.dumps({"type": "heartbeat", "bot": "b", "id": "1"}).encode()
    with HeldExporter(tmp_path) as exporter:
        exporter.ask_to_stop()
        assert 0 == exporter.wait()
        with socket.create_connection(("127.0.0.1", exporter.ingest_port)) as waiting:
            waiting.settimeout(PATIENCE_SECONDS)
            waiting.sendall(request(exporter, event))
            exporter.start()
            answer = waiting.recv(65536)

        status, page = exporter.get("/")

        assert answer.startswith(b"HTTP/1.1 202 "), answer
        assert 200 == status
        assert f"http://127.0.0.1:{exporter.ingest_port}/v1/events".encode() in page
        assert "inherited_sockets" in exporter.output.read_text()


def test_sockets_nobody_can_use_end_the_start_with_the_remedy(tmp_path: Path) -> None:
    """Like every mistake in the configuration: exit code 1, one line per mistake."""
    names = ("public", "bot-exporter-internal.socket")
    exporter = HeldExporter(tmp_path, names=names)
    try:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "tests.support.hand_over", ":".join(names)),
                ":".join(map(str, exporter.passed)),
                *(sys.executable, "-m", "exporter", "serve", f"--storage.path={exporter.storage}"),
            ],
            cwd=ROOT,
            pass_fds=exporter.passed,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    finally:
        exporter.release()

    assert 1 == done.returncode
    (line,) = done.stderr.splitlines()
    assert line.startswith("LISTEN_FDNAMES: 'bot-exporter-internal.socket' is no listener; write ")
    assert ["lock"] == [path.name for path in exporter.storage.iterdir()]


def test_sockets_for_somebody_else_are_ignored(tmp_path: Path) -> None:
    """A wrapper that forgot to become the exporter keeps them; it binds its own."""
    variables = ("LISTEN_PID=1", "LISTEN_FDS=2", "LISTEN_FDNAMES=public:internal")
    with Exporter(tmp_path, wrapper=("env", *variables)) as exporter:
        assert 200 == exporter.get("/-/ready")[0]


def test_the_service_manager_hears_of_a_life(tmp_path: Path) -> None:
    """Start, reload, end; and of the watchdog in between."""
    with manager(tmp_path) as sock:
        variables = (f"NOTIFY_SOCKET={tmp_path}/notify", "WATCHDOG_USEC=100000")
        with Exporter(tmp_path, wrapper=("env", *variables)) as exporter:
            heard = [hear(sock), hear(sock)]
            os.kill(exporter.pid, signal.SIGHUP)
            heard += [hear(sock), hear(sock)]
            wait_until(
                lambda: sock.recv(4096) == b"WATCHDOG=1",
                seconds=PATIENCE_SECONDS,
                what="the watchdog",
            )
            exporter.ask_to_stop()
            code = exporter.wait()
            heard.append(hear(sock))

    states = ["STATUS=Reading the event log.", "READY=1", "RELOADING=1", "READY=1", "STOPPING=1"]
    assert (0, states) == (code, heard)


@pytest.mark.parametrize("way", ["SIGHUP", "POST"])
def test_a_reload_during_the_start_is_done(tmp_path: Path, way: str) -> None:
    """It neither ends the process nor fails, and the start is not over before its end."""
    switch = Switch(tmp_path)
    switch.on(sync_seconds=1.0)  # Registering the bot waits for the disk.
    notify = f"NOTIFY_SOCKET={tmp_path}/notify"
    exporter = Exporter(
        tmp_path, settings="bots: [{name: shop}]\n", wrapper=("env", notify, *wrapper(switch.plan))
    )
    with manager(tmp_path) as sock, ThreadPoolExecutor(1) as thread:
        starting = thread.submit(exporter.start)
        try:
            wait_until(lambda: is_alive(exporter), seconds=PATIENCE_SECONDS, what="it is alive")
            exporter.config.write_text("bots: [{name: shop}, {name: bank}]\n")
            reload(exporter, way)
            starting.result()
            heard = [hear(sock), hear(sock)]

            wait_until(
                lambda: RELOADED in exporter.get("/metrics")[1].decode(),
                seconds=PATIENCE_SECONDS,
                what="the reload counts",
            )
        finally:
            exporter.kill()

    assert ["STATUS=Reading the event log.", "READY=1"] == heard


def is_alive(exporter: Exporter) -> bool:
    """Return whether the internal listener answers already."""
    try:
        return exporter.get("/-/healthy")[0] == http.client.OK
    except OSError:
        return False


def reload(exporter: Exporter, way: str) -> None:
    """Ask for a reload by signal or by request."""
    if way == "SIGHUP":
        os.kill(exporter.pid, signal.SIGHUP)
        return
    connection = http.client.HTTPConnection("127.0.0.1", exporter.web_port)
    try:
        connection.request("POST", "/-/reload")
        assert http.client.OK == connection.getresponse().status
    finally:
        connection.close()
