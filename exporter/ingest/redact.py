"""
Masking of personal data in free text.

Runs in linear time whatever the text: words are looked at one by one, and the pattern for
numbers cannot backtrack further than seven digits. It masks too much rather than too little.
"""

import re
from collections.abc import Mapping

EMAIL, LINK, SECRET, NUMBER = "[email]", "[link]", "[secret]", "[number]"
# A telephone number, a card, an account: 7 digits or more, grouped or not.
_NUMBER = re.compile(r"\+?\d(?:[ ().\-/\u00a0]{0,2}\d){6,}")
# Words worth a look: long ones, and those with a sign of an address among the first 20 letters.
_WORD = re.compile(r"\S{20,}|[^\s@/.]{0,19}[@/.]\S*")
_SECRET = re.compile(r"[A-Za-z0-9_\-+/=.]{20,}")
_ADDRESS = re.compile(r"[^/?#]{1,255}\.[^\W\d_]{2,24}[/?#]")
_SUSPECT = re.compile(r"[@\d/]|www\.|\S{20}", re.IGNORECASE)
_PERSONAL_KEY = re.compile(r"@|\d{7}")
_LARGEST_SHOWN = 10**6  # Whole numbers of seven digits or more may be telephone numbers.

Value = str | int | float | bool | None

_MOST_KEPT = 5_000
_LONGEST_KEPT = 32
_clean_values: set[str] = set()
_clean_keys: set[str] = set()


def redact(text: str) -> str:
    """Return *text* with e-mail addresses, links, tokens and runs of 7 or more digits masked."""
    if not _SUSPECT.search(text):
        return text
    return _NUMBER.sub(NUMBER, _WORD.sub(_mask, text))


def redact_properties(properties: Mapping[str, Value]) -> dict[str, Value] | None:
    """Return the properties with their text and long numbers masked; None if nothing was."""
    changed: dict[str, Value] = {}
    for key, value in properties.items():
        if isinstance(value, str):
            if value not in _clean_values:
                masked = redact(value)
                if masked != value:
                    changed[key] = masked
                else:
                    _keep(_clean_values, value)
        elif value.__class__ is not bool and value is not None and _is_long(value):
            changed[key] = NUMBER
    clean = {**properties, **changed} if changed else None
    if properties.keys() <= _clean_keys:
        return clean
    # Keys are names a developer chose, unless somebody made them of people: one look at all.
    if _PERSONAL_KEY.search("\n".join(properties)):
        return {_redact_key(key): value for key, value in (clean or properties).items()}
    for key in properties:
        _keep(_clean_keys, key)
    return clean


def _keep(known: set[str], text: str) -> None:
    """Remember a short text that needed no masking: bots send the same few over and over."""
    if len(text) <= _LONGEST_KEPT:
        if len(known) >= _MOST_KEPT:
            known.clear()
        known.add(text)


def _redact_key(key: str) -> str:
    return redact(key) if _PERSONAL_KEY.search(key) else key


def _is_long(value: float) -> bool:
    return abs(value) >= _LARGEST_SHOWN and float(value).is_integer()


def _mask(found: re.Match[str]) -> str:
    word = found[0]
    if "@" in word:
        return EMAIL
    if "://" in word or word[:4].lower() == "www." or _ADDRESS.match(word):
        return LINK
    return _SECRET.sub(_mask_secret, word)


def _mask_secret(found: re.Match[str]) -> str:
    run = found[0]
    mixed = any(c.isdigit() for c in run) and any(c.isalpha() for c in run)
    return SECRET if mixed else run
