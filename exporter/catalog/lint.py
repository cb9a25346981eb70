"""
The laws of the catalogue: what must hold of its declarations beyond their types.

`generate --check` and the tests refuse a catalogue about which `lint` says anything.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from .lint_events import event_problems, field_problems
from .lint_feeds import feed_problems
from .lint_metrics import label_problems, metric_problems
from .reserved import exposed_names
from .spec import Catalog, Label, Source

EVENT_LABEL = "event"


def lint(catalog: Catalog) -> Iterator[str]:
    """Yield one sentence per problem; nothing means that the catalogue is sound."""
    yield from _envelope(catalog)
    yield from _events(catalog)
    yield from _labels(catalog)
    yield from _metrics(catalog)
    yield from _clashes(catalog)
    yield from _feeds(catalog)
    yield from _orphans(catalog)


def _envelope(catalog: Catalog) -> Iterator[str]:
    for field in catalog.envelope:
        yield from _prefixed(f"envelope.{field.name}", field_problems(field))
    for name in _repeated(field.name for field in catalog.envelope):
        yield f"envelope.{name}: declared twice"


def _events(catalog: Catalog) -> Iterator[str]:
    for event in catalog.events:
        yield from _prefixed(f"event {event.name}", event_problems(event, catalog.envelope))
    for name in _repeated(event.name for event in catalog.events):
        yield f"event {name}: declared twice"
    for label in catalog.labels:
        if label.name == EVENT_LABEL and len(catalog.events) > label.limit:
            yield (
                f"label {label.name}: its limit {label.limit} is below the "
                f"{len(catalog.events)} event types"
            )


def _labels(catalog: Catalog) -> Iterator[str]:
    for label in _distinct((*catalog.labels, *(lb for m in catalog.metrics for lb in m.labels))):
        yield from _prefixed(f"label {label.name}", label_problems(label))
    # The guard counts the values of a name together, so one name has one limit.
    for name in _repeated(label.name for label in catalog.labels if not label.choices):
        yield f"label {name}: declared twice without choices, so it has two limits"
    for name in _repeated(label.name for label in _closed(catalog.labels)):
        yield from _same_meaning(name, catalog.labels)


def _same_meaning(name: str, labels: Iterable[Label]) -> Iterator[str]:
    """One name may stand for several closed sets, but then each set is declared once."""
    same = [label.choices for label in labels if label.name == name and label.choices]
    if len(set(same)) < len(same):
        yield f"label {name}: declared twice with the same choices"


def _metrics(catalog: Catalog) -> Iterator[str]:
    for metric in catalog.metrics:
        yield from _prefixed(metric.name, metric_problems(metric))
    for name in _repeated(metric.name for metric in catalog.metrics):
        yield f"{name}: declared twice"


def _clashes(catalog: Catalog) -> Iterator[str]:
    owner: dict[str, str] = {}
    for metric in catalog.metrics:
        claimed = exposed_names(metric.kind.value, metric.name)
        rivals = {owner[name] for name in claimed if name in owner} - {metric.name}
        for rival in sorted(rivals):
            yield f"{metric.name}: clashes with {rival} in OpenMetrics; choose another name"
        owner.update(dict.fromkeys(claimed - owner.keys(), metric.name))


def _feeds(catalog: Catalog) -> Iterator[str]:
    for index, feed in enumerate(catalog.feeds):
        where = f"feed {feed.event} -> {feed.metric}"
        yield from _prefixed(where, feed_problems(feed, catalog))
        if feed in catalog.feeds[:index]:
            yield f"{where}: declared twice, so every event counts double"


def _orphans(catalog: Catalog) -> Iterator[str]:
    fed = {feed.metric for feed in catalog.feeds}
    for metric in catalog.metrics:
        if metric.source is Source.EVENTS and metric.name not in fed:
            yield f"{metric.name}: nothing feeds it; add a feed or remove it"


def _prefixed(where: str, problems: Iterable[str]) -> Iterator[str]:
    return (f"{where}: {problem}" for problem in problems)


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _closed(labels: Iterable[Label]) -> Iterator[Label]:
    return (label for label in labels if label.choices)


def _distinct(labels: Iterable[Label]) -> list[Label]:
    return list(dict.fromkeys(labels))
