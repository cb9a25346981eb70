"""Regular expressions that take linear time, by RE2; Python's own may take for ever."""

from typing import Protocol

try:
    import re2  # type: ignore[import-untyped]  # Google ships no types.
except ImportError:  # The extra `probes` is optional.
    re2 = None

MEMORY_BYTES = 2**20


class Pattern(Protocol):
    """A compiled expression."""

    def search(self, text: str) -> object:
        """Return a match or None."""
        ...


def compile_pattern(text: str) -> Pattern:
    """
    Return *text* compiled.

    Raises:
        ValueError: RE2 is not installed or refuses it; the message names the remedy.
    """
    if re2 is None:
        raise ValueError("needs RE2; install bot-exporter[probes], or use `contains`")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MEMORY_BYTES
    try:
        pattern: Pattern = re2.compile(text, options)
    except re2.error as error:
        why = error.args[0] if error.args else "unknown syntax"
        shown = why.decode(errors="replace") if isinstance(why, bytes) else str(why)
        raise ValueError(f"is no expression of RE2 ({shown}); correct it") from None
    return pattern
