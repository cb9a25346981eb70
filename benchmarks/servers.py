"""The two servers that are compared, each as a process on a core of its own."""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.support.ports import free_ports
from tests.support.server import ROOT, Exporter
from tests.support.waiting import wait_until

from .load import Plan, Result

START_SECONDS = 30.0
# Everything else is the default; the rate limit would measure itself.
SETTINGS = "ingest: {rate_limit: {events_per_second: 1000000000, burst: 1000000000}}\n"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    pid: int
    port: int
    metrics_port: int
    token: str


def pinned(core: int) -> tuple[str, ...]:
    """Return the words in front of a command that keep it on *core*; none on a single core."""
    cores = sorted(os.sched_getaffinity(0))
    return ("taskset", "-c", str(cores[core])) if len(cores) > 1 else ()


@contextmanager
def exporter(directory: Path) -> Iterator[Server]:
    """Run bot_exporter with its default configuration."""
    directory.mkdir()
    with Exporter(directory, settings=SETTINGS, wrapper=pinned(1)) as process:
        yield Server(process.pid, process.ingest_port, process.web_port, process.token())


@contextmanager
def naive(_directory: Path) -> Iterator[Server]:
    """Run the exporter that most people would write."""
    (port,) = free_ports(1)
    command = [*pinned(1), sys.executable, "-m", "benchmarks.naive", str(port)]
    process = subprocess.Popen(command, cwd=ROOT)  # noqa: S603 - our own module
    try:
        wait_until(lambda: _answers(port), seconds=START_SECONDS, what="the naive server answers")
        yield Server(process.pid, port, port, "-")
    finally:
        process.terminate()
        process.wait()


def send(plan: Plan) -> Result:
    """Run the load generator on the other core."""
    command = [*pinned(0), sys.executable, "-m", "benchmarks.load", json.dumps(asdict(plan))]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - our own module
    return Result(**json.loads(done.stdout))


def scrape(server: Server) -> bytes:
    """Return what `/metrics` says."""
    connection = http.client.HTTPConnection("127.0.0.1", server.metrics_port, timeout=60)
    try:
        connection.request("GET", "/metrics")
        return connection.getresponse().read()
    finally:
        connection.close()


def post(server: Server, body: bytes) -> None:
    """Send one request."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}
    try:
        connection.request("POST", "/v1/events", body, headers)
        answer = connection.getresponse()
        assert answer.status < http.client.BAD_REQUEST, answer.read()
    finally:
        connection.close()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/-/ready")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()
