"""Events that somebody is told of, through a real exporter that dies at the wrong moment."""

import base64
import hashlib
import hmac
import http.client
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server import Exporter
from tests.support.waiting import wait_until
from tests.unit.cli.running import HttpServer, Reply, http_server

KEY = b"k" * 24
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
SETTINGS = """
notifications:
  - {name: sales, events: [lead], url_file: sales.url, secret_file: sales.secret}
"""


@pytest.fixture
def sales() -> Iterator[HttpServer]:
    """Return somebody who wants to hear of leads."""
    with http_server(lambda _call: Reply(204)) as server:
        yield server


def send(exporter: Exporter, *events: dict[str, object]) -> int:
    """Send a batch and return the status."""
    connection = http.client.HTTPConnection("127.0.0.1", exporter.ingest_port, timeout=10)
    headers = {
        "Authorization": f"Bearer {exporter.token()}",
        "Content-Type": "application/json",
    }
    connection.request("POST", "/v1/events", json.dumps(events), headers)
    status = connection.getresponse().status
    connection.close()
    return status


def lead(number: int) -> dict[str, object]:
    """Return a lead with contact data."""
    return {
        "type": "lead",
        "id": f"lead-{number}",
        "bot": "shop",
        "platform": "web",
        "user": "ann",
        "email": "ann@example.org",
        "source": "ad",
    }


def test_an_accepted_lead_is_told_also_when_the_exporter_dies_right_after_it(
    tmp_path: Path, sales: HttpServer
) -> None:
    """Signed, at least once, always under the same id, and without anything personal."""
    for name, text in (("sales.url", f"{sales.url}/hook"), ("sales.secret", SECRET)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    with Exporter(tmp_path, settings=SETTINGS) as exporter:
        for number in range(5):
            assert 202 == send(exporter, lead(number), {"type": "goal", "bot": "shop"})
            exporter.restart_hard()
        assert 202 == send(exporter, lead(0))  # A repeat: nobody hears of it.

        def everybody_told() -> bool:
            return len({call.headers["webhook-id"] for call in sales.calls}) >= 5

        wait_until(everybody_told, seconds=60, what="five leads are told")
        assert 202 == send(exporter, lead(5))
        wait_until(
            lambda: len({call.headers["webhook-id"] for call in sales.calls}) == 6,
            seconds=30,
            what="the sixth is told",
        )

    for call in sales.calls:
        content = b"%b.%b." % (
            call.headers["webhook-id"].encode(),
            call.headers["webhook-timestamp"].encode(),
        )
        digest = base64.b64encode(hmac.digest(KEY, content + call.wire, hashlib.sha256))
        assert f"v1,{digest.decode()}" == call.headers["webhook-signature"]
        data = json.loads(call.wire)["data"]
        assert {"bot": "shop", "event": "lead", "platform": "web", "source": "ad"} == {
            name: value for name, value in data.items() if name != "number"
        }
        assert b"ann" not in call.wire
