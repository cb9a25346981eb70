"""A log line as bytes: ``key=value`` pairs as Prometheus writes them, or one JSON object."""

import re
from collections.abc import Callable, Mapping

import msgspec

from .log_values import Value

Render = Callable[[Mapping[str, Value]], bytes]

_BARE = re.compile(r'[^\s"=]+')
_FORBIDDEN_IN_KEY = re.compile(r"[^A-Za-z0-9_.]")
_json = msgspec.json.Encoder()


def json_line(fields: Mapping[str, Value]) -> bytes:
    """Return one JSON object; NaN and the infinities become null."""
    return _json.encode(fields)


def logfmt_line(fields: Mapping[str, Value]) -> bytes:
    """Return ``key=value`` pairs; values with spaces, quotes or equals signs are quoted."""
    pairs = (f"{_FORBIDDEN_IN_KEY.sub('_', key)}={_value(value)}" for key, value in fields.items())
    return " ".join(pairs).encode("utf-8", "backslashreplace")


def _value(value: Value) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return _quoted(value)
        case int() | float():
            return str(value)
        case _:
            return _quoted(_json.encode(value).decode())


def _quoted(value: str) -> str:
    if _BARE.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


RENDERERS: Mapping[str, Render] = {"json": json_line, "logfmt": logfmt_line}
