"""A real Prometheus that scrapes one exporter."""

import http.client
import json
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from tests.support.ports import free_ports
from tests.support.scraping import Series, series
from tests.support.waiting import wait_until

START_SECONDS = 30.0
STOP_SECONDS = 20.0
ANSWER_SECONDS = 20.0

_CONFIG = """\
global: {{scrape_interval: {interval}, scrape_timeout: {interval}}}
scrape_configs:
  - job_name: bot_exporter
    static_configs: [{{targets: ['127.0.0.1:{port}']}}]
"""


class Prometheus:
    """
    A Prometheus with an empty database.

    Args:
        program: Where it is installed.
        directory: Takes its configuration, database and output.
        target_port: The port on loopback to scrape.
        interval: Time between two scrapes.
        flags: More of its options.
    """

    def __init__(
        self,
        program: Path,
        directory: Path,
        *,
        target_port: int,
        interval: str = "250ms",
        flags: tuple[str, ...] = (),
    ) -> None:
        directory.mkdir(exist_ok=True)
        self._program = program
        self._directory = directory
        (self.port,) = free_ports(1)
        self._flags = flags
        self._process: subprocess.Popen[bytes] | None = None
        self.configure(_CONFIG.format(interval=interval, port=target_port))

    def configure(self, config: str) -> None:
        """Replace the configuration; the next start reads it."""
        (self._directory / "prometheus.yml").write_text(config)

    def __enter__(self) -> Self:
        """Start it and return once it is ready."""
        self.start()
        return self

    def start(self) -> None:
        """Start the process and return once it is ready; its data is that of the last one."""
        assert self._process is None, "it is running"
        output = self._directory / "prometheus.log"
        with output.open("ab") as file:
            self._process = subprocess.Popen(self._command(), stdout=file, stderr=file)
        wait_until(self._is_ready, seconds=START_SECONDS, what="Prometheus is ready")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def reload(self) -> None:
        """Let it read its configuration and rules again."""
        assert self._process is not None, "it is not running"
        self._process.send_signal(signal.SIGHUP)

    def kill(self) -> None:
        """End the process at once, as a crash would; fine when there is none."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def alerts(self) -> list[dict[str, Any]]:
        """Return the alerts that are pending or firing, as the API gives them."""
        status, body = self._get("/api/v1/alerts")
        assert 200 == status, body
        found: list[dict[str, Any]] = json.loads(body)["data"]["alerts"]
        return found

    def instant(self, query: str, *, at: float | None = None) -> dict[Series, float]:
        """Return the value of each series of an instant vector, without job and instance."""
        parameters = {"query": query} if at is None else {"query": query, "time": repr(at)}
        result = self._ask("/api/v1/query", parameters)
        return {_key(item["metric"]): float(item["value"][1]) for item in result}

    def between(self, query: str, *, start: float, end: float, step: float) -> list[Any]:
        """Return the series of a range query as the API gives them."""
        window = {"start": repr(start), "end": repr(end), "step": repr(step)}
        result: list[Any] = self._ask("/api/v1/query_range", {"query": query, **window})
        return result

    def wait_for_scrape(self, *, after: float) -> float:
        """Return the time of a successful scrape that began after the wall time *after*."""

        def last_scrape() -> float | None:
            found = self.instant("timestamp(up) and up == 1")
            return next((at for at in found.values() if at > after), None)

        return wait_until(last_scrape, seconds=START_SECONDS, what="Prometheus scraped")

    def _ask(self, path: str, parameters: dict[str, str]) -> Any:  # noqa: ANN401 - JSON of Prometheus
        status, body = self._get(f"{path}?{urlencode(parameters)}")
        assert 200 == status, body
        return json.loads(body)["data"]["result"]

    def _get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._directory / "prometheus.log").read_text()
        try:
            status, _ = self._get("/-/ready")
        except (OSError, http.client.HTTPException):
            return False
        return status == http.client.OK

    def _command(self) -> list[str]:
        return [
            str(self._program),
            f"--config.file={self._directory / 'prometheus.yml'}",
            f"--storage.tsdb.path={self._directory / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--log.level=warn",
            *self._flags,
        ]


def _key(metric: dict[str, str]) -> Series:
    labels = {k: v for k, v in metric.items() if k not in ("__name__", "job", "instance")}
    return series(metric.get("__name__", ""), labels)
