"""Texts with ``{{name}}``, filled so that a value can never become more than a value."""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import quote

from ..config.probe_conversations import PLACE
from ..model.probing import ProbeReason
from .outcome import FailedError

Values = Mapping[str, str]


def fill(text: str, values: Values) -> str:
    """Return *text* with the *values* as they are; a name without a value stays."""
    return _filled(text, values, str)


def fill_url(text: str, values: Values) -> str:
    """Return a URL with each of the *values* quoted."""
    return _filled(text, values, partial(quote, safe=""))


def fill_body(text: str, values: Values, content_type: str) -> str:
    """Return a body with the *values* written as JSON or a form wants them."""
    if text.lstrip().startswith(("{", "[")) or "json" in content_type:
        return _filled(text, values, lambda value: json.dumps(value)[1:-1])
    if "x-www-form-urlencoded" in content_type:
        return fill_url(text, values)
    return fill(text, values)


def fill_header(text: str, values: Values) -> str:
    """
    Return the value of a header.

    Raises:
        FailedError: a value would begin another header.
    """
    filled = fill(text, values)
    if not filled.isprintable():
        message = "a saved value does not fit into a header"
        raise FailedError(ProbeReason.ANSWER_MISMATCH, message)
    return filled


def content_type_of(headers: Mapping[str, str]) -> str:
    """Return the type of a body in lower case."""
    return next((v.lower() for name, v in headers.items() if name.lower() == "content-type"), "")


def _filled(text: str, values: Values, write: Callable[[str], str]) -> str:
    def value_of(match: re.Match[str]) -> str:
        value = values.get(match[1])
        return match[0] if value is None else write(value)

    return PLACE.sub(value_of, text)
