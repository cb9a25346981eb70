"""The page to which messages link by default: `exporter.service.runbooks`."""

from base64 import b64encode
from hashlib import sha256

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from exporter.service.runbooks import Runbooks


async def test_the_runbooks_are_served_with_a_policy_that_lets_nothing_in() -> None:
    """The file in the package is the generated one; its style is allowed by its hash."""
    app = web.Application()
    Runbooks().add_to(app)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/runbooks")
        page, policy = await answer.text(), answer.headers["Content-Security-Policy"]

    style = page.partition("<style>")[2].partition("</style>")[0]
    hashed = b64encode(sha256(style.encode()).digest()).decode()
    assert 200 == answer.status
    assert f"style-src 'sha256-{hashed}'" in policy
    assert "default-src 'none'" in policy
    assert "<script" not in page
