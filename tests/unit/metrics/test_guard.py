"""Limits on label values, bots and rows: `exporter.metrics.guard`."""

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.catalog.builtin import CATALOG

from .world import World


def track(name: str, bot: str = "shop") -> dict[str, object]:
    """Return an event that counts under the open label `name`."""
    return {"type": "track", "bot": bot, "name": name}


def tracked(world: World) -> dict[str, float]:
    """Return the counts of `bot_tracked_total` by rendered labels."""
    head = "bot_tracked_total"
    return {n.removeprefix(head): v for n, v in world.series().items() if n.startswith(head)}


def test_values_beyond_the_limit_of_a_label_count_together() -> None:
    """The limit counts per bot; known values go on counting under their own name."""
    world = World()
    world.limit(labels={"name": 2})

    world.send(*map(track, ["a", "b", "c", "d", "a"]), track("c", bot="help"))

    assert {
        '{bot="shop",name="a"}': 2,
        '{bot="shop",name="b"}': 1,
        '{bot="shop",name="_other"}': 2,
        '{bot="help",name="c"}': 1,
    } == tracked(world)
    assert 2 == world.dropped("bot_tracked_total", "name")


def test_each_label_of_a_family_has_its_own_limit() -> None:
    """Only the value beyond its limit is lost; the other labels keep theirs."""
    world = World()
    world.limit(labels={"component": 1, "error": 2})

    for component, error in (("nlu", "Timeout"), ("db", "Timeout"), ("db", "Refused")):
        world.send({"type": "error", "bot": "shop", "component": component, "error": error})

    assert {
        'bot_errors_total{bot="shop",component="nlu",error="Timeout"}': 1,
        'bot_errors_total{bot="shop",component="_other",error="Timeout"}': 1,
        'bot_errors_total{bot="shop",component="_other",error="Refused"}': 1,
    } == world.moved()
    assert 2 == world.dropped("bot_errors_total", "component")
    assert 0 == world.dropped("bot_errors_total", "error")


def test_totals_stay_exact_whatever_bots_send() -> None:
    """The sum over all series equals the number of events, and the series stay few."""
    world, rng = World(), random.Random(1)
    sent: Counter[str] = Counter()

    for _ in range(100):
        events = [track(f"n{rng.randrange(5_000)}", f"b{rng.randrange(80)}") for _ in range(1_000)]
        sent.update(str(event["bot"]) for event in events)
        world.send(*events)

    counts = tracked(world)
    by_bot: Counter[str] = Counter()
    for labels, count in counts.items():
        by_bot[labels.split('"')[1]] += int(count)
    assert 100_000 == by_bot.total()
    assert 51 == len(by_bot)
    assert {bot: count for bot, count in by_bot.items() if bot != "_other"} == {
        bot: sent[bot] for bot in by_bot if bot != "_other"
    }
    assert len(counts) <= 51 * 101


@settings(max_examples=20)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), max_size=60),
    st.integers(0, 4),
    st.integers(0, 4),
    st.integers(0, 8),
)
def test_no_limit_ever_loses_an_event(
    events: list[tuple[int, int]], bots: int, names: int, rows: int
) -> None:
    """Every combination of limits, 0 included, keeps the total; bots still tell apart."""
    world = World()
    world.limit(labels={"bot": bots, "name": names}, bot_tracked_total=rows)

    world.send(*(track(f"n{name}", f"b{bot}") for bot, name in events))

    counts = tracked(world)
    assert len(events) == sum(counts.values())
    assert len({labels.split('"')[1] for labels in counts}) <= bots + 1
    # Beyond the family's limit there is one row more for each bot.
    assert len(counts) <= rows + bots + 1


def test_a_family_beyond_its_limit_counts_under_other() -> None:
    """Bots stay apart, and closed labels keep their values; the open ones are folded."""
    world = World()
    world.limit(bot_llm_request_failures_total=4)

    for model in ("m1", "m2"):
        world.send({"type": "llm_call", "bot": "shop", "model": model, "outcome": "error"})

    name = "bot_llm_request_failures_total"
    moved = {n: v for n, v in world.moved().items() if n.startswith(name)}
    assert {
        f'{name}{{bot="shop",model="m1",reason="error"}}': 1,
        f'{name}{{bot="shop",model="_other",reason="error"}}': 1,
    } == moved


def test_a_value_that_found_no_row_takes_no_place() -> None:
    """What is in use can be read off the rows; else a restart would decide otherwise."""
    world = World()
    world.limit(labels={"name": 2}, bot_tracked_total=1)
    world.send(track("a"), track("b"))
    world.limit(labels={"name": 2})

    world.send(track("c"))
    again = world.restarted()
    again.send(track("d"))
    world.send(track("d"))

    assert tracked(world) == tracked(again)
    assert 1 == tracked(world)['{bot="shop",name="c"}']


def test_bots_beyond_the_limit_count_together() -> None:
    """The limit of the label `bot` counts over all bots."""
    world = World()
    world.limit(labels={"bot": 2})

    world.send(*(track("a", bot) for bot in ("ann", "ben", "cat", "dan", "ann")))

    assert {
        '{bot="ann",name="a"}': 2,
        '{bot="ben",name="a"}': 1,
        '{bot="_other",name="a"}': 2,
    } == tracked(world)
    assert {"ann", "ben"} == world.live.guard.bots
    assert 2 == world.dropped("bot_tracked_total", "bot")


def test_registered_bots_have_a_place_beyond_the_limit() -> None:
    """Configuration wins: a registered bot takes no place from the bots on first sight."""
    world = World()
    world.limit(labels={"bot": 1})
    world.control(op="register", bots={"ann": [], "ben": []})

    world.send(*(track("a", bot) for bot in ("ann", "ben", "cat", "dan")))

    assert {
        '{bot="ann",name="a"}',
        '{bot="ben",name="a"}',
        '{bot="cat",name="a"}',
        '{bot="_other",name="a"}',
    } == set(tracked(world))


def test_a_bot_that_is_registered_no_more_takes_an_ordinary_place() -> None:
    """The same before and after a restart, or replay would count under other names."""
    world = World()
    world.limit(labels={"bot": 1})
    world.control(op="register", bots={"ann": [], "ben": []})
    world.control(op="register", bots={"ben": []})

    again = world.restarted()
    for each in (world, again):
        each.send(track("a", "cat"))

    assert tracked(world) == tracked(again)
    assert {'{bot="_other",name="a"}': 1} == tracked(world)


def test_a_lower_limit_leaves_the_series_that_exist() -> None:
    """A counter that is exposed never disappears because somebody lowered a limit."""
    world = World()
    world.send(track("a"), track("b"))

    world.limit(labels={"name": 1})
    world.send(track("b"), track("c"))

    assert {
        '{bot="shop",name="a"}': 1,
        '{bot="shop",name="b"}': 2,
        '{bot="shop",name="_other"}': 1,
    } == tracked(world)


def test_a_raised_limit_gives_new_values_their_own_series() -> None:
    """What was counted under `_other` stays there."""
    world = World()
    world.limit(labels={"name": 1})
    world.send(track("a"), track("b"))

    world.limit(labels={"name": 2})
    world.send(track("b"))

    assert {
        '{bot="shop",name="a"}': 1,
        '{bot="shop",name="b"}': 1,
        '{bot="shop",name="_other"}': 1,
    } == tracked(world)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("ann@example.com", "[masked]"),
        ("mail to ann@mail.example.org now", "mail to [masked] now"),
        ("https://example.com/reset?token=1", "[masked]"),
        ("ann@old.example@new.example", "[masked]"),
        ("ann@home@example.com", "[masked]"),
        ("see www.example.com", "see [masked]"),
        ("HTTP://EXAMPLE.COM", "[masked]"),
        ("one\nline", "one�line"),
        ("\x1b[31mred", "�[31mred"),
        ("left\u202eright", "left�right"),
        ("user@host", "user@host"),
        ("claude-3@20240620", "claude-3@20240620"),
        ("httpd", "httpd"),
        ("_other", "_other"),
    ],
)
def test_labels_show_neither_addresses_nor_control_characters(value: str, shown: str) -> None:
    """A label is on every screen and must not carry a person or break a line."""
    world = World()

    world.send(track(value), track(value))

    assert {f'{{bot="shop",name="{shown}"}}': 2} == tracked(world)


def test_an_address_is_masked_before_the_value_is_cut() -> None:
    """Cutting first would leave a part of it that looks like no address any more."""
    world = World()
    row = world.live.guard.row
    [table] = [t for t in world.live.tables if t.slots[0].metric.name == "bot_tracked_total"]

    row(table, ("shop", "x" * 115 + " ann@example.com"))

    [shown] = [key[1] for key in table.rows]
    assert "x" * 115 + " [masked]" == shown
    assert len(shown) <= 128


@settings(max_examples=200)
@given(st.text(min_size=1, max_size=64))
def test_no_control_character_reaches_a_label(value: str) -> None:
    """Whatever text an event carries, its label stays on one line and is never empty."""
    [table] = [t for t in WORLD.live.tables if t.slots[0].metric.name == "bot_goals_total"]
    table.rows.clear()
    table.texts.clear()

    WORLD.live.guard.row(table, ("shop", value))

    [shown] = [key[1] for key in table.rows]
    assert shown
    assert all(character.isprintable() or ord(character) > 0x9F for character in shown)


WORLD = World()


def test_the_table_tells_how_many_label_sets_it_holds_and_may_hold() -> None:
    """The families that share rows have the smallest of their limits."""
    world = World()
    world.limit(bot_revenue_total=7)

    world.send({"type": "refund", "bot": "shop", "amount": 1, "currency": "EUR"})

    series = {name: (rows, limit) for name, rows, limit in world.live.series()}
    assert (1, 7) == series["bot_purchases_total"] == series["bot_refunds_total"]
    assert (0, CATALOG.metric("bot_goals_total").max_series) == series["bot_goals_total"]
