"""Events as bytes: rendered at once, so that what the bot changes later changes nothing."""

import itertools
import json
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

# Bots have numbers for these; the exporter wants text.
_NAMES_OF_PEOPLE = ("user", "conversation", "session")


class Encoder:
    """
    Turns fields into the JSON of an event.

    Args:
        constants: Fields of every event, unless an event brings its own.
        wall: Tells the time of an event.
    """

    def __init__(
        self, constants: Mapping[str, object], *, wall: Callable[[], float] = time.time
    ) -> None:
        self._constants = {key: value for key, value in constants.items() if value is not None}
        # Rendered once: the same bytes open every event.
        self._opening = _encode(self._constants)[:-1]
        self._comma = "," if self._constants else ""
        self._wall = wall
        self.renew_ids()

    def renew_ids(self) -> None:
        """Begin a new series of ids; a forked process must not repeat those of its parent."""
        prefix = secrets.token_hex(8)
        numbers = itertools.count()
        self.new_id: Callable[[], str] = lambda: f"{prefix}-{next(numbers):x}"

    def encode(self, event_id: str, type_: str, fields: dict[str, object]) -> bytes:
        """
        Return the event as JSON in UTF-8; fields that are None are left out.

        Raises:
            Exception: a value has no JSON, or raises when it is looked at.
        """
        for name in _NAMES_OF_PEOPLE:
            if type(fields.get(name)) is int:
                fields[name] = str(fields[name])
        if None in fields.values():
            fields = {key: value for key, value in fields.items() if value is not None}
        if not self._constants.keys().isdisjoint(fields):
            fields = {**self._constants, **fields}
            opening, comma = "{", ""
        else:
            opening, comma = self._opening, self._comma
        at = "" if "ts" in fields else f'"ts":{self._wall()!r},'
        rest = _encode(fields)[1:]
        end = f",{rest}" if fields else rest
        text = f'{opening}{comma}{at}"type":{_encode(type_)},"id":{_encode(event_id)}{end}'
        # Half an emoji, cut by somebody's [:100], costs a character and not the event.
        return text.encode("utf-8", "replace")


def _plain(value: object) -> object:
    """Return what JSON knows for a value it does not know."""
    if isinstance(value, datetime):
        return value.astimezone().isoformat()
    if isinstance(value, date | UUID):
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"{type(value).__name__} has no JSON")


_encode = json.JSONEncoder(
    ensure_ascii=False,
    allow_nan=False,
    check_circular=False,  # The depth of the stack bounds it as well, at no cost per event.
    separators=(",", ":"),
    default=_plain,
).encode
