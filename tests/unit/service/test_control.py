"""The control socket: private, answers commands, and outlives its own crashes."""

import asyncio
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from exporter.config.reload import ReloadOutcome, ReloadResult
from exporter.ingest.auth import digest
from exporter.ingest.http_faults import FaultLog
from exporter.model.access import Scope
from exporter.model.errors import Problem, StorageError
from exporter.model.ports import TokenRecord
from exporter.service import unix
from exporter.service.control import LARGEST_BODY, ControlServer
from exporter.store.tokens import SqliteTokens

from .log_capture import Capture

RELOADED = ReloadResult(outcome=ReloadOutcome.SUCCESS, changed=("logging.level",))


class Brittle(SqliteTokens):
    """Token records on a disk that can fail."""

    failure: StorageError | None = None

    def records(self) -> list[TokenRecord]:
        if self.failure:
            raise self.failure
        return list(super().records())


class Rig:
    """A control server with everything around it."""

    def __init__(self, folder: Path) -> None:
        self.capture = Capture()
        self.path = folder / "control.sock"
        self.tokens = Brittle(folder / "operations.sqlite")
        self.refreshes = 0
        self.is_ready = True
        self.result = RELOADED

    async def refresh(self) -> None:
        self.refreshes += 1

    def server(self) -> ControlServer:
        """Return a server that was not started."""
        return ControlServer(
            self.path,
            tokens=self.tokens,
            refresh=self.refresh,
            reload=lambda: self.result,
            is_ready=lambda: self.is_ready,
            faults=FaultLog(self.capture.log, self.capture.clock),
            log=self.capture.log,
            clock=self.capture.clock,
        )

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Return status and decoded body of one request."""
        connector = aiohttp.UnixConnector(str(self.path))
        async with (
            aiohttp.ClientSession("http://localhost", connector=connector) as session,
            session.request(method, path, json=body) as response,
        ):
            return response.status, await response.json()


@asynccontextmanager
async def serving(rig: Rig) -> AsyncIterator[Rig]:
    """Serve for the length of a block."""
    server = rig.server()
    await server.start()
    try:
        yield rig
    finally:
        await server.stop()
        rig.tokens.close()


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """Return a rig whose server runs."""
    async with serving(Rig(tmp_path)) as started:
        yield started


async def test_a_token_is_created_and_takes_effect_at_once(rig: Rig) -> None:
    """The secret is in the answer, its digest in the store, and the doorman has been told."""
    wanted = {"name": "shop", "scopes": ["ingest", "backfill"], "bots": ["shop-bot"]}

    status, issued = await rig.ask("POST", "/control/tokens", wanted)

    (record,) = rig.tokens.records()
    assert (201, 1) == (status, rig.refreshes)
    assert digest(issued["token"]) == record.digest
    assert {Scope.INGEST, Scope.BACKFILL} == record.scopes
    assert {"shop-bot"} == record.bots


async def test_a_token_without_wishes_may_send_events_of_every_bot_for_ever(rig: Rig) -> None:
    """The common case needs no flags."""
    _, issued = await rig.ask("POST", "/control/tokens", {"name": "shop"})

    view = issued["view"]
    assert (["ingest"], [], None, "active") == (
        view["scopes"],
        view["bots"],
        view["expires_at"],
        view["state"],
    )


async def test_tokens_are_listed_without_secrets(rig: Rig) -> None:
    """Active, expired and revoked ones, oldest first."""
    for name in ("old", "short", "new"):
        lifetime = 60.0 if name == "short" else None
        await rig.ask("POST", "/control/tokens", {"name": name, "lifetime_seconds": lifetime})
        rig.capture.clock.advance(30)
    await rig.ask("DELETE", "/control/tokens/old")

    _, listed = await rig.ask("GET", "/control/tokens")

    states = {view["name"]: view["state"] for view in listed["tokens"]}
    assert {"old": "revoked", "short": "expired", "new": "active"} == states
    assert "digest" not in str(listed)
    assert "bo_" not in str(listed)


async def test_the_secret_of_a_token_is_never_logged(rig: Rig) -> None:
    """The act is noted, with the name."""
    _, issued = await rig.ask("POST", "/control/tokens", {"name": "shop"})
    await rig.ask("DELETE", "/control/tokens/shop")

    assert ["token_created", "token_revoked"] == [line["event"] for line in rig.capture.objects]
    assert issued["token"] not in rig.capture.text


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"name": ""},
        {"name": "two words"},
        {"name": "../x"},
        {"name": "x" * 65},
        {"name": "x\n"},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["root"]},
        {"name": "x", "bots": [":x"]},
        {"name": "x", "lifetime_seconds": -1},
        {"name": "x", "expires": 1},
        [],
    ],
)
async def test_an_impossible_wish_is_refused_with_the_reason(rig: Rig, wish: object) -> None:
    """400, a message, and nothing stored."""
    status, answer = await rig.ask("POST", "/control/tokens", wish)

    assert (400, "malformed") == (status, answer["error"])
    assert answer["message"]
    assert not rig.tokens.records()


async def test_a_second_active_token_of_a_name_is_refused(rig: Rig) -> None:
    """Revoking would otherwise be ambiguous."""
    await rig.ask("POST", "/control/tokens", {"name": "shop"})

    status, answer = await rig.ask("POST", "/control/tokens", {"name": "shop"})

    assert (409, "name_taken") == (status, answer["error"])


async def test_a_revoked_name_can_be_used_again(rig: Rig) -> None:
    """Rotation keeps its name."""
    await rig.ask("POST", "/control/tokens", {"name": "shop"})
    await rig.ask("DELETE", "/control/tokens/shop")

    status, _ = await rig.ask("POST", "/control/tokens", {"name": "shop"})

    assert 201 == status


async def test_revoking_nothing_is_an_error(rig: Rig) -> None:
    """A typing mistake must not look like a success."""
    status, answer = await rig.ask("DELETE", "/control/tokens/ghost")

    assert (404, "no_such_token") == (status, answer["error"])


async def test_a_broken_disk_is_an_answer(rig: Rig) -> None:
    """503 with the reason; the socket lives on."""
    rig.tokens.failure = StorageError("operations.sqlite: disk I/O error; check the disk")

    answers = [
        await rig.ask("GET", "/control/tokens"),
        await rig.ask("POST", "/control/tokens", {"name": "shop"}),
    ]

    assert [503, 503] == [status for status, _ in answers]
    assert "check the disk" in answers[0][1]["message"]


async def test_a_token_counts_as_created_when_only_the_refresh_failed(tmp_path: Path) -> None:
    """It is on disk; its secret must not be lost, and the next refresh brings it into force."""
    rig = Rig(tmp_path)

    async def fail() -> None:
        raise StorageError("operations.sqlite: locked")

    rig.refresh = fail  # type: ignore[method-assign]
    async with serving(rig):
        status, issued = await rig.ask("POST", "/control/tokens", {"name": "shop"})

    assert 201 == status
    assert issued["token"].startswith("bo_")


async def test_a_reload_tells_what_changed(rig: Rig) -> None:
    """The same as on the internal listener."""
    status, answer = await rig.ask("POST", "/-/reload")

    assert (200, ["logging.level"]) == (status, answer["changed"])


async def test_a_bad_reload_lists_the_problems(rig: Rig) -> None:
    """One per line, with file and line."""
    problem = Problem(file="config.yml", line=3, path="bots[0].name", message="is missing")
    rig.result = ReloadResult(outcome=ReloadOutcome.FAILURE, problems=(problem,) * 2)

    status, answer = await rig.ask("POST", "/-/reload")

    assert (400, "\n".join([str(problem)] * 2)) == (status, answer["message"])


async def test_being_alive_is_not_being_ready(rig: Rig) -> None:
    """While it starts, the exporter is alive only."""
    rig.is_ready = False

    assert 200 == (await rig.ask("GET", "/-/healthy"))[0]
    assert 503 == (await rig.ask("GET", "/-/ready"))[0]
    rig.is_ready = True
    assert 200 == (await rig.ask("GET", "/-/ready"))[0]


async def test_errors_of_http_are_json_as_well(rig: Rig) -> None:
    """Unknown paths, wrong methods, bodies that are too large."""
    answers = [
        await rig.ask("GET", "/control/nothing"),
        await rig.ask("PUT", "/control/tokens", {}),
        await rig.ask("POST", "/control/tokens", {"name": "x" * LARGEST_BODY}),
    ]

    assert [404, 405, 413] == [status for status, _ in answers]
    assert all(answer["message"] for _, answer in answers)


async def test_the_socket_is_private(rig: Rig) -> None:
    """Whoever can open it may make tokens."""
    assert "0o600" == oct(stat.S_IMODE(rig.path.stat().st_mode))


async def test_stopping_removes_the_socket(tmp_path: Path) -> None:
    """Commands then know at once that nobody is there."""
    rig = Rig(tmp_path)
    async with serving(rig):
        assert rig.path.exists()

    assert not rig.path.exists()


async def test_stopping_leaves_the_socket_of_a_successor(tmp_path: Path) -> None:
    """During a hand-over the next process may be there already."""
    rig = Rig(tmp_path)
    async with serving(rig):
        rig.path.rename(tmp_path / "kept-so-that-the-inode-stays-in-use")
        successor = unix.listen(rig.path)

    assert rig.path.exists()
    successor.close()


async def test_a_leftover_of_a_crash_is_replaced(tmp_path: Path) -> None:
    """A killed process leaves the file, and the next start must not stumble over it."""
    rig = Rig(tmp_path)
    unix.listen(rig.path).close()
    assert rig.path.exists()

    async with serving(rig):
        status, _ = await rig.ask("GET", "/-/healthy")

    assert 200 == status


async def test_a_socket_somebody_listens_on_is_not_taken_away(rig: Rig) -> None:
    """Two processes on one storage directory are a mistake to be told."""
    with pytest.raises(StorageError, match="another process listens there"):
        await rig.server().start()

    assert 200 == (await rig.ask("GET", "/-/healthy"))[0]


async def test_a_file_that_is_no_socket_is_not_removed(tmp_path: Path) -> None:
    """It belongs to somebody."""
    rig = Rig(tmp_path)
    rig.path.write_text("precious")

    with pytest.raises(StorageError, match="is not a socket"):
        await rig.server().start()

    assert "precious" == rig.path.read_text()
    rig.tokens.close()


async def test_a_long_path_works(tmp_path: Path) -> None:
    """Socket addresses end at 107 bytes, storage paths do not."""
    folder = tmp_path / ("deep" * 30)
    folder.mkdir()
    rig = Rig(folder)

    server = rig.server()
    await server.start()
    try:
        probe = await asyncio.to_thread(unix.connect, rig.path, timeout_seconds=5)
        probe.close()
    finally:
        await server.stop()
        rig.tokens.close()

    assert not rig.path.exists()


async def test_a_server_that_never_started_can_be_stopped(tmp_path: Path) -> None:
    """A start that failed elsewhere stops everything in one way."""
    rig = Rig(tmp_path)

    await rig.server().stop()

    rig.tokens.close()
    assert not rig.path.exists()


def test_a_bound_socket_is_private_under_any_umask(tmp_path: Path) -> None:
    """The mode is that of the socket, not that of the process."""
    path = tmp_path / "a.sock"

    sock = unix.listen(path)

    assert socket.AF_UNIX == sock.family
    assert "0o600" == oct(stat.S_IMODE(path.stat().st_mode))
    sock.close()
