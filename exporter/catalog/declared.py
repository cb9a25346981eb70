"""The entries of the lists in a document, each with the place where it stands."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from msgspec import Struct, ValidationError, convert

from ..model.errors import Problem
from .declarations import Extension
from .document import Document, Path, Plain
from .remedies import Finding
from .shape import Shape

SHAPE = Shape(Extension)

T = TypeVar("T", bound=Struct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed(Generic[T]):
    """A declaration and where it stands."""

    item: T
    document: Document
    path: Path

    @property
    def place(self) -> str:
        """Return its file and line, for messages."""
        return f"{self.document.file}:{self.document.line(self.path)}"

    def problem(self, path: Path, message: str) -> Problem:
        """Return *message* as a problem at *path* inside the declaration."""
        return self.document.problem((*self.path, *path), message)

    def problems(self, findings: Iterable[Finding]) -> list[Problem]:
        """Return the findings about the declaration with their places."""
        return [self.problem(path, message) for path, message in findings]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidied:
    """A document whose broken entries are known."""

    document: Document
    value: dict[str, Plain]
    broken: frozenset[Path]

    def entries(self, section: str) -> Iterator[tuple[int, Plain]]:
        """Yield every entry of *section* with its number, broken ones included."""
        entries = self.value.get(section)
        return enumerate(entries if isinstance(entries, list) else [])


def tidy(document: Document, problems: list[Problem]) -> Tidied:
    """Return *document* with what is broken in it; its mistakes go into *problems*."""
    fitted = SHAPE.fit({} if document.value is None else document.value)
    problems += fitted.problems(document)
    value = fitted.value if isinstance(fitted.value, dict) else {}
    broken = frozenset(path[:2] for path, _ in fitted.findings)
    return Tidied(document=document, value=value, broken=broken)


def entries_of(
    tidied: Sequence[Tidied], section: str, kind: type[T], problems: list[Problem]
) -> list[Placed[T]]:
    """Return the entries of *section* that have the right shape."""
    placed = []
    for source in tidied:
        for index, entry in source.entries(section):
            path: Path = (section, index)
            if path in source.broken:
                continue
            try:
                item = convert(entry, kind)
            except (ValidationError, OverflowError) as error:
                problems.append(source.document.problem(path, f"{error}; correct it"))
                continue
            placed.append(Placed(item=item, document=source.document, path=path))
    return placed


def names_in(tidied: Iterable[Tidied], section: str) -> frozenset[str]:
    """Return every name that *section* declares, well or badly."""
    entries = (entry for source in tidied for _, entry in source.entries(section))
    names = (entry.get("name") for entry in entries if isinstance(entry, dict))
    return frozenset(name for name in names if isinstance(name, str))
