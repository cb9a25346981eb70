"""A real Alertmanager on loopback."""

import json
import os
import signal
import subprocess
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support.pairs import Pair
from tests.support.ports import free_ports
from tests.support.waiting import wait_until

START_SECONDS = 30.0
STOP_SECONDS = 15.0
ANSWER_SECONDS = 10.0

# Debian's Alertmanager reads its own templates from here, wherever the program itself lies.
DEBIAN_TEMPLATES = Path("/usr/share/prometheus/alertmanager")


def _with_its_templates(pair: Pair) -> list[str]:
    """Return what goes in front: each version sees its own templates, nothing else changes."""
    own = pair.alertmanager.parent.parent / "share" / "prometheus" / "alertmanager"
    if not own.is_dir():
        return []
    DEBIAN_TEMPLATES.mkdir(parents=True, exist_ok=True)
    script = f'mount --bind "{own}" {DEBIAN_TEMPLATES} && exec "$@"'
    return ["unshare", "--mount", "sh", "-c", script, "sh"]


class Alertmanager:
    """
    An Alertmanager whose directory outlives its process.

    Args:
        pair: Which version.
        directory: Takes its data and output.
        config: Its configuration; the templates lie beside it.
    """

    def __init__(self, pair: Pair, directory: Path, config: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        (self.port,) = free_ports(1)
        self.data = directory / "data"
        self.output = directory / "alertmanager.log"
        self._command = [
            *_with_its_templates(pair),
            str(pair.alertmanager),
            f"--config.file={config}",
            f"--storage.path={self.data}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--cluster.listen-address=",
            "--data.maintenance-interval=1s",
        ]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        """Start it and return once it is ready."""
        self.start()
        return self

    def start(self) -> None:
        """Start the process and return once it is ready; its data is that of the last one."""
        assert self._process is None, "it is running"
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(self._command, stdout=output, stderr=output)
        wait_until(self._is_ready, seconds=START_SECONDS, what="Alertmanager is ready")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave no process behind."""
        self.stop(signal.SIGTERM)

    def stop(self, how: signal.Signals) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        os.kill(process.pid, how)
        process.wait(STOP_SECONDS)

    def post(self, alerts: list[dict[str, Any]]) -> None:
        """Send alerts, as Prometheus does."""
        self.ask("/api/v2/alerts", alerts)

    def alerts(self) -> list[dict[str, Any]]:
        """Return all alerts with their state."""
        found: list[dict[str, Any]] = self.ask("/api/v2/alerts")
        return found

    def silence(self, silence: dict[str, Any]) -> None:
        """Create a silence."""
        self.ask("/api/v2/silences", silence)

    def silences(self) -> list[dict[str, Any]]:
        """Return all silences."""
        found: list[dict[str, Any]] = self.ask("/api/v2/silences")
        return found

    def ask(self, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Return what the API answers; a *body* is posted."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - our own address
            self.url + path, data=data, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            content = answer.read()
        return json.loads(content) if content else None

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.output.read_text()[-2000:]
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=1) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except OSError:
            return False
