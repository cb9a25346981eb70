"""Why an event is rejected, in words that name the place and the remedy."""

import re

import msgspec
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from ..catalog.schema import event_schema
from ..catalog.spec import Catalog
from ..model.verdicts import Reason, Rejected

# jsonschema takes about 130 us an event: complete lists only for the first few of a request.
MOST_DETAILED = 10
LONGEST_DETAILED = 65_536
_MOST_COMPLAINTS = 8
_LONGEST_NAME = 128  # A field's name may be megabytes long; an answer repeats this much of it.

_AT = re.compile(r" - at (?:`key` in )?`(?P<path>[^`]*)`$")
_VALUE = re.compile(r"Invalid (?:enum )?value")
_FIELD = re.compile(r"(?P<what>Object .* field )`(?P<name>.*)`$", re.DOTALL)
_REASONS: tuple[tuple[re.Pattern[str], Reason, str], ...] = (
    (
        re.compile(r"^Object contains unknown field"),
        Reason.UNKNOWN_FIELD,
        "put what the event type does not declare into `properties`",
    ),
    (re.compile(r"^Object missing required field"), Reason.MISSING_FIELD, "add it"),
    (
        re.compile(r"^Invalid value"),
        Reason.UNKNOWN_TYPE,
        "GET /v1/schema lists the event types; `track` takes anything else",
    ),
    (re.compile(r"^Invalid enum value"), Reason.NOT_A_CHOICE, "GET /v1/schema lists the choices"),
    (re.compile(r"of length <="), Reason.TOO_LONG, "shorten it"),
    (re.compile(r"of length >="), Reason.OUT_OF_RANGE, "leave it out if there is no value"),
    (re.compile(r"[<>]=? -?[0-9]|out of range"), Reason.OUT_OF_RANGE, "check the unit"),
    (re.compile(r"Expected `object`, got"), Reason.NOT_AN_OBJECT, "send one JSON object per event"),
    (
        re.compile(r"datetime"),
        Reason.WRONG_TYPE,
        "write 2026-01-31T12:00:00Z or seconds since 1970",
    ),
    (re.compile(r"Expected"), Reason.WRONG_TYPE, "send that type, or leave the field out"),
)


class Explainer:
    """Turns a decoder's complaint into a verdict."""

    def __init__(self, catalog: Catalog) -> None:
        schema = event_schema(catalog)
        self._validators = {
            name: Draft202012Validator(definition) for name, definition in schema["$defs"].items()
        }

    def reject(self, index: int, raw: bytes, error: Exception, *, detailed: bool) -> Rejected:
        """
        Return the verdict on the event *raw* that a decoder refused with *error*.

        Args:
            index: Place of the event in the request.
            raw: The event as it came.
            error: What the decoder said: the first mistake only.
            detailed: Look for every other mistake as well.
        """
        verdict = explain(index, error)
        if detailed and len(raw) <= LONGEST_DETAILED:
            complaints = self._complaints(raw)
            if len(complaints) > 1:
                return Rejected(
                    index,
                    verdict.reason,
                    verdict.path,
                    f"{verdict.message} ({'; '.join(complaints)})",
                )
        return verdict

    def _complaints(self, raw: bytes) -> list[str]:
        try:
            event = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return []
        kind = event.get("type") if isinstance(event, dict) else None
        validator = self._validators.get(kind) if isinstance(kind, str) else None
        if validator is None:
            return []
        errors = sorted(validator.iter_errors(event), key=lambda error: error.json_path)
        return [_complaint(error) for error in errors[:_MOST_COMPLAINTS]]


def explain(index: int, error: Exception) -> Rejected:
    """Return the verdict for a decoder's *error*: reason, path and remedy."""
    if not isinstance(error, msgspec.ValidationError):
        text = "the text is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        return Rejected(index, Reason.MALFORMED, "$", f"not valid JSON: {text}; {_JSON_REMEDY}")
    path, complaint = _parts(str(error))
    for pattern, reason, remedy in _REASONS:
        if pattern.search(complaint):
            return Rejected(index, reason, path, f"{complaint}; {remedy}")
    return Rejected(index, Reason.WRONG_TYPE, path, complaint)


_JSON_REMEDY = "JSON knows no NaN, Infinity, comments, trailing commas or lone surrogates"


def _parts(text: str) -> tuple[str, str]:
    """Return the place and the complaint, without the value, which may be personal data."""
    at = _AT.search(text)
    path, complaint = (at["path"], text[: at.start()]) if at else ("$", text)
    value = _VALUE.match(complaint)
    if value:
        return path, value[0]
    field = _FIELD.match(complaint)
    if field:
        name = _shortened(field["name"])
        return f"{path}.{name}", f"{field['what']}`{name}`"
    return path, complaint


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."


def _complaint(error: ValidationError) -> str:
    """Return what is wrong where, again without the value."""
    path = _shortened(error.json_path)
    match error.validator:
        case "additionalProperties":
            return f"{path}: unknown field"
        case "required":
            return f"{path}: {error.message}"
        case "type":
            return f"{path}: must be {_names(error.validator_value)}"
        case "enum":
            return f"{path}: must be one of {_names(error.validator_value)}"
        case _:
            return f"{path}: breaks {error.validator} {_short(error.validator_value)}".rstrip()


def _names(value: object) -> str:
    # A field that may be left out may be null, too: true, but no help.
    known = [str(v) for v in value if v is not None] if isinstance(value, list) else [str(value)]
    return ", ".join(known)


def _short(value: object) -> str:
    return str(value) if isinstance(value, int | float | str) else ""
