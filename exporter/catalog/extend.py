"""
Own events, labels and metrics, declared in YAML.

A file holds three lists, each of them optional::

    events:
      - name: order_shipped
        description: A parcel left the warehouse.
        fields:
          - name: carrier
            type: string             # string | integer | number | boolean | timestamp
            description: Who carries it.
            choices: [dhl, ups]      # or max_length (64 unless told)
            required: true           # or default: ...
          - {name: weight_kg, type: number, description: Weight., minimum: 0}
    labels:
      - {name: carrier, description: Parcel service., limit: 10}
    metrics:
      - name: bot_orders_shipped_total
        type: counter                # counter | gauge | histogram
        description: Parcels that left the warehouse.
        event: order_shipped         # own or built in
        labels: [bot, carrier]       # each shows the field of its name
        value: weight_kg             # what is added, set or observed; counters: 1 without it
        buckets: [1, 5, 10]          # histograms
        unit: seconds                # seconds | timestamp_seconds | bytes | ratio | usd
        ttl_seconds: 1d              # gauges: gone this long after they were set (1d)
        max_series: 1000
        when:                        # all must hold
          - {field: carrier, op: eq, value: dhl}  # eq ne lt le gt ge present

Only declared fields can be used, never keys of ``properties``. The files extend the built-in
catalogue and are checked like it; every mistake is reported with its place and the remedy.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from msgspec import Struct, ValidationError, convert

from ..model.errors import Problem
from .declarations import EventDeclaration, Extension, LabelDeclaration, MetricDeclaration
from .document import Document, Path, Plain, refusal
from .event_rules import event_findings, label_findings
from .extension_spec import event_of, feed_of, label_for, label_of, metric_of
from .metric_rules import Scope, metric_findings
from .remedies import Finding
from .reserved import exposed_names
from .shape import Shape
from .spec import Catalog, Label

SHAPE = Shape(Extension)
BOT = "bot"

T = TypeVar("T", bound=Struct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What some documents declare, all problems of it, and every name they try to declare."""

    extension: Extension
    problems: tuple[Problem, ...]
    names: frozenset[str]


def extend(base: Catalog, documents: Sequence[Document]) -> Catalog:
    """
    Return *base* with everything the *documents* declare.

    Raises:
        ConfigError: with every mistake of every document.
    """
    checked = check(base, documents)
    if checked.problems:
        raise refusal(checked.problems)
    return build(base, checked.extension)


def build(base: Catalog, extension: Extension) -> Catalog:
    """Return *base* with the declarations of *extension*, which were checked before."""
    events = (*base.events, *(event_of(event) for event in extension.events))
    labels = (*base.labels, *(label_of(label) for label in extension.labels))
    wider = replace(base, events=events, labels=labels)
    metrics = (metric_of(m, _labels_of(m, wider)) for m in extension.metrics)
    feeds = (feed_of(metric) for metric in extension.metrics)
    return replace(wider, metrics=(*base.metrics, *metrics), feeds=(*base.feeds, *feeds))


def check(base: Catalog, documents: Sequence[Document]) -> Checked:
    """Return what the *documents* declare together with every mistake in them."""
    problems = [problem for document in documents for problem in document.problems]
    tidied = [_fit(document, problems) for document in documents]
    events = _declared(tidied, "events", EventDeclaration, problems)
    labels = _declared(tidied, "labels", LabelDeclaration, problems)
    metrics = _declared(tidied, "metrics", MetricDeclaration, problems)
    names = frozenset(_all_names(tidied))
    scope = _scope(base, events, labels, names)
    for event in events:
        problems += event.problems(event_findings(event.item, base))
    for label in labels:
        problems += label.problems(label_findings(label.item, base))
    for metric in metrics:
        problems += metric.problems(metric_findings(metric.item, scope))
    problems += [*_repeated(events), *_repeated(labels), *_crowded(base, events)]
    problems += _clashes(base, metrics)
    extension = Extension(
        events=tuple(event.item for event in events),
        labels=tuple(label.item for label in labels),
        metrics=tuple(metric.item for metric in metrics),
    )
    return Checked(extension=extension, problems=tuple(problems), names=names)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed(Generic[T]):
    """A declaration and where it stands."""

    item: T
    document: Document
    path: Path

    def problems(self, findings: Iterable[Finding]) -> list[Problem]:
        return [self.document.problem((*self.path, *path), text) for path, text in findings]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tidied:
    """A document whose broken entries are known."""

    document: Document
    value: dict[str, Plain]
    broken: frozenset[Path]

    def entries(self, section: str) -> Iterator[tuple[int, Plain]]:
        entries = self.value.get(section)
        return enumerate(entries if isinstance(entries, list) else [])


def _fit(document: Document, problems: list[Problem]) -> _Tidied:
    fitted = SHAPE.fit({} if document.value is None else document.value)
    problems += fitted.problems(document)
    value = fitted.value if isinstance(fitted.value, dict) else {}
    broken = frozenset(path[:2] for path, _ in fitted.findings)
    return _Tidied(document=document, value=value, broken=broken)


def _declared(
    tidied: Sequence[_Tidied], section: str, kind: type[T], problems: list[Problem]
) -> list[_Placed[T]]:
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
            placed.append(_Placed(item=item, document=source.document, path=path))
    return placed


def _scope(
    base: Catalog,
    events: Iterable[_Placed[EventDeclaration]],
    labels: Iterable[_Placed[LabelDeclaration]],
    names: frozenset[str],
) -> Scope:
    own = [event_of(event.item) for event in events if not any(event_findings(event.item, base))]
    known = {event.name: event for event in (*own, *base.events)}
    limited = (*base.labels, *(label_of(label.item) for label in labels))
    doubtful = names - set(known) - {label.name for label in limited}
    return Scope(events=known, envelope=base.envelope, labels=limited, doubtful=doubtful)


def _all_names(tidied: Iterable[_Tidied]) -> Iterator[str]:
    for source in tidied:
        for section in Extension.__struct_fields__:
            for _, entry in source.entries(section):
                if isinstance(entry, dict) and isinstance(name := entry.get("name"), str):
                    yield name


def _repeated(
    placed: Iterable[_Placed[EventDeclaration]] | Iterable[_Placed[LabelDeclaration]],
) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for entry in placed:
        name = entry.item.name
        problem = entry.document.problem((*entry.path, "name"), "")
        if name in first:
            message = f"{name!r} is declared already at {first[name]}; remove one of them"
            yield replace(problem, message=message)
        first.setdefault(name, f"{problem.file}:{problem.line}")


def _crowded(base: Catalog, events: Sequence[_Placed[EventDeclaration]]) -> Iterator[Problem]:
    """Refuse more event types than the label ``event`` keeps apart."""
    limit = next((label.limit for label in base.labels if label.name == "event"), len(events))
    room = limit - len(base.events)
    for event in events[max(room, 0) :]:
        message = f"only {room} own event types fit into the label `event`; remove some"
        yield event.document.problem(event.path, message)


def _clashes(base: Catalog, metrics: Iterable[_Placed[MetricDeclaration]]) -> Iterator[Problem]:
    """Refuse two families that claim the same name in an exposition."""
    owner: dict[str, str] = {}
    for known in base.metrics:
        taken = exposed_names(known.kind.value, known.name)
        owner.update(dict.fromkeys(taken, f"the built-in {known.name}"))
    for metric in metrics:
        claimed = exposed_names(metric.item.type, metric.item.name)
        place = metric.document.problem((*metric.path, "name"), "")
        rivals = sorted({owner[name] for name in claimed if name in owner})
        if rivals:
            message = f"the name clashes with {rivals[0]}; choose another name"
            yield replace(place, message=message)
        mine = f"{metric.item.name} at {place.file}:{place.line}"
        owner.update(dict.fromkeys(claimed - owner.keys(), mine))


def _labels_of(metric: MetricDeclaration, catalog: Catalog) -> tuple[Label, ...]:
    fields = catalog.fields(catalog.by_event[metric.event])
    found = [label_for(fields[name], catalog.labels) for name in metric.labels]
    labels = [label for label in found if label is not None]
    # Limits count per bot, so the bot comes first.
    return tuple(sorted(labels, key=lambda label: label.name != BOT))
