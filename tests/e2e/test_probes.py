"""Checks from outside in a whole exporter: states, reload, heartbeats, callbacks, `/probe`."""

import http.client
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.e2e.bodies import one
from tests.e2e.door import Door
from tests.support.scraping import Scrape
from tests.support.server import Exporter
from tests.support.waiting import wait_until

PATIENCE_SECONDS = 60.0
SECRET = "sesame-open"


class BotApi(ThreadingHTTPServer):
    """A bot that is healthy when the key is right, and calls back when it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.keys: list[str] = []

    @property
    def url(self) -> str:
        """Return where it is."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: BotApi

    def do_GET(self) -> None:
        key = self.headers.get("X-Key", "")
        self.server.keys.append(key)
        self._answer(200 if key == SECRET else 401, b'{"state": "ok"}')

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(202, b"")
        host, _, path = message["reply_to"].removeprefix("http://").partition("/")
        connection = http.client.HTTPConnection(host, timeout=10)
        connection.request("POST", f"/{path}", body=b"pong")
        connection.getresponse().read()
        connection.close()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def bot() -> Iterator[BotApi]:
    """Return a bot."""
    api = BotApi()
    thread = threading.Thread(target=api.serve_forever, daemon=True)
    thread.start()
    yield api
    api.shutdown()
    api.server_close()
    thread.join()


def settings(bot: BotApi, exporter: Exporter, *, more: str = "") -> str:
    """Return a configuration whose checks run every second."""
    often = "interval_seconds: 1s, timeout_seconds: 900ms, failures: 1"
    hook = '{method: POST, body: \'{"reply_to": "{{callback}}"}\'}'
    return f"""
bots: [{{name: desk}}]
probes:
  callback_url: http://127.0.0.1:{exporter.ingest_port}
  checks:
    - {{name: api, bot: desk, group: core, target: '{bot.url}/', {often},
       http: {{header_files: {{X-Key: key}}, json: [{{path: state, value: ok}}]}}}}
    - {{name: closed, target: '{bot.url}/', {often}, depends_on: [api], http: {{}}}}
    - {{name: beat, bot: desk, {often}, heartbeat: {{within_seconds: 600}}}}
    - {{name: hook, target: '{bot.url}/', {often}, webhook: {hook}}}
{more}
"""


def write_key(directory: Path) -> None:
    """Put the secret beside the configuration."""
    (directory / "key").write_text(SECRET)
    (directory / "key").chmod(0o600)


def state(scrape: Scrape, probe: str) -> str:
    """Return the state that is shown."""
    return next(
        dict(labels)["state"]
        for (name, labels), value in scrape.values.items()
        if name == "bot_probe_state" and dict(labels)["probe"] == probe and value == 1
    )


def test_checks_run_and_are_shown(tmp_path: Path, bot: BotApi, promtool: Path) -> None:
    """States, reasons, facts; new checks by reload; the secret nowhere but in the request."""
    exporter = Exporter(tmp_path)
    exporter.config.write_text(settings(bot, exporter))
    write_key(tmp_path)
    with exporter:
        assert 202 == Door(exporter, promtool).post(one("heartbeat", bot="desk")).status
        wanted = {"api": "up", "closed": "down", "beat": "up", "hook": "up"}
        wait_until(
            lambda: wanted == {name: state(exporter.scrape(promtool), name) for name in wanted},
            seconds=PATIENCE_SECONDS,
            what="every check has its state",
        )

        scrape = exporter.scrape(promtool)
        failures = {"probe": "closed", "reason": "authentication"}
        assert 0 < scrape.value("bot_probe_failures_total", **failures)
        assert 0 < scrape.value("bot_probe_auth_failures_total", probe="closed")
        assert 0 == scrape.value("bot_probe_dependency_down", probe="closed")
        more = "    - {name: late, target: '127.0.0.1:1', tcp: {}, failures: 1}"
        exporter.config.write_text(settings(bot, exporter, more=more))
        os.kill(exporter.pid, signal.SIGHUP)
        wait_until(
            lambda: "late" in exporter.get("/metrics")[1].decode(),
            seconds=PATIENCE_SECONDS,
            what="the new check is shown",
        )
        assert "up" == state(exporter.scrape(promtool), "api")
        exposed = exporter.get("/metrics")[1].decode()

    assert SECRET in bot.keys
    assert SECRET not in exposed
    assert SECRET not in exporter.output.read_text()


def test_a_probe_on_request_reaches_what_is_opened(tmp_path: Path, bot: BotApi) -> None:
    """Without an allow-list the neighbours are not reached; with one they are."""
    module = "modules: {keyed: {http: {header_files: {X-Key: key}}}}"
    allow = f"allow: ['127.0.0.1:{bot.server_port}']"
    write_key(tmp_path)
    query = f"/probe?module=keyed&debug=true&target={quote(bot.url, safe='')}"
    answers = []
    for line in (module, f"{module}\n  {allow}"):
        exporter = Exporter(tmp_path, settings=f"probes:\n  {line}\n")
        with exporter:
            answers.append(exporter.get(query)[1].decode())

    assert "probe_success 0" in answers[0]
    assert 'reason="address_refused"' in answers[0]
    assert "probe_success 1" in answers[1]
    assert [SECRET] == bot.keys
    assert SECRET not in answers[1]


def test_hanging_checks_do_not_keep_the_exporter_from_stopping(tmp_path: Path) -> None:
    """A stop waits for nobody outside."""
    checks = "\n".join(
        f"    - {{name: p{i}, target: '192.0.2.{i}:80', timeout_seconds: 60, tcp: {{}}}}"
        for i in range(1, 50)
    )
    with Exporter(tmp_path, settings=f"probes:\n  checks:\n{checks}\n") as exporter:
        wait_until(
            lambda: b"bot_exporter_probes_running 0\n" not in exporter.get("/metrics")[1],
            seconds=PATIENCE_SECONDS,
            what="checks are under way",
        )
        began = time.monotonic()
        exporter.ask_to_stop()
        code = exporter.wait()

    assert 0 == code
    assert time.monotonic() - began < PATIENCE_SECONDS / 2
