"""The cardinality guard: who may become a new row, and what happens beyond a limit."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ..catalog.spec import OVERFLOW, Label
from .rows import Key, Row, Table, key_of, values_of

# One address in a label would be on every screen; the event itself stays as it was sent.
# The whole word goes: of two addresses in one, the pattern of an address alone leaves a half.
_ADDRESS = re.compile(r"(?<!\S)\S+@[^\s@]+\.\S+|\b(?:https?|www)[:.]\S+", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONGEST = 128
_READ = 3 * _LONGEST  # An address that begins within the shown part ends within this one.
BOT = "bot"


@dataclass(slots=True)
class Limits:
    """
    How many label sets there may be.

    *labels* holds the limit of each open label per bot (of `bot` itself in all), *metrics* the
    number of rows of a family where it differs from the family's own.
    """

    labels: dict[str, int] = field(default_factory=dict)
    metrics: dict[str, int] = field(default_factory=dict)


class Guard:
    """
    Turn the label values of an unknown row into the row that counts them.

    Totals stay exact: a value beyond a limit counts under `_other`. Limits of labels count per
    bot and label name; a family's limit counts its rows.
    """

    def __init__(
        self,
        tables: Sequence[Table],
        limits: Limits,
        *,
        on_drop: Callable[[Table, str], None],
        on_row: Callable[[Table, tuple[str, ...]], None],
    ) -> None:
        self._limits = limits
        self._on_drop = on_drop
        self._on_row = on_row
        self._seen: dict[tuple[str, str], set[str]] = {}
        self._bots: set[str] = set()
        self._reserved: set[str] = set()
        self._tables = tables

    @property
    def bots(self) -> frozenset[str]:
        """Return the bots that have a name of their own."""
        return frozenset(self._bots)

    @property
    def limits(self) -> Limits:
        """Return the limits in force."""
        return self._limits

    def apply_limits(self, limits: Limits) -> None:
        """Use other limits from now on; rows that exist stay."""
        self._limits = limits

    def reserve(self, bots: Sequence[str]) -> None:
        """Give registered bots their place, beyond the limit if need be."""
        self._bots.update(bots)
        self._reserved = set(bots)

    def limit_of(self, table: Table) -> int:
        """Return how many rows the table may hold: the smallest limit of its families."""
        own = self._limits.metrics
        return min(own.get(s.metric.name, s.metric.max_series) for s in table.slots)

    def row(self, table: Table, key: Key) -> Row:
        """Return the row that counts the values of *key*, a new one if there is room."""
        values = self._within_label_limits(table, tuple(_clean(v) for v in values_of(key)))
        found = table.rows.get(key_of(values))
        if found is not None:
            return found
        if len(table.rows) >= self.limit_of(table):
            values = self._folded(table, values)
            found = table.rows.get(key_of(values))
            if found is not None:
                return found
        row = table.add(values)
        # Only a value with a row takes a place: `recount` must find the same after a restart.
        self._note(table, values)
        self._on_row(table, values)
        return row

    def _within_label_limits(self, table: Table, values: tuple[str, ...]) -> tuple[str, ...]:
        bot = values[0] if table.labels and table.labels[0].name == BOT else ""
        if bot:
            bot = self._known_bot(table, bot)
        kept = [bot] if bot else []
        for label, value in zip(table.labels[len(kept) :], values[len(kept) :], strict=True):
            kept.append(value if label.choices else self._known_value(table, bot, label, value))
        return tuple(kept)

    def _known_bot(self, table: Table, bot: str) -> str:
        if bot in self._bots or bot == OVERFLOW:
            return bot
        if len(self._bots) - len(self._reserved) < self._limit(table.labels[0]):
            return bot
        self._on_drop(table, BOT)
        return OVERFLOW

    def _known_value(self, table: Table, bot: str, label: Label, value: str) -> str:
        seen: Collection[str] = self._seen.get((bot, label.name), ())
        if value in seen or value == OVERFLOW or len(seen) < self._limit(label):
            return value
        self._on_drop(table, label.name)
        return OVERFLOW

    def _limit(self, label: Label) -> int:
        return self._limits.labels.get(label.name, label.limit)

    def _folded(self, table: Table, values: tuple[str, ...]) -> tuple[str, ...]:
        folded = []
        for label, value in zip(table.labels, values, strict=True):
            keep = label.choices or label.name == BOT
            folded.append(value if keep else OVERFLOW)
            if not keep and value != OVERFLOW:
                self._on_drop(table, label.name)
        return tuple(folded)

    def recount(self) -> None:
        """Rebuild what is in use from the rows; values whose rows left free their place."""
        self._seen = {}
        self._bots = set(self._reserved)
        for table in self._tables:
            for key in table.rows:
                self._note(table, values_of(key))

    def _note(self, table: Table, values: tuple[str, ...]) -> None:
        named = dict(zip((label.name for label in table.labels), values, strict=True))
        bot = named.get(BOT, "")
        if bot and bot != OVERFLOW:
            self._bots.add(bot)
        for label, value in zip(table.labels, values, strict=True):
            if label.name != BOT and not label.choices and value != OVERFLOW:
                self._seen.setdefault((bot, label.name), set()).add(value)


def limits_from(mapping: Mapping[str, Mapping[str, int]]) -> Limits:
    """Return limits from their stored form."""
    return Limits(labels=dict(mapping["labels"]), metrics=dict(mapping["metrics"]))


def _clean(value: str) -> str:
    plain = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", value[:_READ])
    return _ADDRESS.sub("[masked]", plain)[:_LONGEST] or "unknown"
