"""Bearer tokens: their form, their checks, and how soon a change takes effect."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from exporter.ingest.auth import Authenticator, digest, new_token, require
from exporter.model.access import Grant, Scope
from exporter.model.errors import StorageError
from exporter.model.ports import TokenRecord
from exporter.model.verdicts import Refusal, RefusedError

from .door import FakeTokens, ManualClock, token_record

TOKEN = "bo_" + "A" * 43


@pytest.fixture
def clock() -> ManualClock:
    """Return a clock that stands still."""
    return ManualClock()


@pytest.fixture
def tokens() -> FakeTokens:
    """Return a store with one ingest token named shop."""
    tokens = FakeTokens()
    tokens.add(token_record("shop", TOKEN, bots=frozenset({"shop-bot"})))
    return tokens


@pytest_asyncio.fixture
async def authenticator(tokens: FakeTokens, clock: ManualClock) -> AsyncIterator[Authenticator]:
    """Return an authenticator that has read the store once."""
    authenticator = Authenticator(tokens, clock)
    await authenticator.refresh()
    yield authenticator
    authenticator.close()


def refused(authenticator: Authenticator, header: str | None) -> str:
    """Return the message of the 401 that *header* gets."""
    with pytest.raises(RefusedError) as caught:
        authenticator.authenticate(header)
    assert Refusal.UNAUTHENTICATED is caught.value.refusal
    return caught.value.message


def test_a_token_has_a_prefix_and_256_random_bits() -> None:
    """The prefix is for secret scanners, the 43 characters for nobody to guess."""
    made = {new_token() for _ in range(1000)}

    assert 1000 == len(made)
    assert all(re.fullmatch(r"bo_[A-Za-z0-9_-]{43}", token) for token in made)


def test_the_digest_is_sha_256_of_the_whole_token() -> None:
    """The value is part of the storage format: it never changes."""
    expected = "06189e50fff921a7593486281daeca48dda85e813e62e457f54a21c84a4fd9bf"

    assert 32 == len(digest(TOKEN))
    assert expected == digest(TOKEN).hex()


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_a_valid_token_gets_its_grant(authenticator: Authenticator, scheme: str) -> None:
    """The scheme is case-insensitive (RFC 9110 11.1); the grant has the record's rights."""
    grant = authenticator.authenticate(f"{scheme} {TOKEN}")

    assert Grant("shop", frozenset({Scope.INGEST}), frozenset({"shop-bot"})) == grant


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        TOKEN,
        f"Basic {TOKEN}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN.lower()}",
        f"Bearer {TOKEN} {TOKEN}",
        f"Bearer {TOKEN},Bearer {TOKEN}",
        "Bearer bo_é",
        "Bearer \udcff\udcfe",
        "Bearer " + "x" * 100_000,
        "Bearer \0",
    ],
)
async def test_anything_else_is_unauthenticated(
    authenticator: Authenticator, header: str | None
) -> None:
    """Missing, malformed, unknown, not ASCII: always 401, never an exception of another kind."""
    message = refused(authenticator, header)

    assert TOKEN not in message


async def test_nobody_is_let_in_before_the_first_read(
    tokens: FakeTokens, clock: ManualClock
) -> None:
    """An authenticator that knows nothing trusts nobody."""
    authenticator = Authenticator(tokens, clock)

    refused(authenticator, f"Bearer {TOKEN}")


async def test_a_token_is_good_until_the_second_it_expires(
    tokens: FakeTokens, clock: ManualClock, authenticator: Authenticator
) -> None:
    """Validity is half-open: [created, expires)."""
    tokens.add(token_record("guest", "bo_guest", expires_at=clock.wall() + 60))
    await authenticator.refresh()

    clock.advance(59)
    grant = authenticator.authenticate("Bearer bo_guest")
    clock.advance(1)

    assert "guest" == grant.name
    refused(authenticator, "Bearer bo_guest")


async def test_a_revoked_token_is_refused_from_the_next_read_on(
    tokens: FakeTokens, clock: ManualClock, authenticator: Authenticator
) -> None:
    """Revocation needs no restart."""
    tokens.revoke("shop", at=clock.wall())
    await authenticator.refresh()

    refused(authenticator, f"Bearer {TOKEN}")


async def test_every_wrong_token_gets_the_same_answer(
    tokens: FakeTokens, clock: ManualClock, authenticator: Authenticator
) -> None:
    """Unknown, revoked and expired look alike: a thief does not learn that it was once good."""
    tokens.add(token_record("old", "bo_old", expires_at=clock.wall()))
    tokens.add(token_record("revoked", "bo_revoked", revoked_at=clock.wall()))
    await authenticator.refresh()

    messages = {
        refused(authenticator, f"Bearer {token}") for token in ("bo_none", "bo_old", "bo_revoked")
    }

    assert 1 == len(messages)


async def test_two_tokens_of_one_client_work_side_by_side(
    tokens: FakeTokens, authenticator: Authenticator
) -> None:
    """Rotation: add the new one, move the client, revoke the old one."""
    tokens.add(token_record("shop-2", "bo_second"))
    await authenticator.refresh()

    names = {
        authenticator.authenticate(header).name
        for header in (f"Bearer {TOKEN}", "Bearer bo_second")
    }

    assert {"shop", "shop-2"} == names


async def test_a_failing_store_keeps_the_last_known_tokens_valid(
    tokens: FakeTokens, authenticator: Authenticator
) -> None:
    """A busy database must not lock every bot out."""
    tokens.failure = StorageError("database is locked")

    with pytest.raises(StorageError):
        await authenticator.refresh()

    assert "shop" == authenticator.authenticate(f"Bearer {TOKEN}").name


async def test_the_background_task_reports_failures_and_goes_on(
    tokens: FakeTokens, clock: ManualClock, authenticator: Authenticator
) -> None:
    """One bad read delays a revocation until the next turn, and somebody hears of it."""
    failed = asyncio.Event()
    tokens.failure = StorageError("database is locked")

    def note(_error: StorageError) -> None:
        tokens.failure = None
        tokens.revoke("shop", at=clock.wall())
        failed.set()

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        task = group.create_task(authenticator.run(note, interval_seconds=0.001))
        await failed.wait()
        while True:
            try:
                authenticator.authenticate(f"Bearer {TOKEN}")
            except RefusedError:
                break
            await asyncio.sleep(0)
        task.cancel()


async def test_the_store_is_never_read_on_the_event_loop(clock: ManualClock) -> None:
    """A slow disk delays a refresh, not the requests."""
    threads: list[str] = []

    class Watched(FakeTokens):
        def records(self) -> Sequence[TokenRecord]:
            threads.append(threading.current_thread().name)
            return super().records()

    authenticator = Authenticator(Watched(), clock)
    await authenticator.refresh()
    authenticator.close()

    assert ["tokens_0"] == threads


async def test_without_required_tokens_only_a_missing_one_is_excused(tokens: FakeTokens) -> None:
    """``require_token: false`` admits anonymous senders; a wrong token is still a mistake."""
    anonymous = Grant("anonymous", frozenset({Scope.INGEST}))
    authenticator = Authenticator(tokens, ManualClock(), anonymous=anonymous)

    assert anonymous is authenticator.authenticate(None)
    refused(authenticator, "Bearer wrong")


@pytest.mark.parametrize("scope", list(Scope))
def test_a_grant_passes_for_its_own_scopes_only(scope: Scope) -> None:
    """Everything that is not granted is denied; the message names what is missing."""
    others = frozenset(Scope) - {scope}

    require(Grant("t", frozenset({scope})), scope)
    with pytest.raises(RefusedError, match=scope) as caught:
        require(Grant("t", others), scope)

    assert Refusal.FORBIDDEN is caught.value.refusal
