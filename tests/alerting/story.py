"""A bad hour of four bots: one fails, one is slow, one is silent, and one is disliked."""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.support.pairs import Pair
from tests.support.waiting import wait_until

from .cast import Mood
from .fakes import DEADMAN, MAIL, PAGERDUTY, SLACK, TELEGRAM, WEBHOOK
from .told import FIRING, RESOLVED, Told, ack_links, told
from .whole_path import SECONDS, WholePath

PEOPLE = (PAGERDUTY, SLACK, TELEGRAM, WEBHOOK, MAIL)
BURNING, SLOW, QUIET, DISLIKED = BOTS = ("burning", "slow", "quiet", "disliked")
BURN, DOWN, ESCALATION = "SloFastBurn", "BotDown", "AlertUnacknowledged"
FATAL, THUMBS = "BotFatalErrors", "BotThumbsDownHigh"
PAGES = {(BURN, BURNING), (BURN, SLOW), (DOWN, QUIET)}
# After 10 minutes somebody else is told; two more are beyond doubt.
ESCALATION_SECONDS = 12.0


@dataclass(frozen=True, slots=True)
class Story:
    """What everybody was told, and what the exporter and Prometheus knew at the end."""

    messages: list[Told]
    refused: list[tuple[str, str]]
    history: list[dict[str, Any]]
    firing: set[tuple[str, str]]
    heartbeats: int

    def of(self, kind: str, status: str = FIRING) -> Counter[tuple[str, str]]:
        """Return how often *kind* was told of which alert of which bot."""
        return Counter(
            (each.alert, each.bot)
            for each in self.messages
            if each.message.kind == kind and each.status == status and each.bot
        )

    @property
    def timeline(self) -> str:
        """Return who was told of what, and when, for whoever has to find out why."""
        start = self.messages[0].message.at
        return "\n".join(
            f"{each.message.at - start:6.1f} s {each.message.kind}: {each.status} "
            f"{each.alert} {each.bot}"
            for each in self.messages
        )

    def unresolved(self, kind: str) -> set[tuple[str, str]]:
        """Return what *kind* was told of, ended, and was not told of again."""
        return set(self.of(kind)) - set(self.of(kind, RESOLVED)) - self.firing

    def pages(self, bot: str) -> list[Told]:
        """Return the pages about *bot*."""
        return [
            each
            for each in self.messages
            if (each.message.kind, each.bot, each.status) == (PAGERDUTY, bot, FIRING)
        ]


def play(pair: Pair, folder: Path, *, refusals: int = 0) -> Story:
    """
    Return what comes of it.

    Args:
        pair: Which versions.
        folder: Takes what they write.
        refusals: How often each receiver answers 500 before it takes a message.
    """
    with WholePath(pair, folder, BOTS) as path:
        for kind in PEOPLE:
            path.fakes.fail(kind, refusals)
        _trouble(path)
        _recovery(path)
        assert 0 == path.fakes.failing.total(), path.fakes.failing
        return Story(
            messages=told(each for each in path.fakes.messages if each.kind in PEOPLE),
            refused=path.fakes.refused,
            history=path.history(),
            firing={
                (each["labels"]["alertname"], each["labels"].get("bot", ""))
                for each in path.prometheus.alerts()
            },
            heartbeats=len(path.fakes.of(DEADMAN)),
        )


def _trouble(path: WholePath) -> None:
    """Let one bot fail, one be slow, one be silent and one be disliked; only one page is taken."""
    path.cast.rate(DISLIKED, "down", 50)
    path.cast.turn(BURNING, Mood.FAILING)
    path.cast.turn(SLOW, Mood.SLOW)
    path.cast.turn(QUIET, Mood.SILENT)

    page = path.wait_told(PAGERDUTY, BURN, SLOW)
    (link,) = ack_links(page.message)
    path.acknowledge(link)
    path.wait_told(PAGERDUTY, BURN, BURNING)
    path.wait_told(SLACK, FATAL, BURNING)
    wait_until(
        lambda: len(path.firing(BURN, BURNING)) == 2,
        seconds=SECONDS,
        what="both objectives of the bot burn",
    )
    # From now on it is well; its budget is not, for as long as the shorter windows remember.
    path.cast.turn(BURNING, Mood.WELL)
    for bot in (BURNING, QUIET):
        for kind in (TELEGRAM, WEBHOOK):
            path.wait_told(kind, ESCALATION, bot)
    wait_until(
        lambda: _fires_for(path, BURN, SLOW) > ESCALATION_SECONDS,
        seconds=SECONDS,
        what="the acknowledged alert fires for longer than others waited",
    )
    path.wait_told(MAIL, THUMBS, DISLIKED)


def _recovery(path: WholePath) -> None:
    """Let all be well, until everybody knows."""
    path.cast.turn(SLOW, Mood.WELL)
    path.cast.turn(QUIET, Mood.WELL)
    path.cast.rate(DISLIKED, "up", 500)
    for alert, bot in PAGES:
        path.wait_told(PAGERDUTY, alert, bot, RESOLVED)
    path.wait_told(SLACK, FATAL, BURNING, RESOLVED)
    path.wait_told(MAIL, THUMBS, DISLIKED, RESOLVED)
    for bot in (BURNING, QUIET):
        for kind in (TELEGRAM, WEBHOOK):
            path.wait_told(kind, ESCALATION, bot, RESOLVED)


def _fires_for(path: WholePath, alert: str, bot: str) -> float:
    """Return for how many seconds an alert has been firing; it must fire."""
    (found,) = path.firing(alert, bot)
    return time.time() - datetime.fromisoformat(found["activeAt"][:19] + "+00:00").timestamp()
