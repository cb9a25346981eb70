"""
What the last release accepted from bots, and what may have changed since.

Bots that were written against a release go on working, and its stored events stay readable: event
types change by addition only. Defaults are left out of the log, so a default is a promise as well.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .spec import Catalog, Field


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedField:
    """What bots and stored events rely on in a field."""

    event: str
    name: str
    type: str
    required: bool
    default: str | bool | None
    choices: tuple[str, ...]
    max_length: int | None


def released_fields(catalog: Catalog) -> tuple[ReleasedField, ...]:
    """Return the fields of every built-in event type, the envelope under the name ``*``."""
    envelope = [_field("*", field) for field in catalog.envelope]
    own = [_field(e.name, f) for e in catalog.events if e.builtin for f in e.fields]
    return tuple(sorted([*envelope, *own], key=lambda field: (field.event, field.name)))


def field_from(content: Mapping[str, Any]) -> ReleasedField:
    """Return a field as it was read from the committed file."""
    return ReleasedField(**{**content, "choices": tuple(content["choices"])})


def field_problems(
    now: tuple[ReleasedField, ...], released: tuple[ReleasedField, ...]
) -> Iterator[str]:
    """Yield one sentence per promise about events that is broken."""
    known = {(field.event, field.name): field for field in now}
    before = {(field.event, field.name) for field in released}
    for old in released:
        new = known.get((old.event, old.name))
        where = f"event {old.event}, field {old.name}"
        if new is None:
            yield f"{where}: released and gone; stored events and bots still have it"
        else:
            yield from (f"{where}: {change}" for change in _changes(old, new))
    events = {field.event for field in released}
    for field in now:
        if field.required and field.event in events and (field.event, field.name) not in before:
            where = f"event {field.event}, field {field.name}"
            yield f"{where}: new and required; bots of the last release do not send it"


def _changes(old: ReleasedField, new: ReleasedField) -> Iterator[str]:
    if old.type != new.type:
        yield f"was a {old.type}, now a {new.type}; add a field instead"
    if old.default != new.default:
        yield f"the default changed from {old.default!r}; stored events rely on the old one"
    if new.required and not old.required:
        yield "became required; bots of the last release may not send it"
    if old.choices and not set(old.choices) <= set(new.choices or old.choices):
        yield "lost choices that bots of the last release send"
    if new.choices and not old.choices:
        yield "became a closed choice; bots of the last release send other values"
    if new.max_length is not None and new.max_length < (old.max_length or 0):
        yield "became shorter; bots of the last release send longer values"


def _field(event: str, field: Field) -> ReleasedField:
    return ReleasedField(
        event=event,
        name=field.name,
        type=field.type.value,
        required=field.required,
        default=field.default,
        choices=field.choices,
        max_length=field.max_length,
    )
