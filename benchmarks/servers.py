"""The servers that are compared, each as a process on a core of its own."""

import gzip
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from tests.support.ports import free_ports
from tests.support.server import ROOT, Exporter
from tests.support.waiting import wait_until

from .load import Plan, Result

START_SECONDS = 30.0
ANSWER_SECONDS = 60.0
GZIP = b"\x1f\x8b"
# Everything else is the default; the rate limit would measure itself.
SETTINGS = "ingest: {rate_limit: {events_per_second: 1000000000, burst: 1000000000}}\n"
# For the curves of series only.
UNLIMITED = (
    "limits: {series_per_metric: 1000000000, labels: {intent: 1000000000, model: 1000000000}}\n"
)
# Debian's package has a file below /var/lib by default, written every five minutes and at the end.
MEMORY_ONLY = ("--persistence.file=",)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    pid: int
    port: int
    metrics_port: int
    token: str


Start = Callable[[Path], AbstractContextManager[Server]]


def pinned(core: int) -> tuple[str, ...]:
    """Return the words in front of a command that keep it on *core*; none on a single core."""
    cores = sorted(os.sched_getaffinity(0))
    return ("taskset", "-c", str(cores[core])) if len(cores) > 1 else ()


@contextmanager
def exporter(
    directory: Path, *, settings: str = SETTINGS, wrapper: tuple[str, ...] = ()
) -> Iterator[Server]:
    """Run bot_exporter, with its default configuration unless *settings* say otherwise."""
    directory.mkdir()
    with Exporter(directory, settings=settings, wrapper=(*pinned(1), *wrapper)) as process:
        yield Server(process.pid, process.ingest_port, process.web_port, process.token())


def unlimited(*wrapper: str) -> Start:
    """Return bot_exporter without limits of series, behind the words of *wrapper*."""
    return partial(exporter, settings=SETTINGS + UNLIMITED, wrapper=wrapper)


@contextmanager
def naive(_directory: Path) -> Iterator[Server]:
    """Run the exporter that most people would write."""
    (port,) = free_ports(1)
    with _running([sys.executable, "-m", "benchmarks.naive", str(port)], port) as server:
        yield server


def gateway(program: Path, *options: str) -> Start:
    """Return a Pushgateway that keeps what it has in memory."""

    @contextmanager
    def start(_directory: Path) -> Iterator[Server]:
        (port,) = free_ports(1)
        listen = f"--web.listen-address=127.0.0.1:{port}"
        words = [str(program), listen, *MEMORY_ONLY, "--log.level=error", *options]
        with _running(words, port) as server:
            # What an earlier one left behind would be measured, too.
            assert b"push_time_seconds" not in scrape(server)
            yield server

    return start


def send(plan: Plan) -> Result:
    """Run the load generator on the other core."""
    command = [*pinned(0), sys.executable, "-m", "benchmarks.load", json.dumps(asdict(plan))]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - our own module
    return Result(**json.loads(done.stdout))


def scrape(server: Server) -> bytes:
    """Return what `/metrics` says."""
    with scraping(server) as once:
        body = once()
    return gzip.decompress(body) if body.startswith(GZIP) else body


@contextmanager
def scraping(server: Server) -> Iterator[Callable[[], bytes]]:
    """
    Give a function that scrapes as Prometheus does: compressed, over one connection.

    It returns the body as it came.
    """
    connection = http.client.HTTPConnection(
        "127.0.0.1", server.metrics_port, timeout=ANSWER_SECONDS
    )

    def once() -> bytes:
        connection.request("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == http.client.OK, body[:200]
        return body

    try:
        yield once
    finally:
        connection.close()


def post(server: Server, body: bytes) -> None:
    """Send one request."""
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}
    post_to(server, "/v1/events", body, headers)


def post_to(server: Server, path: str, body: bytes, headers: dict[str, str]) -> None:
    """Send *body* to any path of a server that must take it."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=ANSWER_SECONDS)
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        assert answer.status < http.client.BAD_REQUEST, answer.read()
    finally:
        connection.close()


@contextmanager
def _running(command: list[str], port: int) -> Iterator[Server]:
    process = subprocess.Popen([*pinned(1), *command], cwd=ROOT)  # noqa: S603 - one of the servers above
    try:
        wait_until(lambda: _answers(port), seconds=START_SECONDS, what=f"{command[0]} answers")
        yield Server(process.pid, port, port, "-")
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/-/ready")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()
