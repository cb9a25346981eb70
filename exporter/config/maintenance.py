"""Planned work on bots: windows of time in which failures are nobody's fault."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta, field

from ..catalog.declarations import Section
from ..catalog.remedies import Finding, closest
from .kinds import BotName, Text

# RFC 3339 with whole seconds; a time without a zone would mean another one in summer.
MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})"
# A wrong digit in a year would hide every failure until then.
LONGEST = timedelta(days=31)

Moment = Annotated[
    str, Meta(pattern=rf"^{MOMENT}$(?!\n)", examples=["2026-12-24T22:00:00Z"], max_length=25)
]


class Maintenance(Section, frozen=True, kw_only=True):
    """One window: from its start to just before its end."""

    bots: Annotated[
        tuple[BotName, ...],
        Meta(max_length=2000, description="Registered bots it concerns; empty: all of them."),
    ] = ()
    begin: Annotated[Moment, Meta(description="Start, RFC 3339 with a time zone.")] = field(
        name="from"
    )
    end: Annotated[Moment, Meta(description="End; at most 31 days after the start.")] = field(
        name="to"
    )
    note: Annotated[Text, Meta(description="What is done, for people.")] = ""

    def covers(self, at: float) -> bool:
        """Return whether it is on at *at*, in seconds since 1970."""
        return _moment(self.begin).timestamp() <= at < _moment(self.end).timestamp()


def maintained(windows: Sequence[Maintenance], bots: Sequence[str], at: float) -> dict[str, bool]:
    """Return for each of *bots* whether it is under maintenance at *at*."""
    on = [window for window in windows if window.covers(at)]
    return {bot: any(not window.bots or bot in window.bots for window in on) for bot in bots}


def window_findings(windows: Sequence[Maintenance], bots: Sequence[str]) -> Iterator[Finding]:
    """Yield what is wrong with *windows* where *bots* are registered."""
    for index, window in enumerate(windows):
        yield from _times(window, index)
        for place, bot in enumerate(window.bots):
            if bot not in bots:
                message = "no bot of this name is registered under `bots`"
                yield ("maintenance", index, "bots", place), f"{message}; {closest(bot, bots)}"
            elif bot in window.bots[:place]:
                yield ("maintenance", index, "bots", place), f"{bot!r} is there twice; remove one"


def _times(window: Maintenance, index: int) -> Iterator[Finding]:
    moments = []
    for key, text in (("from", window.begin), ("to", window.end)):
        try:
            moments.append(_moment(text))
        except ValueError:
            message = f"{text!r} is no date and time that exists; correct it"
            yield ("maintenance", index, key), message
    if len(moments) < 2:  # noqa: PLR2004 - a start and an end
        return
    begin, end = moments
    if end <= begin:
        yield ("maintenance", index, "to"), "is not after `from`; write a later time"
    elif end - begin > LONGEST:
        message = f"is more than {LONGEST.days} days after `from`"
        yield ("maintenance", index, "to"), f"{message}; check the date, or write several windows"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
