"""What a token allows: `exporter.model.access`."""

import pytest

from exporter.model.access import Grant, Scope


@pytest.mark.parametrize("scope", Scope)
def test_a_token_allows_only_the_scopes_it_carries(scope: Scope) -> None:
    """Everything else is denied; no scope includes another."""
    grant = Grant("ci", frozenset({scope}))

    assert [scope] == [each for each in Scope if grant.allows(each)]


def test_a_token_without_scopes_allows_nothing() -> None:
    """An empty list is no wildcard."""
    assert not any(Grant("ci", frozenset()).allows(scope) for scope in Scope)


def test_a_token_without_bots_covers_every_bot() -> None:
    """The list of bots is optional."""
    grant = Grant("ci", frozenset({Scope.INGEST}))

    assert grant.covers("shop")
    assert grant.covers("")


def test_a_token_with_bots_covers_these_alone() -> None:
    """Names are compared whole and with their case."""
    grant = Grant("ci", frozenset({Scope.INGEST}), frozenset({"shop", "help"}))

    covered = [bot for bot in ("shop", "help", "Shop", "sho", "shopping", "") if grant.covers(bot)]

    assert ["shop", "help"] == covered


def test_covering_a_bot_gives_no_scope() -> None:
    """Scopes and bots are independent: both must allow what is asked."""
    grant = Grant("ci", frozenset({Scope.METRICS}), frozenset({"shop"}))

    assert grant.covers("shop")
    assert not grant.allows(Scope.INGEST)
