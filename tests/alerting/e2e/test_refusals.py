"""Every receiver answers 500 for a while: what it was to be told arrives afterwards, once."""

import pytest

from tests.alerting.fakes import MAIL, SLACK, TELEGRAM, WEBHOOK
from tests.alerting.story import (
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
from tests.support.pairs import PAIRS

pytestmark = [pytest.mark.alerting_e2e, pytest.mark.timeout(300)]

REFUSALS = 3


@pytest.fixture(scope="module", params=PAIRS, ids=lambda pair: pair.name)
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Play the story once with each pair, with receivers in trouble."""
    folder = tmp_path_factory.mktemp(request.param.name)
    return play(request.param, folder, refusals=REFUSALS)


def test_every_page_arrives(story: Story) -> None:
    """As one incident for each bot."""
    incidents = {
        (each.alert, each.bot) for bot in (BURNING, SLOW, QUIET) for each in story.pages(bot)
    }

    assert PAGES == incidents
    assert 1 == len(story.pages(SLOW)), story.timeline
    assert 1 == len(story.pages(QUIET)), story.timeline


def test_every_other_message_arrives_once(story: Story) -> None:
    """An attempt that failed told nobody."""
    assert 1 == story.of(SLACK)[FATAL, BURNING], story.timeline
    assert {(THUMBS, DISLIKED): 1} == story.of(MAIL)
    for kind in (TELEGRAM, WEBHOOK):
        assert {(ESCALATION, BURNING): 1, (ESCALATION, QUIET): 1} == story.of(kind), story.timeline


def test_every_end_is_told(story: Story) -> None:
    """To whoever heard of the beginning."""
    assert {} == {kind: found for kind in PEOPLE if (found := story.unresolved(kind))}
    assert [] == story.refused
