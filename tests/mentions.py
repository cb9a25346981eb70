"""
What our documents mention, so that tests can ask whether it exists.

Commands and paths count only inside code, in spans and blocks: prose may say "make sure".
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

_BLOCK = re.compile(r"^ *(```|~~~).*?\n(.*?)^ *\1 *$", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"(`+)(.+?)\1", re.DOTALL)
_COMMENT = re.compile(r"(?:^|\s)#.*")
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
_PATH = re.compile(r"[\w.-]+(?:/[\w.*-]+)+/?")
_TARGET = re.compile(r"\bmake((?: +[A-Za-z_]+=\S+)*) +([a-z][a-z-]*)")
_ENDS_COMMAND = ("|", "||", "&&", ";", "&", ">", "<")


@dataclass(frozen=True, slots=True)
class Command:
    """One call of ``bot-exporter``: its subcommand, if any, and its long flags."""

    name: str
    flags: tuple[str, ...]


def code(markdown: str) -> Iterator[str]:
    """Yield the lines of code blocks, joined where a backslash continues them, and code spans."""
    for block in _BLOCK.finditer(markdown):
        yield from block[2].replace("\\\n", " ").splitlines()
    for span in _SPAN.finditer(_BLOCK.sub("", markdown)):
        yield " ".join(span[2].split())


def make_targets(markdown: str) -> set[str]:
    """Return the targets of every ``make`` call."""
    return {match[2] for line in code(markdown) for match in _TARGET.finditer(line)}


def commands(markdown: str) -> Iterator[Command]:
    """Yield every call of ``bot-exporter``; a flag alone in its span has no subcommand."""
    for line in code(markdown):
        words = _COMMENT.sub("", line).split()
        if words and words[0].startswith("--"):
            yield Command("", _flags(words))
        for place, word in enumerate(words):
            if word.rpartition("/")[2] == "bot-exporter":
                call = list(takewhile(lambda word: word not in _ENDS_COMMAND, words[place + 1 :]))
                named = call and re.fullmatch(r"[a-z][a-z-]*", call[0])
                yield Command(call[0] if named else "", _flags(call))


def paths(markdown: str, *, folders: frozenset[str]) -> set[str]:
    """Return every path in code that starts in one of *folders*; it may hold ``*``."""
    words = {word for line in code(markdown) for word in _COMMENT.sub("", line).split()}
    return {word for word in words if _PATH.fullmatch(word) and word.split("/")[0] in folders}


def links(markdown: str) -> set[str]:
    """Return the targets of links that stay in this repository."""
    prose = _SPAN.sub("", _BLOCK.sub("", markdown))
    targets = {match[1] or match[2] for match in _LINK.finditer(prose)}
    return {target for target in targets if not re.match(r"[a-z][a-z0-9+.-]*:", target)}


def anchors(markdown: str) -> set[str]:
    """Return the names under which the headings can be linked, as GitHub makes them."""
    headings = _HEADING.findall(_BLOCK.sub("", markdown))
    slugs = Counter(re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings)
    repeated = {f"{slug}-{n}" for slug, times in slugs.items() for n in range(1, times)}
    return repeated.union(slugs)


def _flags(words: list[str]) -> tuple[str, ...]:
    return tuple(word.split("=")[0] for word in words if re.match(r"--[a-z]", word))
