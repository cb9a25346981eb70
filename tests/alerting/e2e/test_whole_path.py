"""From a bot's failing answer to the phone of the second line, and back to quiet."""

import pytest

from tests.alerting.fakes import MAIL, PAGERDUTY, SLACK, TELEGRAM, WEBHOOK
from tests.alerting.story import (
    BOTS,
    BURN,
    BURNING,
    DISLIKED,
    ESCALATION,
    FATAL,
    PAGES,
    PEOPLE,
    QUIET,
    SLOW,
    THUMBS,
    Story,
    play,
)
from tests.alerting.told import ack_links
from tests.support.pairs import PAIRS

pytestmark = [pytest.mark.alerting_e2e, pytest.mark.timeout(300)]


@pytest.fixture(scope="module", params=PAIRS, ids=lambda pair: pair.name)
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Play the story once with each pair."""
    return play(request.param, tmp_path_factory.mktemp(request.param.name))


def test_each_cause_is_one_page(story: Story) -> None:
    """Whatever happens at once about a bot is one incident."""
    pages = [each for bot in BOTS for each in story.pages(bot)]

    incidents = {(each.alert, each.bot, each.message.body["dedup_key"]) for each in pages}

    assert sorted(PAGES) == sorted((alert, bot) for alert, bot, _ in incidents)


def test_a_page_is_sent_once(story: Story) -> None:
    """A cause that stays as it is says nothing new."""
    assert 1 == len(story.pages(SLOW)), story.timeline
    assert 1 == len(story.pages(QUIET)), story.timeline


def test_alerts_of_one_bot_come_in_one_group(story: Story) -> None:
    """Two objectives burn: the second joins the incident of the first."""
    (key,) = {page.message.body["dedup_key"] for page in story.pages(BURNING)}
    both = [page for page in story.pages(BURNING) if "FIRING:2" in page.message.text]

    assert len(both) == 1, key
    assert 2 == len(ack_links(both[0].message))


def test_warnings_go_to_the_chat_once(story: Story) -> None:
    """Nobody is woken for them."""
    assert 1 == story.of(SLACK)[FATAL, BURNING], story.timeline
    assert (FATAL, BURNING) not in story.of(PAGERDUTY)


def test_business_alerts_go_by_mail_and_nowhere_else(story: Story) -> None:
    """With user and password; the server takes no mail without them."""
    assert {(THUMBS, DISLIKED): 1} == story.of(MAIL)
    assert not [
        each for each in story.messages if each.bot == DISLIKED and each.message.kind != MAIL
    ]


@pytest.mark.parametrize("kind", [TELEGRAM, WEBHOOK])
def test_what_nobody_takes_reaches_the_second_line_once(story: Story, kind: str) -> None:
    """And what somebody took does not, though it went on for longer."""
    assert {(ESCALATION, BURNING): 1, (ESCALATION, QUIET): 1} == story.of(kind), story.timeline


def test_whoever_heard_of_an_alert_hears_of_its_end(story: Story) -> None:
    """No incident stays open by itself."""
    assert {} == {kind: found for kind in PEOPLE if (found := story.unresolved(kind))}


def test_the_history_knows_everything_that_anybody_was_told(story: Story) -> None:
    """And who took what."""
    known = {(row["alertname"], row["bot"]) for row in story.history}
    taken = {(row["alertname"], row["bot"]) for row in story.history if row["acknowledged"]}

    assert {(each.alert, each.bot) for each in story.messages} <= known
    assert {(BURN, SLOW)} == taken


def test_no_receiver_refuses_a_message(story: Story) -> None:
    """They are as strict as the real ones."""
    assert [] == story.refused


def test_the_watchdog_beats_elsewhere_and_bothers_nobody(story: Story) -> None:
    """Once a minute, all the time."""
    assert story.heartbeats > 10
    assert not [each for each in story.messages if each.alert == "Watchdog"]
