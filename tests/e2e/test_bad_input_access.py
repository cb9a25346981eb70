"""Who may send what, over real sockets: the table of tokens."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from exporter.cli.token_access import token_access
from exporter.model.access import Scope
from exporter.model.layout import StorageLayout
from exporter.service.clock import SystemClock
from exporter.service.tokens import TokenRequest
from tests.e2e.bodies import one
from tests.e2e.door import Door, Wire, head
from tests.support.server import Exporter

SHOP = one("heartbeat", bot="shop")
BANK = one("heartbeat", bot="bank")
LONG_AGO = one("heartbeat", bot="shop", ts=1)
REQUESTS = (
    TokenRequest(name="everything", scopes=tuple(Scope)),
    TokenRequest(name="shop-only", bots=("shop",)),
    TokenRequest(name="old", scopes=(Scope.INGEST, Scope.BACKFILL)),
    *(TokenRequest(name=scope.value, scopes=(scope,)) for scope in Scope),
)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, promtool: Path) -> Iterator[Door]:
    """Return the door of an exporter that serves the whole module."""
    with Exporter(tmp_path_factory.mktemp("access")) as exporter:
        yield Door(exporter, promtool)


@pytest.fixture(scope="module")
def tokens(door: Door) -> Mapping[str, str]:
    """Return the secrets of tokens of every kind, made through the control socket."""
    with token_access(StorageLayout(door.exporter.storage), SystemClock()) as access:
        return {request.name: access.create(request).token for request in REQUESTS}


@pytest.fixture(autouse=True)
def _unharmed(door: Door) -> Iterator[None]:
    """After each test: the next event is taken, and the books are right."""
    yield
    door.check_unharmed()


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer bo_",
        "Bearer bo_" + "A" * 43,
        "Bearer " + "A" * 7000,
        "Bearer \xe9\xff\x80",
        "Bearer bo_\xd0\xbf\xd1\x80",
        "Bearer null",
        "Bearer ' OR 1=1 --",
        "Basic YW5uOnNlY3JldA==",
        "Digest username=ann",
        "Negotiate",
        "bo_token_without_scheme",
    ],
)
def test_a_credential_that_is_no_token_is_401(door: Door, credential: str) -> None:
    """Also one that is no ASCII; the answer says what to send, not what was wrong."""
    answer = door.post(SHOP, bearer=credential)

    assert (401, "unauthenticated") == (answer.status, answer.reason)
    assert "Bearer" == answer.headers["www-authenticate"]


def test_no_credential_at_all_is_401(door: Door) -> None:
    """Before the body is even looked at."""
    data = b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n"

    answer = door.exchange(data)

    assert (401, "unauthenticated") == (answer.status, answer.reason)


def test_two_credentials_are_none(door: Door) -> None:
    """A proxy and the exporter might each believe another one."""
    authorization = ("Authorization", f"Bearer {door.exporter.token()}")

    answer = door.post(SHOP, authorization, ("Authorization", "Bearer x"))

    assert answer.status in {400, 401}


def test_a_token_in_the_url_is_none(door: Door) -> None:
    """It would stand in the log of every proxy."""
    token = door.exporter.token()
    line = f"POST /v1/events?token={token}&access_token={token} HTTP/1.1"

    answer = door.exchange(f"{line}\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())

    assert 401 == answer.status


@pytest.mark.parametrize("bad", [lambda t: t[:-1], lambda t: t + "A", str.lower, str.swapcase])
def test_a_token_that_is_nearly_right_is_wrong(door: Door, bad: object) -> None:
    """Every letter counts."""
    assert callable(bad)

    assert 401 == door.post(SHOP, bearer=f"Bearer {bad(door.exporter.token())}").status


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_good_token_is_taken(door: Door, tokens: Mapping[str, str], scheme: str) -> None:
    """The name of the scheme has no case (RFC 9110 11.1)."""
    assert 202 == door.post(SHOP, bearer=f"{scheme} {tokens['everything']}").status


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope is not Scope.INGEST])
def test_every_other_scope_alone_is_403(
    door: Door, tokens: Mapping[str, str], scope: Scope
) -> None:
    """A token for reading must not write."""
    answer = door.post(SHOP, bearer=f"Bearer {tokens[scope.value]}")

    assert (403, "forbidden") == (answer.status, answer.reason)


@pytest.mark.parametrize(
    ("body", "status", "accepted", "reason"),
    [
        (SHOP, 202, 1, None),
        (BANK, 403, 0, "bot_not_allowed"),
        (b"[" + BANK + b"," + BANK + b"]", 403, 0, "bot_not_allowed"),
        (b"[" + BANK + b"," + SHOP + b"]", 202, 1, "bot_not_allowed"),
        (b"[" + BANK + b",{}]", 400, 0, "bot_not_allowed"),
    ],
)
def test_a_token_of_one_bot_sends_for_that_bot(
    door: Door, tokens: Mapping[str, str], body: bytes, status: int, *, accepted: int, reason: str
) -> None:
    """403 only when every event is of another bot."""
    answer = door.post(body, bearer=f"Bearer {tokens['shop-only']}")

    assert (status, reason) == (answer.status, answer.reason)
    assert accepted == answer.json()["accepted"]


@pytest.mark.parametrize(("name", "reason"), [("ingest", "too_old"), ("old", "no_event_store")])
def test_old_events_need_a_scope_and_a_store(
    door: Door, tokens: Mapping[str, str], name: str, reason: str
) -> None:
    """They never move a counter."""
    answer = door.post(LONG_AGO, bearer=f"Bearer {tokens[name]}")

    assert (400, reason) == (answer.status, answer.reason)


def test_a_revoked_token_is_401_at_once(door: Door) -> None:
    """And its like goes on: two tokens of a client allow a rotation without a gap."""
    with token_access(StorageLayout(door.exporter.storage), SystemClock()) as access:
        old, new = (
            access.create(TokenRequest(name=f"client-{part}")).token for part in ("old", "new")
        )
        before = door.post(SHOP, bearer=f"Bearer {old}").status
        access.revoke("client-old")

    after = [door.post(SHOP, bearer=f"Bearer {token}").status for token in (old, new)]

    assert (202, [401, 202]) == (before, after)


def test_a_token_that_expired_is_401(door: Door) -> None:
    """Without anybody doing anything."""
    with token_access(StorageLayout(door.exporter.storage), SystemClock()) as access:
        request = TokenRequest(name="short", lifetime_seconds=0.001)
        token = access.create(request).token

    assert 401 == door.post(SHOP, bearer=f"Bearer {token}").status


def test_the_tables_of_tokens_hold_no_secret(door: Door, tokens: Mapping[str, str]) -> None:
    """Only digests are stored; the first token's file is for its owner."""
    first = door.exporter.storage / "ingest.token"
    stored = b"".join(
        path.read_bytes()
        for path in door.exporter.storage.rglob("*")
        if path.is_file() and path != first
    )

    assert [] == [name for name, token in tokens.items() if token.encode() in stored]
    assert door.exporter.token().encode() not in stored
    assert 0o600 == first.stat().st_mode & 0o777
    door.check_text()


def test_where_no_token_is_required_only_a_wrong_one_is_refused(tmp_path: Path) -> None:
    """For a closed network; a wrong token is a mistake there as well."""
    with Exporter(tmp_path, settings="ingest: {require_token: false}\n") as exporter:
        statuses = []
        for authorization in ([], [("Authorization", "Bearer bo_wrong")]):
            length = ("Content-Length", str(len(SHOP)))
            with Wire(exporter.ingest_port) as wire:
                start = head("POST /v1/events HTTP/1.1", ("Host", "x"), length, *authorization)
                wire.send(start + SHOP)
                statuses.append(wire.read().status)

    assert [202, 401] == statuses
