"""
Own events, labels and metrics, declared in YAML.

A file holds three lists, each of them optional::

    events:
      - name: order_shipped
        description: A parcel left the warehouse.
        fields:
          - {name: carrier, type: string, description: Who., choices: [dhl, ups], required: true}
          - {name: weight_kg, type: number, description: Weight., minimum: 0}
    labels:
      - {name: carrier, description: Parcel service., limit: 10}
    metrics:
      - name: shop_order_weight_kg
        type: histogram        # counter | gauge | histogram
        description: Weight of parcels.
        event: order_shipped   # own or built in
        labels: [bot, carrier] # each shows the field of its name
        value: weight_kg       # what is added, set or observed; a counter without it counts 1
        buckets: [1, 5, 10]    # histograms only
        max_series: 1000       # also: unit, and for gauges ttl_seconds
        when:                  # all must hold: eq ne lt le gt ge present
          - {field: carrier, op: eq, value: dhl}

Every key is in `declarations`, and explained in ``docs/how-to/own-events-and-metrics.md``.
Only declared fields can be used, never keys of ``properties``. The files extend the built-in
catalogue and are checked like it; every mistake is reported with its place and the remedy.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..model.errors import Problem
from .clash_rules import clashes, crowded, repeated
from .declarations import EventDeclaration, Extension, LabelDeclaration, MetricDeclaration
from .declared import Placed, entries_of, names_in, tidy
from .document import Document, refusal
from .event_rules import event_findings, label_findings
from .extension_spec import event_of, feed_of, label_for, label_of, metric_of
from .laws import broken_laws
from .metric_rules import Scope, metric_findings
from .spec import Catalog, Label

BOT = "bot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What some documents declare, all problems of it, and the names they try to declare."""

    extension: Extension
    problems: tuple[Problem, ...]
    label_names: frozenset[str]
    metric_names: frozenset[str]


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
    tidied = [tidy(document, problems) for document in documents]
    events = entries_of(tidied, "events", EventDeclaration, problems)
    labels = entries_of(tidied, "labels", LabelDeclaration, problems)
    metrics = entries_of(tidied, "metrics", MetricDeclaration, problems)
    scope = _scope(base, events, labels)
    scope = replace(
        scope,
        doubtful_events=names_in(tidied, "events") - scope.events.keys(),
        doubtful_labels=names_in(tidied, "labels") - {label.name for label in scope.labels},
    )
    for event in events:
        problems += event.problems(event_findings(event.item, base))
    for label in labels:
        problems += label.problems(label_findings(label.item, base))
    for metric in metrics:
        problems += metric.problems(metric_findings(metric.item, scope))
    problems += [*repeated(events), *repeated(labels), *crowded(base, events)]
    problems += clashes(base, metrics)
    extension = Extension(
        events=tuple(event.item for event in events),
        labels=tuple(label.item for label in labels),
        metrics=tuple(metric.item for metric in metrics),
    )
    if not problems and (events or labels or metrics):
        problems += broken_laws(build(base, extension), [*events, *labels, *metrics])
    return Checked(
        extension=extension,
        problems=tuple(problems),
        label_names=names_in(tidied, "labels"),
        metric_names=names_in(tidied, "metrics"),
    )


def _scope(
    base: Catalog,
    events: Iterable[Placed[EventDeclaration]],
    labels: Iterable[Placed[LabelDeclaration]],
) -> Scope:
    own = [event_of(event.item) for event in events if not any(event_findings(event.item, base))]
    known = {event.name: event for event in (*own, *base.events)}
    limited = (*base.labels, *(label_of(label.item) for label in labels))
    return Scope(events=known, envelope=base.envelope, labels=limited)


def _labels_of(metric: MetricDeclaration, catalog: Catalog) -> tuple[Label, ...]:
    fields = catalog.fields(catalog.by_event[metric.event])
    found = [label_for(fields[name], catalog.labels) for name in metric.labels]
    labels = [label for label in found if label is not None]
    # Limits count per bot, so the bot comes first.
    return tuple(sorted(labels, key=lambda label: label.name != BOT))
