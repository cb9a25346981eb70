"""
Feeds -> straight-line update code, one function per event type.

The text of the code holds only names and numbers of ours; whatever a user wrote is bound as a
constant. `update(event, now, arrival)` moves every row the event feeds.
"""

import math
import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..catalog.build import attribute
from ..catalog.spec import (
    ARRIVAL,
    Catalog,
    Condition,
    Constant,
    EventType,
    Feed,
    Field,
    FieldType,
    Kind,
    Metric,
    Operator,
)
from ..model.event import Event
from .rows import Key, Row, Slot, Table

Update = Callable[[Event, float, float], None]
Hook = Callable[[Any, float, float], None]
Miss = Callable[[Table, Key], Row]

_COMPARE = {
    Operator.EQUAL: "==",
    Operator.NOT_EQUAL: "!=",
    Operator.LESS: "<",
    Operator.AT_MOST: "<=",
    Operator.GREATER: ">",
    Operator.AT_LEAST: ">=",
}


def compile_updates(
    catalog: Catalog, tables: Sequence[Table], miss: Miss, hooks: Mapping[str, Hook]
) -> dict[str, Update]:
    """
    Return the update function of each event type, by the type's name.

    Args:
        catalog: Where the feeds are.
        tables: Where the rows are.
        miss: Returns the row of a key that its table does not have.
        hooks: What else is called with the event, by event type, after its rows have moved.
    """
    where = {slot.metric.name: (table, slot) for table in tables for slot in table.slots}
    return {
        event.name: _Compiler(catalog, event, where, miss).function(hooks.get(event.name))
        for event in catalog.events
    }


class _Compiler:
    """Writes the function of one event type."""

    def __init__(
        self,
        catalog: Catalog,
        event: EventType,
        where: Mapping[str, tuple[Table, Slot]],
        miss: Miss,
    ) -> None:
        self._catalog = catalog
        self._event = event
        self._fields = catalog.fields(event)
        self._where = where
        self._names: dict[str, Any] = {"miss": miss, "bisect": bisect_left}
        self._constants: dict[tuple[type, Any], str] = {}
        self._tables: dict[int, str] = {}

    def function(self, hook: Hook | None) -> Update:
        """Return the compiled function."""
        body: list[str] = []
        for key, feeds in self._groups().items():
            body += self._group(key, feeds)
        if hook is not None:
            self._names["hook"] = hook
            body.append("hook(e, now, arrival)")
        lines = [*self._locals(body), *body] or ["pass"]
        parameters = ", ".join(["e", "now", "arrival", *(f"{n}={n}" for n in self._names)])
        source = f"def update({parameters}):\n" + "\n".join(f"    {line}" for line in lines)
        scope = dict(self._names)
        exec(compile(source, f"<update {self._event.name}>", "exec"), scope)  # noqa: S102 - text is ours, see above
        update: Update = scope["update"]
        return update

    def _groups(self) -> dict[tuple[str, str], list[Feed]]:
        """Return the feeds that share a row, by table and key expression."""
        groups: dict[tuple[str, str], list[Feed]] = {}
        for feed in self._catalog.feeds_of(self._event):
            table, _ = self._where[feed.metric]
            groups.setdefault((self._table(table), self._key(feed)), []).append(feed)
        return groups

    def _group(self, key: tuple[str, str], feeds: list[Feed]) -> list[str]:
        lookup = [
            f"try: r = {key[0]}[{key[1]}]",
            f"except KeyError: r = miss(T{key[0]}, {key[1]})",
            "r[0] = now",
        ]
        guards = [self._guard(feed) for feed in feeds]
        # An event that moves nothing of a row must neither create nor touch it.
        if all(guards) and len(set(guards)) > 1:
            return [
                line
                for feed, guard in zip(feeds, guards, strict=True)
                for line in self._guarded(guard, [*lookup, *self._step(feed)])
            ]
        if all(guards):
            steps = [line for feed in feeds for line in self._step(feed)]
            return self._guarded(guards[0], [*lookup, *steps])
        lines = lookup
        for feed, guard in zip(feeds, guards, strict=True):
            lines += self._guarded(guard, self._step(feed))
        return lines

    @staticmethod
    def _guarded(guard: str, lines: list[str]) -> list[str]:
        return [f"if {guard}:", *(f"    {line}" for line in lines)] if guard else lines

    def _guard(self, feed: Feed) -> str:
        tests = [self._test(condition) for condition in feed.when]
        if feed.value and feed.value != ARRIVAL and not self._fields[feed.value].required:
            tests.append(f"{self._read(feed.value)} is not None")
        return " and ".join(tests)

    def _test(self, condition: Condition) -> str:
        read = self._read(condition.field)
        if condition.op is Operator.PRESENT:
            return f"{read} is not None"
        compare = f"{read} {_COMPARE[condition.op]} {self._constant(condition.value)}"
        field = self._fields[condition.field]
        if field.required or field.default is not None:
            return compare
        return f"{read} is not None and {compare}"

    def _step(self, feed: Feed) -> list[str]:
        metric, slot = self._metric(feed)
        value = self._value(feed)
        if metric.kind is Kind.COUNTER:
            return [f"r[{slot.offset}] += {value}"]
        if metric.kind is Kind.GAUGE:
            return [f"r[{slot.offset}] = {value}"]
        bounds = self._constant(metric.buckets)
        last = slot.offset + slot.width - 1
        trace = self._read("trace_id")
        return [
            f"v = {value}",
            f"i = bisect({bounds}, v)",
            f"r[{slot.offset} + i] += 1",
            f"r[{last}] += v",
            f"if {trace} is not None: r[{slot.exemplar}] = (i, {trace}, v, e.ts)",
        ]

    def _metric(self, feed: Feed) -> tuple[Metric, Slot]:
        _, slot = self._where[feed.metric]
        return slot.metric, slot

    def _value(self, feed: Feed) -> str:
        if feed.value is None:
            return "1"
        if feed.value == ARRIVAL:
            return "arrival"
        read = self._read(feed.value)
        boolean = self._fields[feed.value].type is FieldType.BOOLEAN
        return f"(1 if {read} else 0)" if boolean else read

    def _key(self, feed: Feed) -> str:
        metric = self._catalog.metric(feed.metric)
        parts = [self._label(feed.labels.get(label.name, label.name)) for label in metric.labels]
        return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"

    def _label(self, source: str | Constant) -> str:
        if isinstance(source, Constant):
            return self._constant(source.value)
        if source == "type":
            return self._constant(self._event.name)
        read = self._read(source)
        if self._fields[source].type is FieldType.BOOLEAN:
            return f"({self._constant('true')} if {read} else {self._constant('false')})"
        return read

    def _read(self, field: str) -> str:
        return f"e.{attribute(self._event, self._field(field))}"

    def _field(self, name: str) -> Field:
        return self._fields[name]

    def _table(self, table: Table) -> str:
        name = self._tables.get(id(table))
        if name is None:
            name = self._tables[id(table)] = f"t{len(self._tables)}"
            self._names[name] = table.rows
            self._names[f"T{name}"] = table
        return name

    def _constant(self, value: object) -> str:
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{value} cannot be compared with")
        key = (type(value), value)
        if key not in self._constants:
            self._constants[key] = f"c{len(self._constants)}"
            self._names[self._constants[key]] = value
        return self._constants[key]

    def _locals(self, body: list[str]) -> list[str]:
        """Hoist attributes that are read more than once, in place."""
        text = "\n".join(body)
        hoisted = []
        for name in sorted({attribute(self._event, f) for f in self._fields.values()}):
            if _count(text, name) > 1:
                hoisted.append(f"a_{name} = e.{name}")
                body[:] = [_replace(line, name) for line in body]
        return hoisted


def _count(text: str, name: str) -> int:
    return len(_pattern(name).findall(text))


def _replace(line: str, name: str) -> str:
    return _pattern(name).sub(f"a_{name}", line)


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"\be\.{name}\b")
