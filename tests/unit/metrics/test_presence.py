"""Who is here now: `exporter.metrics.presence`."""

import random

from exporter.metrics.engine import EngineSettings
from exporter.metrics.presence import Group, Presence

from .world import DAY, World, message

WEB = ("shop", "web")


def here(presence: Presence) -> dict[Group, int]:
    """Return how many are here."""
    return dict(presence.counts())


def active(world: World, what: str) -> dict[str, float]:
    """Return the gauges of a kind by their labels."""
    head = f"bot_active_{what}"
    return {n.removeprefix(head): v for n, v in world.series().items() if n.startswith(head)}


def test_who_was_seen_within_the_window_is_here() -> None:
    """The window is half-open: seen exactly its length ago is gone."""
    presence = Presence(10.0)
    presence.touch(WEB, "ann", 0.0)

    presence.expire(9.999)
    inside = here(presence)
    presence.expire(10.0)

    assert {WEB: 1} == inside
    assert {WEB: 0} == here(presence)


def test_being_seen_again_starts_the_window_anew() -> None:
    """Nobody counts twice, and the order of first sight does not matter."""
    presence = Presence(10.0)
    for who, now in (("ann", 0.0), ("ben", 1.0), ("ann", 5.0)):
        presence.touch(WEB, who, now)

    both = here(presence)
    presence.expire(11.0)

    assert {WEB: 2} == both
    assert {WEB: 1} == here(presence)


def test_leaving_counts_at_once() -> None:
    """Who says goodbye is gone; who was never here changes nothing."""
    presence = Presence(10.0)
    presence.touch(WEB, "ann", 0.0)

    presence.leave(WEB, "ann")
    presence.leave(WEB, "ann")
    presence.leave(("help", "web"), "ben")

    assert {WEB: 0} == here(presence)


def test_more_than_the_limit_are_not_followed() -> None:
    """Memory is bounded over all groups; those who are known stay known."""
    presence = Presence(10.0, most=2)
    for who in ("ann", "ben", "cat"):
        presence.touch(WEB, who, 0.0)
    presence.touch(WEB, "ann", 1.0)

    full = here(presence)
    presence.leave(WEB, "ben")
    presence.touch(("help", "web"), "cat", 2.0)

    assert {WEB: 2} == full
    assert {WEB: 1, ("help", "web"): 1} == here(presence)


def test_expiry_frees_places() -> None:
    """The limit bounds who is here, not who ever was."""
    presence = Presence(10.0, most=1)
    presence.touch(WEB, "ann", 0.0)

    presence.expire(10.0)
    presence.touch(WEB, "ben", 10.0)

    assert {WEB: 1} == here(presence)


def test_the_limit_holds_after_a_restart_as_well() -> None:
    """Who was restored takes a place."""
    presence, again = Presence(10.0), Presence(10.0, most=1)
    presence.touch(WEB, "ann", 0.0)

    again.restore(presence.state())
    again.touch(WEB, "ben", 1.0)

    assert {WEB: 1} == here(again)


def test_it_agrees_with_a_list_of_everything_that_happened() -> None:
    """A long random run equals a search through all that was seen, before and after a restart."""
    rng, presence = random.Random(7), Presence(20.0)
    last: dict[tuple[Group, str], float] = {}
    for step in range(2_000):
        now, who = step / 4, (("shop", rng.choice("ab")), rng.choice("pqrstuvw"))
        presence.expire(now)
        if rng.random() < 0.8:
            presence.touch(*who, now)
            last[who] = now
        else:
            presence.leave(*who)
            last.pop(who, None)
        if step % 100 == 0:
            state = presence.state()
            presence = Presence(20.0)
            presence.restore(state)

        expected = sum(now - seen < 20.0 for seen in last.values())

        assert expected == sum(here(presence).values())


def test_an_empty_group_stays_at_zero_until_it_is_dropped() -> None:
    """A gauge that disappears between two scrapes looks like a broken bot."""
    presence = Presence(10.0)
    presence.touch(WEB, "ann", 0.0)
    presence.expire(10.0)

    empty = here(presence)
    presence.drop_empty()

    assert {WEB: 0} == empty
    assert {} == here(presence)


def test_conversations_and_sessions_have_windows_of_their_own() -> None:
    """Five minutes for a conversation and thirty for a session."""
    world = World()
    world.send(message(at=0.0, session="s"), now=0.0)

    shown = []
    for now in (299.0, 300.0, 1_799.0, 1_800.0):
        world.live.advance(now)
        shown.append(
            (*active(world, "conversations").values(), *active(world, "sessions").values())
        )

    assert [(1, 1), (0, 1), (0, 1), (0, 0)] == shown


def test_windows_may_be_configured() -> None:
    """What counts as active is the operator's choice."""
    world = World(settings=EngineSettings(conversation_seconds=1.0, session_seconds=2.0))
    world.send(message(at=0.0, session="s"), now=0.0)

    world.live.advance(1.5)

    assert {'{bot="shop",platform="web"}': 0} == active(world, "conversations")
    assert {'{bot="shop",platform="web"}': 1} == active(world, "sessions")


def test_the_end_of_a_conversation_takes_it_away() -> None:
    """A session goes on after one of its conversations ended."""
    world = World()
    names = {"bot": "shop", "platform": "web", "conversation": "c", "session": "s"}
    world.send(message(at=0.0, session="s"), message("other", at=0.0, session="s"))

    world.send({"type": "conversation_ended", "outcome": "resolved", **names})

    assert {'{bot="shop",platform="web"}': 1} == active(world, "conversations")
    assert {'{bot="shop",platform="web"}': 1} == active(world, "sessions")


def test_the_same_name_on_two_platforms_is_two_conversations() -> None:
    """Also next to each other in one batch, and of two bots that share a namespace."""
    world = World()

    world.send(
        message(at=0.0, session="s"),
        message(at=0.0, session="s", platform="voice"),
        message(at=0.0, session="s", bot="help"),
    )

    expected = {
        '{bot="shop",platform="web"}': 1,
        '{bot="shop",platform="voice"}': 1,
        '{bot="help",platform="web"}': 1,
    }
    assert expected == active(world, "conversations")
    assert expected == active(world, "sessions")


def test_bots_and_platforms_beyond_their_limits_are_here_under_other() -> None:
    """Gauges obey the limits of the counters beside them."""
    world = World()
    world.limit(labels={"bot": 1, "platform": 1})

    world.send(
        message("a", at=0.0),
        message("b", at=0.0, platform="voice"),
        message("c", at=0.0, bot="help"),
        message("d", at=0.0, bot="care"),
    )

    assert {
        '{bot="shop",platform="web"}': 1,
        '{bot="shop",platform="_other"}': 1,
        '{bot="_other",platform="web"}': 2,
    } == active(world, "conversations")


def test_a_sweep_forgets_the_groups_in_which_nobody_is() -> None:
    """A platform that was given up leaves the page."""
    world = World()
    world.send(message(at=0.0, session="s"), now=0.0)

    world.control(DAY, op="sweep")

    assert {} == active(world, "conversations") == active(world, "sessions")
