"""Objectives: read from ``prometheus/slo/*.yml`` or a site's files, checked, and understood."""

from collections.abc import Collection, Sequence
from pathlib import Path

from ..catalog.builtin import CATALOG
from ..catalog.document import Document, refusal
from ..catalog.shape import Shape
from ..catalog.slo_spec import EventCount, Slo
from ..catalog.spec import Catalog
from ..model.errors import Problem
from .load import read_document
from .slo_declarations import EventsDeclaration, SloDeclaration, SloFile
from .slo_findings import slo_findings
from .structs import read_struct

FOLDER = Path("prometheus", "slo")
_PACKAGE = Path(__file__).parents[1]
SHAPE = Shape(SloFile)


def shipped_slos() -> tuple[Slo, ...]:
    """
    Return the objectives that come with the bundle.

    Raises:
        ConfigError: a file was broken.
    """
    problems: list[Problem] = []
    documents = [read_document(file) for file in shipped_files()]
    slos = read_slos(documents, CATALOG, problems)
    if problems:
        raise refusal(problems)
    return tuple(slos.values())


def shipped_files() -> list[Path]:
    """Return the files of the bundle's objectives: in the package, else in the checkout."""
    packed = _PACKAGE / FOLDER
    folder = packed if packed.is_dir() else _PACKAGE.parent / FOLDER
    return sorted(folder.glob("*.yml"))


def read_slos(
    documents: Sequence[Document],
    catalog: Catalog,
    problems: list[Problem],
    *,
    taken: Collection[str] = (),
) -> dict[str, Slo]:
    """
    Return the sound objectives of *documents* by name.

    Args:
        documents: Files of objectives.
        catalog: The metrics they may count with.
        problems: Takes what is wrong.
        taken: Names that they may not have.
    """
    slos: dict[str, Slo] = {}
    for document in documents:
        declared, found = read_struct(document, SHAPE, SloFile)
        findings = slo_findings(declared.slos, catalog, taken=(*taken, *slos))
        found += [document.problem(path, message) for path, message in findings]
        if not found:
            slos |= {slo.name: slo_of(slo, catalog) for slo in declared.slos}
        problems += found
    return slos


def slo_of(declared: SloDeclaration, catalog: Catalog) -> Slo:
    """Return the objective that *declared*, checked before, describes."""
    events = declared.bad or declared.good
    assert events is not None  # noqa: S101 - the check demands one of them
    return Slo(
        name=declared.name,
        doc=declared.description,
        target=declared.target,
        total=_count(declared.total, catalog),
        events=_count(events, catalog),
        counts_bad=declared.bad is not None,
        per_bot=declared.per_bot,
        pages=declared.pages,
        labels=declared.labels,
    )


def _count(declared: EventsDeclaration, catalog: Catalog) -> EventCount:
    return EventCount(
        metric=catalog.metric(declared.metric),
        at_most=declared.at_most,
        only=declared.only,
        without=declared.without,
    )
