"""The laws of the whole catalogue, applied to what users add to it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from ..model.errors import Problem
from .declarations import EventDeclaration, LabelDeclaration, MetricDeclaration
from .declared import Placed
from .lint import lint
from .spec import Catalog

Declaration: TypeAlias = (
    Placed[EventDeclaration] | Placed[LabelDeclaration] | Placed[MetricDeclaration]
)

# How its author describes a thing, and in which language, is not ours to judge.
ABOUT_WORDING = "the description is no sentence"


def broken_laws(extended: Catalog, declarations: Iterable[Declaration]) -> Iterator[Problem]:
    """Yield what `lint` says about the *declarations* that made *extended* what it is."""
    places = dict(_places(declarations))
    for complaint in lint(extended):
        where, _, message = complaint.partition(": ")
        if where in places and ABOUT_WORDING not in message:
            yield _problem(places, where, message)


def _problem(places: Mapping[str, Declaration], where: str, message: str) -> Problem:
    remedy = "" if ";" in message else "; correct it"
    return places[where].problem((), f"{message}{remedy}")


def _places(declarations: Iterable[Declaration]) -> Iterator[tuple[str, Declaration]]:
    """Yield how `lint` calls each declaration."""
    for declared in declarations:
        item = declared.item
        if isinstance(item, MetricDeclaration):
            yield item.name, declared
            yield f"feed {item.event} -> {item.name}", declared
        elif isinstance(item, EventDeclaration):
            yield f"event {item.name}", declared
        else:
            yield f"label {item.name}", declared
