"""
Live metrics: what the accepted events add up to.

The state is a pure function of the log: `apply` and `control` are called in log order, live and
when the log is replayed, and time is the log time of each frame. So a restart continues every
series exactly where it was.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from ..catalog import events
from ..catalog.build import EventStructs
from ..catalog.own import SERIES_DROPPED, TURNS_DROPPED
from ..catalog.spec import OVERFLOW, Catalog
from ..model.event import Event
from .compile import Update, compile_updates
from .guard import BOT, Guard, Limits, limits_from
from .own import OwnMetrics
from .presence import Presence
from .rows import Key, Row, Table, build_tables, key_of, values_of
from .turns import Turns

IDLE_SECONDS = 30 * 86_400.0  # Longer than any window of a rule looks back.
MOST_CHILDREN = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """Windows of what is derived from messages, in seconds."""

    conversation_seconds: float = 300.0
    session_seconds: float = 1800.0
    turn_timeout_seconds: float = 60.0
    late_seconds: float = 900.0


class LiveMetrics:
    """Rows of all families that events move, and the trackers beside them."""

    def __init__(
        self,
        catalog: Catalog,
        structs: Sequence[EventStructs],
        own: OwnMetrics,
        settings: EngineSettings | None = None,
    ) -> None:
        settings = settings or EngineSettings()
        self.catalog = catalog
        self.tables = build_tables(catalog.metrics)
        self._own = own
        self.guard = Guard(self.tables, Limits(), on_drop=self._dropped, on_row=self._added)
        self.turns = Turns(
            self.tables,
            self.guard.row,
            on_drop=lambda: own.add(TURNS_DROPPED),
            timeout_seconds=settings.turn_timeout_seconds,
            late_seconds=settings.late_seconds,
        )
        self.conversations = Presence(settings.conversation_seconds)
        self.sessions = Presence(settings.session_seconds)
        self._roots = {key_of_labels(t): t for t in self.tables if t.ttl_seconds is None}
        self._children = {id(t): tuple(self._closed_children(t)) for t in self.tables}
        self._parents = {id(c): p for p in self.tables for c, _ in self._children[id(p)]}
        self._registered: dict[str, list[str]] = {}
        self.self_tested = ""  # What the last synthetic event carried.
        self._endings: set[type] = {s.by_name[events.CONVERSATION_ENDED.name] for s in structs}
        self._updates = self._dispatch(structs)

    def apply(self, batch: Iterable[Event], now: float, arrival: float) -> None:
        """
        Count a run of events of one frame.

        Args:
            batch: Decoded events, in the order of the frame.
            now: Log time of the frame; call `expire_turns` with it before the first run.
            arrival: Wall time at which the frame's events arrived.
        """
        updates, conversations, sessions = self._updates, self.conversations, self.sessions
        endings = self._endings
        bot = platform = conversation = session = None
        for e in batch:
            # Events of one conversation come in runs; the first of a run is enough.
            if e.platform != platform or e.bot != bot:
                bot, platform = e.bot, e.platform
                conversation = session = None
            if e.conversation != conversation:
                conversation = e.conversation
                if conversation is not None:
                    conversations.touch((e.bot, e.platform), conversation, now)
            if e.session != session:
                session = e.session
                if session is not None:
                    sessions.touch((e.bot, e.platform), session, now)
            kind = e.__class__
            updates[kind](e, now, arrival)
            if kind in endings:
                conversation = None  # Whoever writes after the goodbye is here again.

    def count_unknown(self, bot: str, event: str, now: float) -> None:
        """Count a stored event whose type this catalogue does not have any more."""
        table = self._roots["bot,event"]
        row = table.rows.get((bot, event)) or self.guard.row(table, (bot, event))
        row[0] = now
        row[1] += 1

    def expire_turns(self, now: float) -> None:
        """Fail the turns that timed out; before each frame, so that a replay does the same."""
        self.turns.expire(now)

    def advance(self, now: float) -> None:
        """Let log time pass: turns time out, and who was not seen is not here any more."""
        self.turns.expire(now)
        self.conversations.expire(now)
        self.sessions.expire(now)

    def control(self, operation: Mapping[str, Any], now: float) -> None:
        """Carry out an operation that came through the log; unknown ones change nothing."""
        match operation.get("op"):
            case "limits":
                self.guard.apply_limits(limits_from(operation["limits"]))
            case "register":
                self._register(operation["bots"], now)
            case "sweep":
                self._sweep(now)
            case "self_test":
                self.self_tested = str(operation["nonce"])
            case _:
                return  # A newer version wrote it; what it did is in its snapshot.

    def _register(self, bots: Mapping[str, Sequence[str]], now: float) -> None:
        self._registered = {bot: list(platforms) for bot, platforms in bots.items()}
        self.guard.reserve(tuple(bots))
        for bot, platforms in bots.items():
            self._ensure((bot,), now)
            for platform in platforms:
                self._ensure((bot, platform), now)

    def _ensure(self, values: tuple[str, ...], now: float) -> None:
        table = self._roots[",".join(("bot", "platform")[: len(values)])]
        if key_of(values) not in table.rows:
            self.guard.row(table, key_of(values))[0] = now

    def _sweep(self, now: float) -> None:
        """Let idle rows leave; a returning one starts at 0."""
        for table in self.tables:
            for key in [k for k, row in table.rows.items() if self._is_idle(table, k, row, now)]:
                table.remove(key)
        for table in self.tables:
            parent = self._parents.get(id(table))
            if parent is not None:
                width = len(parent.labels)
                keys = [
                    key
                    for key, row in table.rows.items()
                    # A family may count where its parent does not, or be folded for itself.
                    if row[0] + IDLE_SECONDS <= now
                    and key_of(values_of(key)[:width]) not in parent.rows
                ]
                for key in keys:
                    table.remove(key)
        for presence in (self.conversations, self.sessions):
            presence.expire(now)  # Ticks are not in the log: a replay must find the same empty.
            presence.drop_empty()
        self.guard.recount()

    def _is_idle(self, table: Table, key: Key, row: Row, now: float) -> bool:
        if table.ttl_seconds is not None:
            return bool(row[0] + table.ttl_seconds <= now)
        if row[0] + IDLE_SECONDS > now or id(table) in self._parents:
            return False
        values = values_of(key)
        registered = self._registered.get(values[0]) if values else None
        if registered is None:
            return True
        return key_of_labels(table) not in ("bot", "bot,platform") or not set(values[1:]) <= set(
            registered
        )

    def _dispatch(self, structs: Sequence[EventStructs]) -> dict[type, Update]:
        hooks = {
            events.MESSAGE_RECEIVED.name: self.turns.received,
            events.MESSAGE_SENT.name: self.turns.sent,
            events.CONVERSATION_ENDED.name: self._leave,
        }
        updates = compile_updates(self.catalog, self.tables, self.guard.row, hooks)
        return {
            struct: updates[name] for group in structs for name, struct in group.by_name.items()
        }

    def _leave(self, e: Event, _now: float, _arrival: float) -> None:
        if e.conversation is not None:
            self.conversations.leave((e.bot, e.platform), e.conversation)

    def _closed_children(
        self, parent: Table
    ) -> Iterator[tuple[Table, tuple[tuple[str, ...], ...]]]:
        """Yield the tables whose rows are known once a row of *parent* is."""
        if parent.ttl_seconds is not None:
            return
        width = len(parent.labels)
        for table in self.tables:
            more = table.labels[width:]
            if table.labels[:width] != parent.labels or not more or table.ttl_seconds is not None:
                continue
            if all(label.choices for label in more):
                values = tuple(product(*(label.choices for label in more)))
                if len(values) <= MOST_CHILDREN:
                    yield table, values

    def _added(self, table: Table, values: tuple[str, ...]) -> None:
        """Create the zero rows that a new row makes known."""
        row = table.rows[key_of(values)]
        if table.labels and table.labels[0].name == BOT and table.ttl_seconds is None:
            root = self._roots["bot"]
            if values[0] not in root.rows:
                self.guard.row(root, values[0])[0] = row[0]
        for child, combinations in self._children[id(table)]:
            for more in combinations:
                key = key_of((*values, *more))
                if key not in child.rows:
                    self.guard.row(child, key)

    def _dropped(self, table: Table, label: str) -> None:
        for slot in table.slots:
            self._own.add(SERIES_DROPPED, slot.metric.name, label)

    def present(self, presence: Presence) -> dict[tuple[str, str], int]:
        """Return how many are here per bot and platform, under names within the limits."""
        counts: dict[tuple[str, str], int] = {}
        known = self._roots["bot,platform"].rows
        for (bot, platform), count in presence.counts():
            shown = bot if bot in self.guard.bots else OVERFLOW
            group = (shown, platform if (shown, platform) in known else OVERFLOW)
            counts[group] = counts.get(group, 0) + count
        return counts

    def series(self) -> Iterator[tuple[str, int, int]]:
        """Yield each family's name, how many label sets it holds, and how many it may hold."""
        for table in self.tables:
            limit = self.guard.limit_of(table)
            for slot in table.slots:
                yield slot.metric.name, len(table.rows), limit

    def restore_registered(self, bots: Mapping[str, Sequence[str]]) -> None:
        """Take over the registered bots of a snapshot; their rows are in it."""
        self._registered = {bot: list(platforms) for bot, platforms in bots.items()}
        self.guard.reserve(tuple(bots))

    def registered(self) -> dict[str, list[str]]:
        """Return the bots registered by configuration with their platforms."""
        return dict(self._registered)


def key_of_labels(table: Table) -> str:
    """Return the names of the table's labels, joined by commas."""
    return ",".join(label.name for label in table.labels)
