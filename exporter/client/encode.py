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

MOST_OPENINGS = 200  # Far more types than anybody has.
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
        self._own = frozenset((*self._constants, "ts"))
        self._openings: dict[str, str] = {}
        self._wall = wall
        self._opening("heartbeat")  # A constant without JSON is a mistake to be told at once.
        self.renew_ids()

    def renew_ids(self) -> None:
        """Begin a new series of ids; a forked process must not repeat those of its parent."""
        prefix = secrets.token_hex(8)
        numbers = itertools.count()
        self.new_id: Callable[[], str] = lambda: f"{prefix}-{next(numbers):x}"

    def encode(self, type_: str, event_id: str, fields: dict[str, object]) -> bytes:
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
        if self._own.isdisjoint(fields):
            end = f",{_encode(fields)[1:]}" if fields else "}"
            opening = self._openings.get(type_) or self._opening(type_)
            text = f'{opening},"ts":{self._wall():.6f},"id":{_encode(event_id)}{end}'
        else:
            common = {"type": type_, "ts": self._wall(), "id": event_id}
            text = _encode({**self._constants, **common, **fields})
        # Half an emoji, cut by somebody's [:100], costs a character and not the event.
        return text.encode("utf-8", "replace")

    def _opening(self, type_: str) -> str:
        """Return what all events of a type begin with; rendered once."""
        opening = _encode({**self._constants, "type": type_})[:-1]
        if len(self._openings) < MOST_OPENINGS:
            self._openings[type_] = opening
        return opening


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


def _fast_encode() -> Callable[[object], str]:
    slow = json.JSONEncoder(
        ensure_ascii=False,
        allow_nan=False,
        check_circular=False,  # The depth of the stack bounds it as well, at no cost per event.
        separators=(",", ":"),
        default=_plain,
    )
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:  # Not CPython.
        return slow.encode
    # JSONEncoder makes one of these per call, which takes as long as the encoding itself.
    fast = make(
        None,
        slow.default,
        json.encoder.encode_basestring,
        None,
        slow.key_separator,
        slow.item_separator,
        slow.sort_keys,
        slow.skipkeys,
        slow.allow_nan,
    )
    return lambda value: "".join(fast(value, 0))


_encode = _fast_encode()
