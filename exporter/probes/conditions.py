"""Whether an answer is good: its status, its text, its JSON."""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from ..config.probe_regex import Pattern, compile_pattern
from ..config.probes import HttpSettings, JsonCondition
from ..model.json_path import MISSING, look_up, parse_json_path
from ..model.probing import ProbeReason
from .http_hop import Answer
from .outcome import Facts, FailedError

GOOD = range(200, 300)
REFUSALS = (401, 403, 407)
MOST_PATTERNS = 4096


def _is_same(found: object, wanted: object) -> bool:
    # To Python, true is 1.
    return isinstance(found, bool) is isinstance(wanted, bool) and found == wanted


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": _is_same,
    "ne": lambda found, wanted: not _is_same(found, wanted),
    "lt": lambda found, wanted: found < wanted,
    "le": lambda found, wanted: found <= wanted,
    "gt": lambda found, wanted: found > wanted,
    "ge": lambda found, wanted: found >= wanted,
    "contains": lambda found, wanted: wanted in found,
}


def check_answer(settings: HttpSettings, answer: Answer, facts: Facts) -> None:
    """
    Return when *answer* is what *settings* ask for.

    Raises:
        FailedError: it is not; the message never quotes the body.
    """
    _check_status(settings, answer.status)
    wanted = (*settings.contains, *settings.matches, *settings.matches_not, *settings.json)
    if not wanted:
        return
    facts.has_body_mismatch = True
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        message = "the body is compressed though that was not asked for"
        raise FailedError(ProbeReason.BODY_MISMATCH, message)
    text = answer.body.decode("utf-8", "replace")
    _check_text(settings, text)
    if settings.json:
        document = read_json(text)
        for condition in settings.json:
            _check_json(condition, document)
    facts.has_body_mismatch = False


def read_json(text: str) -> object:
    """
    Return the document in *text*.

    Raises:
        FailedError: there is none.
    """
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        raise FailedError(ProbeReason.BODY_MISMATCH, "the body is no JSON") from None
    return document


def _check_status(settings: HttpSettings, status: int) -> None:
    if status in (settings.status or GOOD):
        return
    if status in REFUSALS:
        message = f"status {status}: the credentials are missing or not accepted"
        raise FailedError(ProbeReason.AUTHENTICATION, message)
    raise FailedError(ProbeReason.STATUS, f"status {status} is none of the good ones")


def _check_text(settings: HttpSettings, text: str) -> None:
    for index, part in enumerate(settings.contains):
        if part not in text:
            message = f"the body lacks contains[{index}]"
            raise FailedError(ProbeReason.BODY_MISMATCH, message)
    for index, pattern in enumerate(settings.matches):
        if not _compiled(pattern).search(text):
            message = f"the body does not match matches[{index}]"
            raise FailedError(ProbeReason.BODY_MISMATCH, message)
    for index, pattern in enumerate(settings.matches_not):
        if _compiled(pattern).search(text):
            message = f"the body matches matches_not[{index}]"
            raise FailedError(ProbeReason.BODY_MISMATCH, message)


def _check_json(condition: JsonCondition, document: object) -> None:
    found = look_up(document, parse_json_path(condition.path))
    if found is not MISSING and (condition.op == "present" or _holds(condition, found)):
        return
    message = f"{condition.path} in the body is not what it should be"
    raise FailedError(ProbeReason.BODY_MISMATCH, message)


def _holds(condition: JsonCondition, found: object) -> bool:
    try:
        return bool(_COMPARISONS[condition.op](found, condition.value))
    except TypeError:  # A text is not less than a number.
        return False


@lru_cache(MOST_PATTERNS)
def _compiled(text: str) -> Pattern:
    return compile_pattern(text)
