"""How many calls an API still allows, from the headers that APIs commonly send."""

import re
from collections.abc import Mapping

from .outcome import Facts

# The usual, the draft of the IETF before it became one header, and two makers of models.
REMAINING = (
    "RateLimit-Remaining",
    "X-RateLimit-Remaining",
    "X-Rate-Limit-Remaining",
    "x-ratelimit-remaining-requests",
    "anthropic-ratelimit-requests-remaining",
)
LIMIT = (
    "RateLimit-Limit",
    "X-RateLimit-Limit",
    "X-Rate-Limit-Limit",
    "x-ratelimit-limit-requests",
    "anthropic-ratelimit-requests-limit",
)

_NUMBER = re.compile(r"\s*([0-9]{1,15})\b")
_LEFT = re.compile(r";\s*r=([0-9]{1,15})\b")
_QUOTA = re.compile(r";\s*q=([0-9]{1,15})\b")


def note_quota(headers: Mapping[str, str], facts: Facts) -> None:
    """Take what *headers* say about the quota; of several, the one that is nearest to its end."""
    remaining = _first(headers, REMAINING) + _all(headers.get("RateLimit", ""), _LEFT)
    limit = _first(headers, LIMIT) + _all(headers.get("RateLimit-Policy", ""), _QUOTA)
    if remaining:
        facts.quota_remaining = min(remaining)
    if limit:
        facts.quota_limit = min(limit)


def _first(headers: Mapping[str, str], names: tuple[str, ...]) -> list[float]:
    found = (_NUMBER.match(headers.get(name, "")) for name in names)
    return [float(match[1]) for match in found if match is not None]


def _all(text: str, pattern: re.Pattern[str]) -> list[float]:
    return [float(number) for number in pattern.findall(text[:4096])]
