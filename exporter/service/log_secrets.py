"""
Masking of secrets and personal data in log lines, by the name of a field and by the look of a text.

The second line of defence: the first is not to log them. It masks too much rather than too little.
Every pattern is bounded, so that a hostile text costs linear time.
"""

import re
from functools import lru_cache

SECRET = "[secret]"  # noqa: S105 - what stands in its place
EMAIL = "[email]"

# A plural such as `tokens` is a count, and `token_name` is public.
_TELLTALE = re.compile(
    r"(?:^|[_.-])(?:token|secret|passw(?:or)?d|passphrase|pwd|authorization|auth|cookie|credentials?"
    r"|api_?key|private_?key|signature|dsn|e?mail|phone|contact|user|body|text|payload|content)$",
    re.IGNORECASE,
)
# Without any of these nothing below can match.
_SUSPECT = re.compile(
    r"[@=:]|bo_|eyJ|AKIA|xox|gh[opsru]_|sk-|bearer|basic|BEGIN|\S{32}", re.IGNORECASE
)
_EMAIL = re.compile(r"[^\s@<>\"'=&/:;,\[\]]{1,64}@[^\s@<>\"'&/:;,\[\]]{1,255}")
_NAMED = r"token|secret|passw(?:or)?d|passphrase|pwd|api[_-]?key|access[_-]?key|signature|sig"
# What follows the group in a pattern is the secret; the group itself stays.
_SECRETS: tuple[re.Pattern[str], ...] = (
    # Our own tokens: whole ones anywhere, pieces of one where a word begins.
    re.compile(r"()(?:bo_[A-Za-z0-9_-]{20,}|(?<![A-Za-z0-9])bo_[A-Za-z0-9_-]{6,})"),
    re.compile(r"(authorization[\"']?\s{0,3}[:=]\s{0,3})[^\r\n,;]{1,4096}", re.IGNORECASE),
    re.compile(r"\b(bearer\s{1,3})\S{1,4096}", re.IGNORECASE),
    re.compile(r"\b([Bb]asic\s{1,3})(?=[a-z]{0,64}[A-Z0-9=])[A-Za-z0-9+/_=-]{6,4096}"),
    re.compile(r"(://)[^/\s@]{1,512}(?=@)"),
    re.compile(
        rf"((?:{_NAMED})[\"']?\s{{0,3}}[=:]\s{{0,3}}[\"']?)[^\s\"'&,;]{{1,4096}}", re.IGNORECASE
    ),
    # JSON Web Tokens, Telegram bots, and the prefixes that scanners know.
    re.compile(r"()eyJ[A-Za-z0-9_-]{8,4096}(?:\.[A-Za-z0-9_-]{1,4096}){0,4}"),
    re.compile(r"()(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,64}"),
    re.compile(
        r"()(?:AKIA[0-9A-Z]{12,}|xox[a-z]-[A-Za-z0-9-]{8,}|gh[opsru]_\w{16,}|sk-[\w-]{16,})"
    ),
    re.compile(r"()-----BEGIN[^-]{1,64}-----.{0,8192}", re.DOTALL),
)
_KEPT = rf"\1{SECRET}"
# Anything else that is long, without a space, and mixes letters with digits.
_LONG_WORD = re.compile(r"[A-Za-z0-9_\-+=]{32,}")


@lru_cache(maxsize=512)
def is_telltale(key: str) -> bool:
    """Return whether a field of this name holds what must not be written."""
    return _TELLTALE.search(key) is not None


def mask(text: str) -> str:
    """Return *text* with everything that looks like a secret or an e-mail address replaced."""
    if not _SUSPECT.search(text):
        return text
    for pattern in _SECRETS:
        text = pattern.sub(_KEPT, text)
    if "@" in text:
        text = _EMAIL.sub(EMAIL, text)
    return _LONG_WORD.sub(_mask_mixed, text)


def _mask_mixed(found: re.Match[str]) -> str:
    word = found[0]
    is_mixed = any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
    return SECRET if is_mixed else word
