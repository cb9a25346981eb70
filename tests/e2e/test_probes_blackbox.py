"""Verdicts and gauges agree with Debian's blackbox exporter on the same targets."""

import asyncio
import http.client
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.ports import free_ports
from tests.support.server import ROOT, Exporter
from tests.support.waiting import wait_until
from tests.unit.probes import evil
from tests.unit.probes.test_databases import name_server
from tests.unit.probes.test_tls import Authority

Values = dict[str, float]

START_SECONDS = 60.0
ANSWER_SECONDS = 30.0
DELAY_SECONDS = 0.4

THEIRS = """
modules:
  http:
    prober: http
    timeout: 2s
    http: {{preferred_ip_protocol: ip4, tls_config: {{ca_file: '{ca}'}}}}
  http_404: {{prober: http, timeout: 2s, http: {{valid_status_codes: [404]}}}}
  http_regex: {{prober: http, timeout: 2s, http: {{fail_if_body_not_matches_regexp: ['st.te']}}}}
  tcp: {{prober: tcp, timeout: 2s, tcp: {{preferred_ip_protocol: ip4}}}}
  tls:
    prober: tcp
    timeout: 2s
    tcp: {{preferred_ip_protocol: ip4, tls: true, tls_config: {{ca_file: '{ca}'}}}}
  dns: {{prober: dns, timeout: 2s, dns: {{query_name: shop.example, query_type: A}}}}
"""
OURS = """
probes:
  allow: [127.0.0.0/8, '::1/128']
  modules:
    http: {{timeout_seconds: 2s, http: {{redirects: 5, tls: {{ca_file: '{ca}'}}}}}}
    http_404: {{timeout_seconds: 2s, http: {{status: [404]}}}}
    http_regex: {{timeout_seconds: 2s, http: {{matches: ['st.te']}}}}
    tcp: {{timeout_seconds: 2s, tcp: {{}}}}
    tls: {{timeout_seconds: 2s, tls: {{ca_file: '{ca}'}}}}
    dns: {{timeout_seconds: 2s, dns: {{name: shop.example}}}}
"""


class Blackbox:
    """Debian's blackbox exporter."""

    def __init__(self, directory: Path, config: str) -> None:
        (self.web_port,) = free_ports(1)
        file = directory / "blackbox.yml"
        file.write_text(config)
        program = subprocess.check_output([ROOT / "tests/tools/fetch-blackbox.sh"], text=True)
        listen = f"--web.listen-address=127.0.0.1:{self.web_port}"
        with (directory / "blackbox.log").open("ab") as output:
            self._process = subprocess.Popen(
                [program.strip(), f"--config.file={file}", listen], stdout=output, stderr=output
            )

    def is_ready(self) -> bool:
        """Return whether it answers."""
        try:
            return fetch(self.web_port, "/-/healthy")[0] == http.client.OK
        except OSError:
            return False

    def kill(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


def fetch(port: int, path: str) -> tuple[int, str]:
    """Return status and text."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


class Pair:
    """The two exporters side by side."""

    def __init__(self, ours: int, theirs: int) -> None:
        self._ports = (ours, theirs)

    async def ask(self, module: str, target: str) -> tuple[Values, Values]:
        """Return what both say about *target*."""
        path = f"/probe?module={module}&target={quote(target, safe='')}"
        loop = asyncio.get_running_loop()
        answers = await asyncio.gather(
            *(loop.run_in_executor(None, fetch, port, path) for port in self._ports)
        )
        assert [200, 200] == [status for status, _ in answers], answers
        ours, theirs = (read(text) for _, text in answers)
        return ours, theirs


def read(text: str) -> Values:
    """Return the samples of an exposition."""
    families = text_string_to_metric_families(text)
    samples = (sample for family in families for sample in family.samples)
    return {",".join((s.name, *s.labels.values())): s.value for s in samples}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return somebody both trust."""
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Pair]:
    """Return both, running."""
    directory = tmp_path_factory.mktemp("pair")
    theirs = Blackbox(directory, THEIRS.format(ca=authority.file))
    try:
        wait_until(theirs.is_ready, seconds=START_SECONDS, what="blackbox answers")
        with Exporter(directory, settings=OURS.format(ca=authority.file)) as ours:
            yield Pair(ours.web_port, theirs.web_port)
    finally:
        theirs.kill()


async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer after a while."""
    await reader.readuntil(b"\r\n\r\n")
    waiting = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(DELAY_SECONDS, waiting.set_result, None)
    await waiting
    writer.write(evil.OK + b"Content-Length: 5\r\n\r\nslow!")
    await writer.drain()


GOOD = evil.answering("200 OK", body=b'{"state": "ok"}')
HTTP = [
    ("http", GOOD, 1),
    ("http", evil.answering("204 No Content"), 1),
    ("http", evil.answering("404 Not Found"), 0),
    ("http_404", evil.answering("404 Not Found"), 1),
    ("http_404", GOOD, 0),
    ("http_regex", GOOD, 1),
    ("http_regex", evil.answering("200 OK", body=b"other"), 0),
    ("http", evil.answering("500 Oh", body=b"oh"), 0),
    ("http", evil.answering("401 Who"), 0),
    ("http", evil.loop, 0),
    ("http", evil.hang, 0),
    ("http", evil.drip, 0),
    ("http", evil.drip_head, 0),
    ("http", evil.endless_headers, 0),
    ("http", evil.huge_header, 0),
    ("http", evil.promise_huge_body, 0),
    ("http", evil.huge_body, 0),
    ("http", evil.reset, 0),
    ("http", evil.reset_in_body, 0),
    ("http", evil.short_body, 0),
    ("http", evil.close_at_once, 0),
    ("http", evil.old_http, 0),
    ("http", evil.garbage, 0),
    ("http", slow, 1),
]
SAME = (
    "probe_http_status_code",
    "probe_http_version",
    "probe_http_ssl",
    "probe_http_content_length",
    "probe_http_uncompressed_body_length",
    "probe_failed_due_to_regex",
    "probe_ip_protocol",
)


@pytest.mark.parametrize(("module", "behaviour", "success"), HTTP)
async def test_verdicts_over_http_agree(
    pair: Pair, module: str, behaviour: evil.Behaviour, success: int
) -> None:
    """Whoever changes the exporter changes no alert; what an answer says is the same."""
    async with evil.serving(behaviour) as server:
        ours, theirs = await pair.ask(module, f"http://127.0.0.1:{server.port}/")

    assert (success, success) == (ours["probe_success"], theirs["probe_success"])
    if success:
        assert {name: theirs[name] for name in SAME} == {name: ours[name] for name in SAME}


async def test_timings_agree(pair: Pair) -> None:
    """The time a server thinks is found in the same phase."""
    async with evil.serving(slow) as server:
        ours, theirs = await pair.ask("http", f"http://127.0.0.1:{server.port}/")

    phase = "probe_http_duration_seconds,processing"
    for shown in (ours, theirs):
        assert DELAY_SECONDS * 0.9 < shown[phase] <= shown["probe_duration_seconds"]
        others = shown["probe_duration_seconds"] - shown[phase]
        assert others < ANSWER_SECONDS
    names = {name for name in theirs if name.startswith("probe_http_duration_seconds")}
    assert names == {name for name in ours if name.startswith("probe_http_duration_seconds")}


@pytest.mark.parametrize("module", ["tls", "http"])
@pytest.mark.parametrize("case", [("localhost", 9, 1), ("other", 9, 0), ("localhost", -1, 0)])
async def test_verdicts_over_tls_agree(
    pair: Pair, authority: Authority, module: str, case: tuple[str, int, int]
) -> None:
    """Names, dates and authorities; the expiry is the same to the second."""
    name, days, success = case
    expires = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
    context = authority.context(name, expires)
    async with evil.serving(GOOD, tls=context) as server:
        here = f"localhost:{server.port}"
        ours, theirs = await pair.ask(module, here if module == "tls" else f"https://{here}/")

    assert (success, success) == (ours["probe_success"], theirs["probe_success"])
    if success:
        for key in ("probe_ssl_earliest_cert_expiry", "probe_tls_version_info,TLS 1.3"):
            assert theirs[key] == ours[key]


async def test_verdicts_over_tcp_agree(pair: Pair) -> None:
    """A port that is open, and one that is not."""
    async with evil.serving(evil.hang) as server:
        open_ours, open_theirs = await pair.ask("tcp", f"127.0.0.1:{server.port}")
    shut_ours, shut_theirs = await pair.ask("tcp", f"127.0.0.1:{server.port}")

    assert (1, 1) == (open_ours["probe_success"], open_theirs["probe_success"])
    assert (0, 0) == (shut_ours["probe_success"], shut_theirs["probe_success"])


@pytest.mark.parametrize(
    ("how", "success"), [("good", 1), ("NXDOMAIN", 0), ("SERVFAIL", 0), ("silent", 0)]
)
async def test_verdicts_over_dns_agree(pair: Pair, how: str, success: int) -> None:
    """The answers of a name server."""
    async with name_server(how) as port:
        ours, theirs = await pair.ask("dns", f"127.0.0.1:{port}")

    assert (success, success) == (ours["probe_success"], theirs["probe_success"])
    assert theirs["probe_dns_answer_rrs"] == ours["probe_dns_answer_rrs"]
