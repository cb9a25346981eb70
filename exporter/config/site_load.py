"""A site's file, read with everything it names: one checked site, or every mistake at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..catalog.builtin import CATALOG
from ..catalog.document import Document, refusal
from ..catalog.document import Path as DocumentPath
from ..catalog.extend import build, check
from ..catalog.shape import Shape
from ..catalog.slo_spec import Slo
from ..catalog.spec import Catalog
from ..model.errors import ConfigError, Problem
from .load import read_document
from .site import Site
from .site_findings import site_findings
from .slo import read_slos, shipped_slos, slo_of
from .slo_findings import slo_findings
from .structs import read_struct

SHAPE = Shape(Site)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedSite:
    """What a site decides, and its objectives: shipped ones and its own."""

    site: Site
    slos: tuple[Slo, ...]


def default_site() -> LoadedSite:
    """Return the site that changes nothing."""
    return LoadedSite(site=Site(), slos=shipped_slos())


def load_site(file: Path) -> LoadedSite:
    """
    Return what *file* says.

    Raises:
        ConfigError: with every mistake in it and in the files it names.
    """
    document = read_document(file)
    site, problems = read_struct(document, SHAPE, Site)
    catalog = _catalog(site, document, problems)
    shipped = {slo.name: slo for slo in shipped_slos()}
    own = _own_slos(site, document, catalog, problems)
    findings = site_findings(site, catalog, shipped=shipped)
    problems += [document.problem(path, message) for path, message in findings]
    if problems:
        raise refusal(problems)
    slos = {**shipped, **own}
    wanted = (slo for name, slo in slos.items() if name not in site.without_slos or name in own)
    return LoadedSite(site=site, slos=tuple(wanted))


def _own_slos(
    site: Site, document: Document, catalog: Catalog, problems: list[Problem]
) -> dict[str, Slo]:
    inline = [document.problem(*found) for found in slo_findings(site.slos, catalog)]
    problems += inline
    own = {} if inline else {slo.name: slo_of(slo, catalog) for slo in site.slos}
    documents = _documents(site.slo_files, ("slo_files",), document, problems)
    return own | read_slos(documents, catalog, problems, taken=own)


def _catalog(site: Site, document: Document, problems: list[Problem]) -> Catalog:
    documents = _documents(site.catalog.files, ("catalog", "files"), document, problems)
    checked = check(CATALOG, documents)
    problems += checked.problems
    # What is sound of it still helps to check the rest.
    return CATALOG if checked.problems else build(CATALOG, checked.extension)


def _documents(
    files: Sequence[str], here: tuple[str, ...], document: Document, problems: list[Problem]
) -> list[Document]:
    """Return the *files*, whose names are relative to the one that names them."""
    folder = Path(document.file).parent
    documents: list[Document] = []
    for index, file in enumerate(files):
        if not file or "\0" in file or file in files[:index]:
            continue  # The findings report it.
        try:
            documents.append(read_document(folder / file))
        except ConfigError as error:
            place: DocumentPath = (*here, index)
            problems += (p if p.line else document.problem(place, str(p)) for p in error.problems)
    return documents
