"""What a field of a log line may hold: short, printable, and without secrets."""

import traceback
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from enum import Enum
from itertools import islice
from pathlib import PurePath
from types import TracebackType
from typing import TypeAlias

from ..model.errors import ExporterError
from .log_secrets import SECRET, is_telltale, mask

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"

MOST_FIELDS = 40
MOST_ITEMS = 20
DEEPEST = 3
LONGEST_TEXT = 1000  # Characters; what people read of one field.
LONGEST_READ = 8 * LONGEST_TEXT  # What masking looks at; bounds its cost.
MOST_FRAMES = 10
CUT = "...(cut)"
LARGEST_INT = 2**63  # Beyond it, readers of JSON lose digits.

_WHOLE = (str, bytes, bytearray, memoryview)  # Sequences that are one value.


def clean_fields(fields: Mapping[str, object]) -> dict[str, Value]:
    """Return the fields as they may be written; those beyond the fortieth only as a number."""
    cleaned = {
        escape(str(key))[:100]: clean(str(key), value)
        for key, value in list(fields.items())[:MOST_FIELDS]
    }
    if len(fields) > MOST_FIELDS:
        cleaned["fields_cut"] = len(fields) - MOST_FIELDS
    return cleaned


def clean(key: str, value: object, depth: int = 0) -> Value:
    """Return *value* of the field *key* as it may be written; the unknown only as its type."""
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool):
        return value
    if is_telltale(key):
        return SECRET
    if isinstance(value, Mapping | Sequence | AbstractSet) and not isinstance(value, _WHOLE):
        return _collection(key, value, depth)
    return _scalar(value)


def text(value: str) -> str:
    """Return *value* masked, escaped and cut."""
    safe = escape(mask(value[:LONGEST_READ]))
    if len(safe) <= LONGEST_TEXT and len(value) <= LONGEST_READ:
        return safe
    return safe[:LONGEST_TEXT] + CUT


def escape(value: str) -> str:
    """Return *value* with control, bidi and other invisible characters written as escapes."""
    if value.isprintable():
        return value
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in value
    )


def error_fields(error: BaseException) -> dict[str, Value]:
    """
    Return the type of *error*, where it was raised, and its text if that is harmless.

    Texts of ours and of the system name files and remedies; others may quote a user.
    """
    fields: dict[str, Value] = {"error_type": type(error).__name__}
    if shown := shown_error(error):
        fields["error"] = shown
    if isinstance(error, BaseExceptionGroup):
        fields["errors"] = [type(inner).__name__ for inner in error.exceptions[:MOST_ITEMS]]
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
    if cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        fields["caused_by"] = type(cause).__name__
    fields["frames"] = frames(error.__traceback__)
    return fields


def shown_error(error: BaseException) -> str | None:
    """Return the text of *error* if it cannot quote a user."""
    if isinstance(error, OSError):
        named = f"{error.filename}: " if error.filename else ""
        return text(f"{named}{error.strerror}") if error.strerror else None
    return text(str(error)) if isinstance(error, ExporterError) else None


def frames(trace: TracebackType | None) -> list[Value]:
    """Return the innermost frames as ``file:line function``: no source lines, no variables."""
    found = traceback.StackSummary.extract(
        traceback.walk_tb(trace), lookup_lines=False, capture_locals=False
    )
    return [escape(f"{f.filename}:{f.lineno} {f.name}") for f in found[-MOST_FRAMES:]]


def _scalar(value: object) -> Value:
    match value:
        case float():
            return value
        case int() if abs(value) < LARGEST_INT:
            return value
        case int() | str() | PurePath() | date():
            return text(str(value))
        case BaseException():
            return shown_error(value) or type(value).__name__
        case _:
            # Its text may hold anything, a token or the words of a user.
            return _named(value)


def _collection(key: str, value: object, depth: int) -> Value:
    if depth >= DEEPEST or not isinstance(value, Collection):
        return _named(value)
    if isinstance(value, Mapping):
        pairs = islice(value.items(), MOST_ITEMS)
        return {text(str(name)): clean(str(name), item, depth + 1) for name, item in pairs}
    ordered = sorted(value, key=str) if isinstance(value, AbstractSet) else value
    items: list[Value] = [clean(key, item, depth + 1) for item in islice(ordered, MOST_ITEMS)]
    return [*items, f"...({len(value) - MOST_ITEMS} more)"] if len(value) > MOST_ITEMS else items


def _named(value: object) -> str:
    return f"[{type(value).__name__}]"
