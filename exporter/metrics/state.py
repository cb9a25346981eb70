"""The state of the live metrics as bytes: self-describing, exact, readable by later versions."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..model.errors import CatalogError, DataTooNewError
from ..model.packed import pack, unpack
from .engine import LiveMetrics
from .guard import limits_from
from .rows import Row, Slot, Table, key_of, values_of

FORMAT = 1
LARGEST = 2**64 - 1  # Whole numbers above are spelt out.


def freeze(live: LiveMetrics) -> bytes:
    """Return everything a restart needs, taken in one step."""
    limits = live.guard.limits
    state = {
        "format": FORMAT,
        "limits": {"labels": limits.labels, "metrics": limits.metrics},
        "registered": live.registered(),
        "tables": [_freeze_table(table) for table in live.tables],
        "turns": live.turns.state(),
        "conversations": live.conversations.state(),
        "sessions": live.sessions.state(),
    }
    try:
        return pack(state)
    except OverflowError:
        # Rare, so no other snapshot pays for it: MessagePack ends at 64 bits, a counter does not.
        return pack({**state, "tables": [_freeze_table(t, spell=_spelt) for t in live.tables]})


def thaw(live: LiveMetrics, data: bytes) -> list[str]:
    """
    Put the state that `freeze` returned into a new *live*.

    Families are found by name, so a catalogue that grew, or sorts its families otherwise, takes
    over what it still declares. Returns the names of families it does not declare any more.

    Raises:
        CatalogError: a family has other labels or bounds than the stored one.
        DataTooNewError: a newer version wrote the state.
    """
    state = unpack(data)
    if state["format"] > FORMAT:
        raise DataTooNewError(
            f"snapshot format {state['format']} is newer than {FORMAT}; start a newer version"
        )
    live.guard.apply_limits(limits_from(state["limits"]))
    slots = {slot.metric.name: (table, slot) for table in live.tables for slot in table.slots}
    gone = [name for stored in state["tables"] for name in _thaw_table(stored, slots)]
    live.turns.restore(state["turns"])
    live.conversations.restore(state["conversations"])
    live.sessions.restore(state["sessions"])
    live.restore_registered(state["registered"])
    live.guard.recount()
    return gone


def _freeze_table(
    table: Table, *, spell: Callable[[Iterable[Row]], list[Row]] = list
) -> dict[str, Any]:
    return {
        "labels": [label.name for label in table.labels],
        "families": [
            {
                "name": slot.metric.name,
                "kind": slot.metric.kind.value,
                "bounds": slot.metric.buckets,
                "offset": slot.offset,
                "width": slot.width,
            }
            for slot in table.slots
        ],
        "keys": list(table.rows),
        "rows": spell(table.rows.values()),
    }


def _spelt(rows: Iterable[Row]) -> list[Row]:
    return [[str(n) if isinstance(n, int) and n > LARGEST else n for n in row] for row in rows]


def _thaw_table(stored: dict[str, Any], slots: dict[str, tuple[Table, Slot]]) -> Iterator[str]:
    """Fill the rows of the families that are still declared; yield the names of the others."""
    for family in stored["families"]:
        found = slots.get(family["name"])
        if found is None:
            yield family["name"]
            continue
        table, slot = found
        _check(family, stored["labels"], table, slot)
        start = family["offset"]
        for key, row in zip(stored["keys"], stored["rows"], strict=True):
            _fill(found, values_of(key) if isinstance(key, str) else tuple(key), row, start)


def _fill(found: tuple[Table, Slot], values: tuple[str, ...], stored: Row, start: int) -> None:
    table, slot = found
    row = table.rows.get(key_of(values))
    if row is None:
        row = table.add(values)
    row[0] = max(row[0], stored[0])
    numbers = stored[start : start + slot.width]
    row[slot.offset : slot.offset + slot.width] = [
        int(n) if isinstance(n, str) else n for n in numbers
    ]


def _check(family: dict[str, Any], labels: list[str], table: Table, slot: Slot) -> None:
    now = [label.name for label in table.labels]
    if labels != now or tuple(family["bounds"]) != slot.metric.buckets:
        raise CatalogError(
            f"metric {family['name']}: the stored series have labels {labels} and bounds "
            f"{list(family['bounds'])}, the catalogue now says {now} and "
            f"{list(slot.metric.buckets)}; give the changed metric a new name"
        )
    if family["kind"] != slot.metric.kind.value:
        raise CatalogError(
            f"metric {family['name']}: stored as {family['kind']}, now declared "
            f"{slot.metric.kind.value}; give the changed metric a new name"
        )
