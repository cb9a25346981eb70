"""What a broken rule of a schema means, and what to write instead."""

import difflib
from collections.abc import Callable, Iterable, Mapping

from jsonschema.exceptions import ValidationError

from .document import Path, quoted

Finding = tuple[Path, str]

MOST_LISTED = 12
MOST_SUGGESTIONS = 100

TYPES: Mapping[str, tuple[str, str]] = {
    "object": ("a mapping", "`key: value` lines below it, indented"),
    "array": ("a list", "[a, b]"),
    "string": ("text", '"text"'),
    "integer": ("a whole number", "10"),
    "number": ("a number", "10"),
    "boolean": ("true or false", "true or false"),
}


def explain(error: ValidationError) -> list[Finding]:
    """Return what *error* says about each place: what is wrong, and the remedy."""
    path = tuple(error.absolute_path)
    rule = str(error.validator)
    if rule == "additionalProperties":
        return _unknown_keys(error, path)
    if rule == "required":
        return [(path, f"the key {name!r} is missing; add it") for name in _missing(error)]
    sentence = _SENTENCES.get(rule)
    return [(path, sentence(error) if sentence else f"{error.message}; correct it")]


def unknown_key(key: str, known: Iterable[str], *, what: str = "key") -> str:
    """Return the message about a *key* that is none of the *known* ones."""
    names = list(known)
    return f"unknown {what}; {closest(key, names)}"


def closest(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean ...?``, or the list of what is known, for the end of a message."""
    names = list(known)
    close = difflib.get_close_matches(word[:64], names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    listed = ", ".join(names[:MOST_LISTED]) + (" ..." if len(names) > MOST_LISTED else "")
    return f"known are: {listed}" if names else "remove it"


def _unknown_keys(error: ValidationError, path: Path) -> list[Finding]:
    unknown, known = _unknown(error), _known(error)
    # Nobody reads thousands of suggestions, and each takes time.
    told = [((*path, key), unknown_key(key, known)) for key in unknown[:MOST_SUGGESTIONS]]
    return told + [((*path, key), "unknown key; remove it") for key in unknown[MOST_SUGGESTIONS:]]


def _unknown(error: ValidationError) -> list[str]:
    known, instance = _known(error), error.instance
    return [key for key in instance if key not in known] if isinstance(instance, dict) else []


def _known(error: ValidationError) -> list[str]:
    properties = _schema(error).get("properties")
    return list(properties) if isinstance(properties, dict) else []


def _missing(error: ValidationError) -> list[str]:
    # The library reports each missing key on its own; only the message names it.
    return [name for name in _expected(error) if error.message.startswith(repr(name))]


def _type(error: ValidationError) -> str:
    expected, example = TYPES.get(str(error.validator_value), ("something else", "another value"))
    return f"expected {expected}, got {quoted(error.instance)}; write {_example(error, example)}"


def _choice(error: ValidationError) -> str:
    shown = ", ".join(_expected(error))
    return f"{quoted(error.instance)} is not one of the choices; write one of: {shown}"


def _pattern(error: ValidationError) -> str:
    pattern = str(error.validator_value).removesuffix("(?!\\n)")
    example = _example(error, "another name")
    return f"{quoted(error.instance)} does not match {pattern}; write something like {example}"


def _alternatives(error: ValidationError) -> str:
    forms = error.validator_value if isinstance(error.validator_value, list) else []
    kinds = " or ".join(TYPES[form["type"]][0] for form in forms if form.get("type") in TYPES)
    return f"{quoted(error.instance)} fits none of the forms; write {kinds}"


def _bound(words: str, remedy: str) -> Callable[[ValidationError], str]:
    def sentence(error: ValidationError) -> str:
        return f"{quoted(error.instance)} {words} {error.validator_value:,}; write {remedy}"

    return sentence


def _example(error: ValidationError, otherwise: str) -> str:
    schema = _schema(error)
    examples = schema.get("examples")
    example = examples[0] if isinstance(examples, list) else schema.get("default")
    if isinstance(example, bool):
        return str(example).lower()
    return str(example) if isinstance(example, str | int | float) and example != "" else otherwise


def _expected(error: ValidationError) -> list[str]:
    value = error.validator_value
    return [str(item) for item in value] if isinstance(value, list) else []


def _schema(error: ValidationError) -> Mapping[str, object]:
    return error.schema if isinstance(error.schema, Mapping) else {}


_SENTENCES: Mapping[str, Callable[[ValidationError], str]] = {
    "type": _type,
    "enum": _choice,
    "pattern": _pattern,
    "anyOf": _alternatives,
    "minimum": _bound("is less than", "at least that"),
    "exclusiveMinimum": _bound("is not more than", "a larger number"),
    "maximum": _bound("is more than", "at most that"),
    "minLength": _bound("is shorter than", "a longer text"),
    "maxLength": _bound("is longer than", "a shorter text"),
    "maxItems": _bound("has more entries than", "fewer"),
    "maxProperties": _bound("has more entries than", "fewer"),
}
