"""The exporter as a process of its own: started, asked, killed, restarted."""

import http.client
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.ports import free_ports
from tests.support.scraping import Scrape, check_format, check_identity, read_openmetrics, read_text
from tests.support.waiting import wait_until

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 60.0
STOP_SECONDS = 30.0
ANSWER_SECONDS = 10.0
OPENMETRICS = "application/openmetrics-text; version=1.0.0"


class Exporter:
    """
    An exporter in a directory that outlives its process; the ports stay the same.

    Args:
        directory: Takes the storage, the configuration and what the process writes.
        settings: The configuration, in YAML.
        wrapper: Command in front of the exporter's own, such as ``taskset -c 1``.
    """

    def __init__(
        self, directory: Path, *, settings: str = "", wrapper: tuple[str, ...] = ()
    ) -> None:
        self.storage = directory / "data"
        self.output = directory / "exporter.log"
        self.ingest_port, self.web_port = free_ports(2)
        self.starts = 0
        self.config = directory / "exporter.yml"
        self.config.write_text(settings or "{}\n")
        self.passed: tuple[int, ...] = ()  # Descriptors that the process gets as they are.
        self._wrapper = wrapper
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it and return once it is ready."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave no process behind."""
        self.kill()

    @property
    def pid(self) -> int:
        """Return the number of the running process."""
        return self._running().pid

    @property
    def events_url(self) -> str:
        """Return where events go."""
        return f"http://127.0.0.1:{self.ingest_port}/v1/events"

    def token(self) -> str:
        """Return the ingest token that the first start made."""
        return (self.storage / "ingest.token").read_text().strip()

    def start(self) -> None:
        """Start the process and return once it is ready."""
        assert self._process is None, "it is running"
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                self._command(), cwd=ROOT, stdout=output, stderr=output, pass_fds=self.passed
            )
        self.starts += 1
        wait_until(self._is_ready, seconds=START_SECONDS, what="the exporter is ready")

    def kill(self) -> None:
        """End the process at once, as a crash would; fine when there is none."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def restart_hard(self) -> None:
        """Kill the process and start another one."""
        self.kill()
        self.start()

    def has_ended(self) -> bool:
        """Return whether a process that was started ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        self._running().send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Return the exit code of a process that was asked to stop."""
        process = self._running()
        code = process.wait(STOP_SECONDS)
        self._process = None
        return code

    def get(self, path: str, *, accept: str = "*/*") -> tuple[int, bytes]:
        """Return status and body of a request to the internal listener; raises OSError."""
        connection = http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", path, headers={"Accept": accept})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def scrape(self, promtool: Path) -> Scrape:
        """Return a scrape in the text format that keeps every rule; OSError while it is down."""
        scrape = read_text(self._metrics(accept="*/*"))
        check_identity(scrape)
        check_format(scrape, promtool)
        return scrape

    def scrape_openmetrics(self) -> Scrape:
        """Return a scrape in OpenMetrics; OSError while it is down."""
        scrape = read_openmetrics(self._metrics(accept=OPENMETRICS))
        check_identity(scrape)
        return scrape

    def _metrics(self, *, accept: str) -> bytes:
        status, body = self.get("/metrics", accept=accept)
        if status == http.client.SERVICE_UNAVAILABLE:
            raise ConnectionRefusedError(body.decode())
        assert http.client.OK == status, body
        return body

    def _command(self) -> list[str]:
        return [
            *self._wrapper,
            *(sys.executable, "-m", "exporter", "serve"),
            f"--config.file={self.config}",
            f"--storage.path={self.storage}",
            f"--ingest.listen-address=127.0.0.1:{self.ingest_port}",
            f"--web.listen-address=127.0.0.1:{self.web_port}",
        ]

    def _is_ready(self) -> bool:
        code = self._running().poll()
        assert code is None, f"exit code {code}:\n{self.output.read_text()[-4000:]}"
        try:
            status, _ = self.get("/-/ready")
        except (OSError, http.client.HTTPException):
            return False
        return status == http.client.OK

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "it is not running"
        return self._process


def _environment() -> dict[str, str]:
    """Return the environment without settings of the exporter of whoever runs the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("BOT_")}
