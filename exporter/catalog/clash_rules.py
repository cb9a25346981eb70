"""What must hold between own declarations, and between them and the built-in ones."""

from collections.abc import Iterable, Iterator, Sequence

from ..model.errors import Problem
from .declarations import EventDeclaration, LabelDeclaration, MetricDeclaration
from .declared import Placed
from .reserved import exposed_names
from .spec import Catalog

NAME = ("name",)


def repeated(
    placed: Iterable[Placed[EventDeclaration]] | Iterable[Placed[LabelDeclaration]],
) -> Iterator[Problem]:
    """Refuse a second declaration of the same name."""
    first: dict[str, str] = {}
    for entry in placed:
        name = entry.item.name
        if name in first:
            message = f"{name!r} is declared already at {first[name]}; remove one of them"
            yield entry.problem(NAME, message)
        first.setdefault(name, entry.place)


def crowded(base: Catalog, events: Sequence[Placed[EventDeclaration]]) -> Iterator[Problem]:
    """Refuse more event types than the label ``event`` keeps apart."""
    limit = next((label.limit for label in base.labels if label.name == "event"), len(events))
    room = max(limit - len(base.events), 0)
    for event in events[room:]:
        yield event.problem(
            (), f"only {room} own event types fit into the label `event`; remove it"
        )


def clashes(base: Catalog, metrics: Iterable[Placed[MetricDeclaration]]) -> Iterator[Problem]:
    """Refuse two families that claim the same name in an exposition."""
    owner: dict[str, str] = {}
    for known in base.metrics:
        taken = exposed_names(known.kind.value, known.name)
        owner.update(dict.fromkeys(taken, f"the built-in {known.name}"))
    for metric in metrics:
        claimed = exposed_names(metric.item.type, metric.item.name)
        rivals = sorted({owner[name] for name in claimed if name in owner})
        if rivals:
            yield metric.problem(NAME, f"the name clashes with {rivals[0]}; choose another name")
        mine = f"{metric.item.name} at {metric.place}"
        owner.update(dict.fromkeys(claimed - owner.keys(), mine))
