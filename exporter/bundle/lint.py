"""
Ghosts: metrics that a rule, a dashboard or a document names and nobody exposes.

A panel that asks for one stays empty for years and nobody notices; an alert on one never fires.
"""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from .. import __version__
from ..catalog.retired import RETIRED, Retired
from ..catalog.spec import Catalog, Kind
from .mentions import Mention, declared, mentions

PARTS = ("_bucket", "_sum", "_count")


@dataclass(frozen=True, slots=True)
class Text:
    """A file that may speak of metrics."""

    file: str
    content: str

    @property
    def suffix(self) -> str:
        """Return the ending of the file's name, which tells its language."""
        return PurePath(self.file).suffix


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A name that needs attention: a ghost, or (*is_ghost* false) one that will be gone soon."""

    file: str
    line: int
    name: str
    message: str
    is_ghost: bool = True

    def __str__(self) -> str:
        """Return ``file:line: name: message``, the form editors can jump to."""
        return f"{self.file}:{self.line}: {self.name}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The series that exist, other words that look like some, and the retired families."""

    series: frozenset[str]
    words: frozenset[str] = frozenset()
    retired: tuple[Retired, ...] = RETIRED
    version: str = __version__

    def judge(self, name: str) -> tuple[bool, str] | None:
        """Return whether *name* is a ghost, and why it needs attention; None when it needs none."""
        leaving = next((entry for entry in self.retired if _family(name, entry.name)), None)
        if leaving is not None:
            return leaving.is_gone(self.version), leaving.note(self.version)
        if name in self.series | self.words or (name.endswith("_") and self._begins(name)):
            return None
        return True, f"no such metric; {self._advice(name)}"

    def _begins(self, start: str) -> bool:
        return any(series.startswith(start) for series in self.series)

    def _advice(self, name: str) -> str:
        close = difflib.get_close_matches(name, sorted(self.series), n=1)
        return f"did you mean {close[0]}?" if close else "docs/reference/metrics.md lists them all"


def series_names(catalog: Catalog) -> frozenset[str]:
    """Return every series name the exporter can show."""
    parts = (
        metric.name + part
        for metric in catalog.metrics
        if metric.kind is Kind.HISTOGRAM
        for part in PARTS
    )
    return frozenset((*(metric.name for metric in catalog.metrics), *parts))


def findings(texts: Sequence[Text], catalog: Catalog) -> Iterator[Finding]:
    """Yield every name in *texts* that *catalog* does not expose, or not for long."""
    known = known_names(texts, catalog)
    for text in texts:
        yield from findings_in(text, known)


def known_names(texts: Sequence[Text], catalog: Catalog) -> Known:
    """Return what *texts* may name: the series of *catalog* and what they declare themselves."""
    own = {name for text in texts for name in declared(text.content, suffix=text.suffix)}
    choices = {choice for m in catalog.metrics for label in m.labels for choice in label.choices}
    return Known(series=series_names(catalog) | own, words=frozenset(choices))


def findings_in(text: Text, known: Known) -> Iterator[Finding]:
    """Yield every name in one *text* that needs attention, once per line."""
    for mention in _once(mentions(text.content, suffix=text.suffix)):
        verdict = known.judge(mention.name)
        if verdict is not None:
            is_ghost, message = verdict
            yield Finding(
                file=text.file,
                line=mention.line,
                name=mention.name,
                message=message,
                is_ghost=is_ghost,
            )


def _once(found: Iterable[Mention]) -> Iterable[Mention]:
    return dict.fromkeys(found)


def _family(series: str, name: str) -> bool:
    return series == name or series in (name + part for part in PARTS)
