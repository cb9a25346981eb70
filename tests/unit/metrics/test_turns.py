"""Turns: a user's message and the first answer of its conversation: `exporter.metrics.turns`."""

from typing import Any, NamedTuple

import pytest

from exporter.metrics.engine import EngineSettings
from exporter.metrics.state import freeze

from .world import World, answer, message

LABELS = '{bot="shop",platform="web"}'


class Level(NamedTuple):
    """The service level of a bot: turns, failures, answers in time and their total duration."""

    turns: float
    failures: float
    answered: float
    seconds: float


def level(world: World, labels: str = LABELS) -> Level:
    """Return the service level that the page shows."""
    series = world.series()
    return Level(
        series[f"bot_turns_total{labels}"],
        series[f"bot_turn_failures_total{labels}"],
        series[f"bot_response_duration_seconds_count{labels}"],
        series[f"bot_response_duration_seconds_sum{labels}"],
    )


def late(world: World) -> float:
    """Return how many messages arrived too late to make a turn."""
    return world.series()['bot_sli_late_events_total{bot="shop"}']


def test_an_answer_ends_the_turn_of_its_conversation() -> None:
    """The response time is the difference of the stamps; on a bound it belongs to its bucket."""
    world = World()

    world.send(message(at=0.0), now=1.0)
    world.send(answer(at=2.0), now=4.0)

    assert Level(1, 0, 1, 2.0) == level(world)
    bucket = 'bot_response_duration_seconds_bucket{bot="shop",platform="web",le='
    assert 0 == world.series()[f'{bucket}"1.0"}}']
    assert 1 == world.series()[f'{bucket}"2.0"}}']


def test_a_failed_answer_makes_the_turn_fail() -> None:
    """A failure has no response time; a shrug is an answer."""
    failed, shrugged = World(), World()

    failed.send(message(at=0.0), answer(at=1.0, status="failed"))
    shrugged.send(message(at=0.0), answer(at=1.0, status="fallback"))

    assert Level(1, 1, 0, 0) == level(failed)
    assert Level(1, 0, 1, 1) == level(shrugged)


@pytest.mark.parametrize(
    ("now", "expected"), [(59.999, Level(1, 0, 1, 3.0)), (60.0, Level(1, 1, 0, 0.0))]
)
def test_a_turn_fails_at_exactly_sixty_seconds(now: float, expected: Level) -> None:
    """The time-out runs on log time: an answer that comes through the log at 60 s is late."""
    world = World()
    world.send(message(at=0.0), now=0.0)

    world.send(answer(at=3.0), now=now)

    assert expected == level(world)


def test_time_alone_ends_a_turn() -> None:
    """Nobody needs to send anything for an unanswered message to fail."""
    world = World()
    world.send(message(at=0.0), now=0.0)

    world.live.advance(59.999)
    waiting = level(world), len(world.live.turns)
    world.live.advance(60.0)

    assert (Level(0, 0, 0, 0), 1) == waiting
    assert (Level(1, 1, 0, 0), 0) == (level(world), len(world.live.turns))


@pytest.mark.parametrize(
    ("at", "expected"), [(60.0, Level(1, 0, 1, 60.0)), (60.001, Level(1, 1, 0, 0.0))]
)
def test_an_answer_that_came_too_late_fails_though_it_is_uploaded_in_time(
    at: float, expected: Level
) -> None:
    """A bot that sends its events in batches is measured by its own stamps; 60 s is in time."""
    world = World()

    world.send(message(at=0.0), answer(at=at), now=61.0)

    assert expected == level(world)


def test_one_answer_ends_all_open_turns_of_the_conversation() -> None:
    """Users write in several messages; each of them waited for its own time."""
    world = World()

    world.send(message(at=0.0), message(at=2.0), message(at=3.0), now=3.0)
    world.send(answer(at=5.0), now=5.0)

    assert Level(3, 0, 3, 5.0 + 3.0 + 2.0) == level(world)


def test_a_second_answer_ends_no_turn() -> None:
    """Bots answer in several messages, too; the first one counts."""
    world = World()

    world.send(message(at=0.0), answer(at=1.0), answer(at=2.0), answer(at=3.0))

    assert Level(1, 0, 1, 1.0) == level(world)


def test_each_turn_times_out_by_itself() -> None:
    """An older message of the same conversation does not drag a newer one along."""
    world = World()
    world.send(message(at=0.0), now=0.0)
    world.send(message(at=40.0), now=40.0)

    world.live.advance(60.0)
    world.send(answer(at=61.0), now=61.0)

    assert Level(2, 1, 1, 21.0) == level(world)


@pytest.mark.parametrize("same_frame", [True, False])
def test_an_answer_may_arrive_before_its_question(*, same_frame: bool) -> None:
    """Two processes of a bot deliver independently; their stamps decide."""
    world = World()

    world.send(answer(at=3.0), now=3.0)
    world.send(message(at=1.0), now=3.0 if same_frame else 20.0)

    assert Level(1, 0, 1, 2.0) == level(world)


def test_an_early_answer_keeps_what_it_says() -> None:
    """Its own response time and its failure count as if it had come in order."""
    timed, failed = World(), World()

    timed.send(answer(at=3.0, response_seconds=0.5), message(at=1.0))
    failed.send(answer(at=3.0, status="failed"), message(at=1.0))

    assert Level(1, 0, 1, 0.5) == level(timed)
    assert Level(1, 1, 0, 0) == level(failed)


def test_an_early_answer_is_remembered_for_sixty_seconds() -> None:
    """After that the question waits for another one."""
    world = World()

    world.send(answer(at=3.0), now=3.0)
    world.send(message(at=1.0), now=63.0)

    assert Level(0, 0, 0, 0) == level(world)
    assert 1 == len(world.live.turns)


def test_an_early_answer_ends_one_turn_only() -> None:
    """It answered what was asked; the next question waits."""
    world = World()

    world.send(answer(at=3.0), message(at=1.0), message(at=2.0), now=3.0)

    assert Level(1, 0, 1, 2.0) == level(world)
    assert 1 == len(world.live.turns)


def test_a_message_of_the_bot_on_its_own_accord_answers_nothing() -> None:
    """A reminder before the question is no answer to it."""
    world = World()

    world.send(answer(at=0.0), now=0.0)
    world.send(message(at=5.0), now=5.0)
    waiting = level(world)
    world.send(answer(at=6.0), now=6.0)

    assert Level(0, 0, 0, 0) == waiting
    assert Level(1, 0, 1, 1.0) == level(world)


def test_a_reminder_of_the_same_second_answers_nothing_that_comes_after_it() -> None:
    """Coarse clocks give both one stamp; then the order of arrival decides."""
    before, after = World(), World()

    before.send(answer(at=5.0), message(at=5.0))
    after.send(message(at=5.0), answer(at=5.0))

    assert (Level(0, 0, 0, 0), 1) == (level(before), len(before.live.turns))
    assert (Level(1, 0, 1, 0.0), 0) == (level(after), len(after.live.turns))


def test_a_message_that_the_bot_sent_before_the_question_does_not_end_its_turn() -> None:
    """It arrived later, but it was stamped earlier."""
    world = World()

    world.send(message(at=10.0), now=10.0)
    world.send(answer(at=9.0), now=11.0)

    assert Level(0, 0, 0, 0) == level(world)
    assert 1 == len(world.live.turns)


def test_the_bot_may_measure_the_response_time_itself() -> None:
    """Its own measurement wins over the stamps, and 60 s is the limit of it as well."""
    quick, slow = World(), World()

    quick.send(message(at=0.0), answer(at=9.0, response_seconds=0.25))
    slow.send(message(at=0.0), answer(at=1.0, response_seconds=60.5))

    assert Level(1, 0, 1, 0.25) == level(quick)
    assert Level(1, 1, 0, 0) == level(slow)


@pytest.mark.parametrize(
    ("seconds", "turns", "lates"), [(900.0, 1, 0), (900.001, 0, 1), (86_400.0, 0, 1)]
)
def test_messages_more_than_fifteen_minutes_late_make_no_turn(
    seconds: float, turns: int, lates: int
) -> None:
    """They are counted as late; a backlog must not look like an outage."""
    world = World()

    world.send(message(at=0.0), now=seconds)

    assert turns == len(world.live.turns)
    assert lates == late(world)


def test_a_late_answer_ends_no_turn_and_is_counted() -> None:
    """Answers are late by the same rule."""
    world = World()
    world.send(message(at=0.0), now=1_000.0 - 100.0)

    world.send(answer(at=1.0), now=910.0)

    assert 1 == late(world)
    assert 1 == len(world.live.turns)


def test_a_message_from_the_future_is_not_late() -> None:
    """The door allows an hour of clock skew."""
    world = World()

    world.send(message(at=3_600.0), answer(at=3_601.0), now=0.0)

    assert Level(1, 0, 1, 1.0) == level(world)
    assert 0 == late(world)


@pytest.mark.parametrize(
    "names",
    [{"session": "s"}, {"user": "u"}, {"session": "s", "user": "u"}],
    ids=["session", "user", "both"],
)
def test_without_a_conversation_the_session_or_user_names_it(names: dict[str, str]) -> None:
    """Bots that know no conversations have a service level, too."""
    world = World()

    world.send(message(None, at=0.0, **names), answer(None, at=1.0, **names))

    assert Level(1, 0, 1, 1.0) == level(world)


def test_messages_of_nobody_make_no_turn() -> None:
    """Without any identifier no answer could be told from another; the message counts."""
    world = World()

    world.send(message(None, at=0.0), answer(None, at=1.0))
    world.live.advance(60.0)

    assert Level(0, 0, 0, 0) == level(world)
    assert 1 == world.series()[f"bot_messages_received_total{LABELS}"]


def test_conversations_and_bots_do_not_answer_for_each_other() -> None:
    """A turn belongs to one conversation of one bot."""
    world = World()

    world.send(message("a", at=0.0), answer("b", at=1.0), answer("a", at=1.0, bot="help"))

    assert Level(0, 0, 0, 0) == level(world)
    assert 1 == len(world.live.turns)


def test_a_turn_counts_for_the_platform_of_the_question() -> None:
    """Where the user waited is where the service failed or not."""
    world = World()

    world.send(message(at=0.0, platform="voice"), answer(at=1.0, platform="web"))

    assert Level(1, 0, 1, 1.0) == level(world, '{bot="shop",platform="voice"}')
    assert Level(0, 0, 0, 0) == level(world)


def test_a_turn_of_a_bot_beyond_the_limit_counts_under_other() -> None:
    """The service level of all bots together stays exact."""
    world = World()
    world.limit(labels={"bot": 0})

    world.send(message(at=0.0), answer(at=1.0), message(at=2.0))
    world.live.advance(60.0)

    assert Level(2, 1, 1, 1.0) == level(world, '{bot="_other",platform="web"}')


def test_a_time_out_of_its_own_may_be_configured() -> None:
    """Voice bots promise more than sixty seconds do."""
    world = World(settings=EngineSettings(turn_timeout_seconds=5.0, late_seconds=10.0))

    world.send(message("a", at=0.0), message("b", at=0.0), now=0.0)
    world.send(answer("a", at=4.0), now=4.0)
    world.live.advance(5.0)
    world.send(message("c", at=0.0), now=10.5)

    assert Level(2, 1, 1, 4.0) == level(world)
    assert 1 == late(world)


def steps() -> list[tuple[float, dict[str, Any]]]:
    """Return messages of which some are open, answered and early at any moment."""
    return [
        (0.0, message("a", at=0.0)),
        (5.0, message("b", at=5.0)),
        (6.0, answer("c", at=6.0, response_seconds=2.0)),
        (7.0, message("a", at=7.0)),
        (10.0, answer("b", at=9.0)),
        (30.0, message("c", at=3.0)),
        (62.0, answer("a", at=61.0)),
        (63.0, answer("b", at=63.0)),
    ]


@pytest.mark.parametrize("stop", range(9))
def test_open_turns_survive_a_restart_at_any_moment(stop: int) -> None:
    """The state holds all that the tracker needs to go on."""
    world = World()

    for now, event in steps()[:stop]:
        world.send(event, now=now)
    again = world.restarted()
    for now, event in steps()[stop:]:
        again.send(event, now=now)
    again.live.advance(200.0)

    assert Level(4, 1, 3, 4.0 + 2.0 + 54.0) == level(again)
    assert 0 == len(again.live.turns)


def test_an_open_turn_times_out_after_a_restart_as_well() -> None:
    """Nothing needs to come for it; the deadline is part of the state."""
    world = World()
    world.send(message("a", at=0.0), now=0.0)
    world.send(message("b", at=10.0), now=10.0)

    again = world.restarted()
    again.live.advance(60.0)

    assert (Level(1, 1, 0, 0), 1) == (level(again), len(again.live.turns))


def test_an_early_answer_is_forgotten_after_a_restart_as_well() -> None:
    """Its sixty seconds run on."""
    world = World()
    world.send(answer(at=3.0), now=3.0)

    again = world.restarted()
    again.live.advance(63.0)

    assert [] == again.live.turns.state()["answers"]


def test_it_does_not_matter_when_the_ticks_come() -> None:
    """Replay has none of them: a turn ends at its deadline, not when somebody looks."""
    ticking, silent = World(), World()
    for world in (ticking, silent):
        world.send(message(at=0.0), now=0.0)

    for now in (59.0, 61.0, 75.0, 100.0):
        ticking.live.advance(now)
    silent.live.advance(100.0)

    assert freeze(ticking.live) == freeze(silent.live)
