"""What talks over sockets runs on both event loops and on both ways through the door."""

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop

from .door import WAY


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Return the loops to run *item* on."""
    if item.path.name.startswith("test_http"):
        return {"asyncio": asyncio.SelectorEventLoop, "uvloop": uvloop.new_event_loop}
    return {"asyncio": asyncio.SelectorEventLoop}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of the door on both ways."""
    if metafunc.module.__name__.rpartition(".")[2] in {"test_http", "test_http_body"}:
        metafunc.parametrize("way", [True, False], ids=["short", "long"], indirect=True)


@pytest.fixture(autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send plain requests the short way, unless the test is run on the long one."""
    monkeypatch.setattr(WAY, "is_short", getattr(request, "param", True))
