"""Rows that nobody touches leave, and what leaves with them: the operation `sweep`."""

from exporter.metrics.engine import IDLE_SECONDS

from .test_guard import track, tracked
from .world import DAY, World, answer, extended, message

ENDED = {"type": "conversation_ended", "bot": "shop", "platform": "web", "outcome": "resolved"}
QUEUE = {"type": "queue", "bot": "shop", "queue": "mail"}


def names(world: World, now: float, *starts: str) -> set[str]:
    """Return the series whose names begin so."""
    return {name for name in world.series(now) if name.startswith(starts)}


def test_an_idle_row_leaves_after_thirty_days() -> None:
    """Longer than any rule looks back; a second earlier it is still there."""
    world = World()
    world.send(track("a"), now=0.0)

    world.control(30 * DAY - 1.0, op="sweep")
    before = tracked(world)
    world.control(30 * DAY, op="sweep")

    assert 30 * DAY == IDLE_SECONDS
    assert {'{bot="shop",name="a"}': 1} == before
    assert {} == world.moved() == tracked(world)


def test_nothing_of_an_idle_bot_remains() -> None:
    """Its counters, their closed children and its gauges are all gone."""
    world = World()
    world.send(message(at=0.0), answer(at=1.0), QUEUE | {"depth": 1}, now=0.0)

    world.control(31 * DAY, op="sweep")

    assert {} == world.series(31 * DAY)
    assert frozenset() == world.live.guard.bots


def test_a_row_that_returns_starts_at_zero() -> None:
    """Prometheus knows a reset; it would not know a number from nowhere."""
    world = World()
    world.send(track("a"), track("a"), now=0.0)
    world.control(31 * DAY, op="sweep")

    world.send(track("a"), now=32 * DAY)

    assert {'{bot="shop",name="a"}': 1} == tracked(world)


def test_a_row_that_is_in_use_stays_with_its_count() -> None:
    """Only the idle ones leave."""
    world = World()
    world.send(track("a"), track("b"), now=0.0)
    world.send(track("b"), now=20 * DAY)

    world.control(31 * DAY, op="sweep")

    assert {'{bot="shop",name="b"}': 2} == tracked(world)


def test_values_whose_rows_left_free_their_places() -> None:
    """A limit bounds what is exposed, not what ever was."""
    world = World()
    world.limit(labels={"name": 1, "bot": 2})
    world.send(track("a"), track("a", bot="gone"), now=0.0)
    world.send(track("b"), now=20 * DAY)

    world.control(31 * DAY, op="sweep")
    world.send(track("c"), track("x", bot="new"), now=31 * DAY)

    assert {
        '{bot="shop",name="_other"}': 1,
        '{bot="shop",name="c"}': 1,
        '{bot="new",name="x"}': 1,
    } == tracked(world)


def test_rows_of_registered_bots_stay() -> None:
    """Alerts on a silent bot need its series; labels that only events bring leave."""
    world = World()
    world.control(op="register", bots={"shop": ["web"]})
    zeros = set(world.series())
    world.send(message(at=0.0), message(at=0.0, platform="fax"), track("a"), ENDED, now=0.0)

    world.control(31 * DAY, op="sweep")

    last = 'bot_last_event_timestamp_seconds{bot="shop"}'
    assert zeros | {last} == set(world.series())
    labels = '{bot="shop",platform="web"}'
    assert 1 == world.series()[f"bot_messages_received_total{labels}"]
    assert 1 == world.series()[f"bot_turn_failures_total{labels}"]


def test_a_bot_that_is_registered_no_more_leaves_when_it_is_idle() -> None:
    """Taking it out of the configuration does not delete anything at once."""
    world = World()
    world.control(0.0, op="register", bots={"shop": ["web"]})

    world.control(1.0, op="register", bots={})
    world.control(29 * DAY, op="sweep")
    before = len(world.series())
    world.control(31 * DAY, op="sweep")

    assert before
    assert {} == world.series()


def test_children_go_with_their_parent() -> None:
    """Zero rows were made because their parent was known; alone they mean nothing."""
    world = World()
    call = {"type": "llm_call", "bot": "shop"}
    world.send({**call, "model": "old"}, now=0.0)
    world.send({**call, "model": "new", "outcome": "error"}, now=20 * DAY)

    world.control(31 * DAY, op="sweep")

    kept = names(world, 0.0, "bot_llm")
    assert not [name for name in kept if 'model="old"' in name]
    assert 'bot_llm_tokens_total{bot="shop",model="new",direction="input"}' in kept


def test_children_stay_while_their_parent_is_in_use() -> None:
    """A failure that has not happened for a month is still known, at its count."""
    world = World()
    call = {"type": "llm_call", "bot": "shop", "model": "m"}
    world.send({**call, "outcome": "error"}, now=0.0)
    world.send(call, now=20 * DAY)

    world.control(31 * DAY, op="sweep")

    name = 'bot_llm_request_failures_total{bot="shop",model="m",reason='
    assert 1 == world.series()[f'{name}"error"}}']
    assert 0 == world.series()[f'{name}"timeout"}}']


def test_a_row_in_use_stays_though_its_parent_was_never_there() -> None:
    """Conversations may end on a platform on which no message was ever seen."""
    world = World()
    world.send(ENDED, ENDED, now=0.0)

    world.control(3_600.0, op="sweep")

    name = 'bot_conversations_ended_total{bot="shop",platform="web",outcome="resolved"}'
    assert 2 == world.series()[name]


def test_a_folded_row_in_use_stays() -> None:
    """A family beyond its limit counts under `_other`, which has no parent."""
    world = World()
    world.limit(bot_llm_request_failures_total=1)
    world.send({"type": "llm_call", "bot": "shop", "model": "m", "outcome": "error"}, now=0.0)

    world.control(3_600.0, op="sweep")

    name = "bot_llm_request_failures_total"
    assert {name: 1} == {
        n.partition("{")[0]: v for n, v in world.moved().items() if n.startswith(name)
    }


def test_an_idle_row_without_a_parent_leaves_as_well() -> None:
    """Nothing stays for ever."""
    world = World()
    world.send(ENDED, now=0.0)

    world.control(30 * DAY - 1.0, op="sweep")
    before = names(world, 0.0, "bot_conversations_ended")
    world.control(30 * DAY, op="sweep")

    assert before
    assert {} == world.series()


def test_a_metric_without_labels_leaves_and_returns() -> None:
    """It has one row, which belongs to no bot."""
    catalog = extended(
        metrics=[
            {
                "name": "own_beats_total",
                "type": "counter",
                "description": "D.",
                "event": "heartbeat",
            }
        ]
    )
    world = World(catalog)
    world.send({"type": "heartbeat", "bot": "shop"}, now=0.0)

    world.control(31 * DAY, op="sweep")
    gone = "own_beats_total" not in world.series()
    world.send({"type": "heartbeat", "bot": "shop"}, now=32 * DAY)

    assert gone
    assert 1 == world.series()["own_beats_total"]


def test_an_expiring_gauge_leaves_the_page_on_time() -> None:
    """It does not wait for the next sweep."""
    world = World()
    world.send({**QUEUE, "depth": 5}, now=0.0)

    shown = [
        world.series(now).get('bot_queue_depth{bot="shop",queue="mail"}')
        for now in (3_599.0, 3_600.0)
    ]

    assert [5, None] == shown


def test_a_sweep_removes_expired_gauges_and_frees_their_place() -> None:
    """A queue that was given up does not take a place for 30 days."""
    world = World()
    world.limit(labels={"queue": 1})
    world.send({**QUEUE, "depth": 5}, now=0.0)

    world.control(3_600.0, op="sweep")
    world.send({**QUEUE, "queue": "sms", "depth": 2}, now=3_600.0)

    assert 2 == world.series(3_600.0)['bot_queue_depth{bot="shop",queue="sms"}']


def test_each_expiring_gauge_has_an_age_of_its_own() -> None:
    """An old value must not stay because the gauge beside it was set again."""
    world = World()
    world.send({**QUEUE, "depth": 5, "oldest_seconds": 900}, now=0.0)

    world.send({**QUEUE, "depth": 0}, now=3_000.0)

    assert {'bot_queue_depth{bot="shop",queue="mail"}'} == names(world, 3_600.0, "bot_queue")


def test_a_gauge_that_is_set_in_time_stays() -> None:
    """Each setting starts the time to live anew, across sweeps."""
    world = World()
    world.send({**QUEUE, "depth": 5}, now=0.0)
    world.send({**QUEUE, "depth": 6}, now=3_000.0)

    world.control(3_600.0, op="sweep")

    assert 6 == world.series(6_599.0)['bot_queue_depth{bot="shop",queue="mail"}']


def test_an_operation_of_a_newer_version_changes_nothing() -> None:
    """The log may hold what this version does not know."""
    world = World()
    world.send(track("a"))
    before = world.page()

    world.control(op="fold", what="everything")

    assert before == world.page()
