"""
Turns: a user's message and the first answer of its conversation.

A turn fails when the answer is a failure or does not come within the time-out (60 s). Times of
turns are the bot's own (`ts`); the time-out runs on log time, so that replaying the log after a
crash ends every turn exactly as it ended before.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..catalog.metrics import (
    RESPONSE_DURATION,
    SLI_LATE,
    TURN_FAILURES,
    TURNS,
)
from ..model.event import Event, Reply
from .rows import Key, Row, Table

# A conversation is named by its own digest, else by the session's, else by the user's.
Conversation = tuple[str, str]


class Open(NamedTuple):
    """A turn that waits for its answer."""

    bot: str
    platform: str
    asked_at: float
    deadline: float


class Answer(NamedTuple):
    """An answer that met no open turn; its question may still be on the way."""

    answered_at: float
    failed: bool
    expires: float
    seconds: float | None = None  # The bot's own measurement.


class Turns:
    """
    Follows turns and moves the SLI families.

    Args:
        tables: The tables of all families.
        miss: Returns the row of a key that its table does not have.
        timeout_seconds: Unanswered for that long is failed.
        late_seconds: A message whose arrival is later than that makes no turn.
        most: Turns that may be open at once; more are not followed and counted by *on_drop*.
    """

    def __init__(  # noqa: PLR0913 - two windows, a bound, and whom to ask and tell
        self,
        tables: Sequence[Table],
        miss: Callable[[Table, Key], Row],
        *,
        on_drop: Callable[[], None],
        timeout_seconds: float = 60.0,
        late_seconds: float = 900.0,
        most: int = 200_000,
    ) -> None:
        slots = {s.metric.name: (t, s) for t in tables for s in t.slots}
        self._table, turns = slots[TURNS.name]
        self._turns_at = turns.offset
        self._failures_at = slots[TURN_FAILURES.name][1].offset
        duration = slots[RESPONSE_DURATION.name][1]
        self._buckets_at = duration.offset
        self._sum_at = duration.exemplar - 1
        self._exemplar_at = duration.exemplar
        self._bots, late = slots[SLI_LATE.name]
        self._late_at = late.offset
        self._bounds = RESPONSE_DURATION.buckets
        self._miss = miss
        self._on_drop = on_drop
        self._timeout = timeout_seconds
        self._late = late_seconds
        self._most = most
        self._open: dict[Conversation, list[Open]] = {}
        self._deadlines: deque[tuple[float, Conversation]] = deque()
        self._answers: dict[Conversation, Answer] = {}
        self._expiries: deque[tuple[float, Conversation]] = deque()
        self._pending = 0

    def __len__(self) -> int:
        """Return the number of open turns."""
        return self._pending

    def received(self, e: Event, now: float, arrival: float) -> None:
        """Open a turn for a `message_received`."""
        name = e.conversation or e.session or e.user
        if name is None or self._is_late(e, now, arrival):
            return
        key = (e.bot, name)
        early = self._answers.get(key)
        if early is not None and 0 < early.answered_at - e.ts <= self._timeout:
            del self._answers[key]
            turn = Open(e.bot, e.platform, e.ts, now)
            seconds = early.answered_at - e.ts if early.seconds is None else early.seconds
            self._close(turn, seconds, failed=early.failed, now=now)
            return
        if self._pending >= self._most:
            self._on_drop()
            return
        turn = Open(e.bot, e.platform, e.ts, now + self._timeout)
        self._open.setdefault(key, []).append(turn)
        self._deadlines.append((turn.deadline, key))
        self._pending += 1

    def sent(self, e: Reply, now: float, arrival: float) -> None:
        """Answer the open turns of the conversation with a `message_sent`."""
        name = e.conversation or e.session or e.user
        if name is None or self._is_late(e, now, arrival):
            return
        key = (e.bot, name)
        failed = e.status == "failed"
        waiting = self._open.pop(key, None)
        if waiting is None:
            expires = now + self._timeout
            self._remember(key, Answer(e.ts, failed, expires, e.response_seconds))
            return
        later = []
        for turn in waiting:
            if turn.asked_at > e.ts:
                later.append(turn)
                continue
            self._pending -= 1
            seconds = e.response_seconds
            if seconds is None:
                seconds = e.ts - turn.asked_at
            self._close(turn, seconds, failed=failed, now=now, reply=e)
        if later:
            self._open[key] = later

    def expire(self, now: float) -> None:
        """Fail every turn whose time-out lies at or before the log time *now*."""
        deadlines, open_turns = self._deadlines, self._open
        while deadlines and deadlines[0][0] <= now:
            _, key = deadlines.popleft()
            waiting = open_turns.get(key)
            if waiting is None:
                continue
            kept = [turn for turn in waiting if turn.deadline > now]
            for turn in waiting:
                if turn.deadline <= now:
                    self._pending -= 1
                    self._close(turn, self._timeout, failed=True, now=turn.deadline)
            if kept:
                open_turns[key] = kept
            else:
                del open_turns[key]
        self._forget_answers(now)

    def state(self) -> dict[str, list[Any]]:
        """Return what a snapshot must hold to go on after a restart."""
        return {
            "open": [(key, turns) for key, turns in self._open.items()],
            "answers": list(self._answers.items()),
        }

    def restore(self, state: dict[str, list[Any]]) -> None:
        """Take over the state of a snapshot."""
        for (bot, name), turns in state["open"]:
            self._open[(bot, name)] = [Open(*turn) for turn in turns]
        waiting = [(t.deadline, key) for key, turns in self._open.items() for t in turns]
        self._deadlines = deque(sorted(waiting))
        self._pending = len(waiting)
        for (bot, name), answer in state["answers"]:
            self._answers[(bot, name)] = Answer(*answer)
        self._expiries = deque(sorted((a.expires, key) for key, a in self._answers.items()))

    def _is_late(self, e: Event, now: float, arrival: float) -> bool:
        if arrival - e.ts <= self._late:
            return False
        row = self._bots.rows.get(e.bot)
        if row is None:
            row = self._miss(self._bots, e.bot)
        row[0] = now
        row[self._late_at] += 1
        return True

    def _close(  # noqa: PLR0913 - a turn, how it ended, when, and who ended it
        self, turn: Open, seconds: float, *, failed: bool, now: float, reply: Reply | None = None
    ) -> None:
        row = self._table.rows.get((turn.bot, turn.platform))
        if row is None:
            row = self._miss(self._table, (turn.bot, turn.platform))
        row[0] = max(now, row[0])
        row[self._turns_at] += 1
        if failed or seconds > self._timeout:
            row[self._failures_at] += 1
            return
        seconds = max(seconds, 0.0)
        bucket = bisect_left(self._bounds, seconds)
        row[self._buckets_at + bucket] += 1
        row[self._sum_at] += seconds
        if reply is not None and reply.trace_id is not None:
            row[self._exemplar_at] = (bucket, reply.trace_id, seconds, reply.ts)

    def _remember(self, key: Conversation, answer: Answer) -> None:
        if len(self._answers) >= self._most:
            return
        self._answers[key] = answer
        self._expiries.append((answer.expires, key))

    def _forget_answers(self, now: float) -> None:
        expiries, answers = self._expiries, self._answers
        while expiries and expiries[0][0] <= now:
            _, key = expiries.popleft()
            answer = answers.get(key)
            if answer is not None and answer.expires <= now:
                del answers[key]
