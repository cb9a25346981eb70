"""The pages of the reference about metrics and labels, for somebody who has ten minutes."""

from collections.abc import Iterable, Mapping

from .lint_metrics import possible_series
from .markdown import code, link, page, table
from .spec import (
    ARRIVAL,
    EVERY_EVENT,
    OVERFLOW,
    Catalog,
    Condition,
    Constant,
    Feed,
    Kind,
    Label,
    Metric,
    Operator,
    Source,
)
from .subjects import Subject, subject_of_metric

DAY = 86_400

_SIGNS = {
    Operator.EQUAL: "=",
    Operator.NOT_EQUAL: "≠",
    Operator.LESS: "<",
    Operator.AT_MOST: "≤",
    Operator.GREATER: ">",
    Operator.AT_LEAST: "≥",
}
_MOVERS = {
    Source.TURNS: "turns: messages and their answers",
    Source.PRESENCE: "who was seen lately",
    Source.PROCESS: "the exporter",
}
_INTRODUCTION = f"""\
Every metric the exporter shows, by subject.
Counters of bots survive a restart; those of the exporter itself start at 0 with the process.
A number behind a label is its limit: so many values of it each bot may have.
Beyond a limit the value is `{OVERFLOW}`, and the event still counts.
Histograms show `_bucket`, `_sum` and `_count`."""
_LABELS = f"""\
An open label takes what bots send, up to its limit per bot; then the value is `{OVERFLOW}`.
The limit of `bot` counts bots.
Change a limit with `limits.labels` in the configuration."""


def metrics_reference(catalog: Catalog) -> str:
    """Return the page of all families, grouped by subject, and of their labels."""
    chapters = _chapters(catalog)
    return page(
        "# Metrics",
        _INTRODUCTION,
        _index(chapters),
        *(_chapter(subject, metrics, catalog) for subject, metrics in chapters.items()),
        "## Labels",
        labels_reference(catalog),
    )


def labels_reference(catalog: Catalog) -> str:
    """Return the table of labels: meaning, limit, closed set of values, and who carries it."""
    head = ("Label", "Meaning", "Limit", "Values", "Metrics")
    return page(_LABELS, table(head, (_label_row(*entry) for entry in _carriers(catalog))))


def _chapters(catalog: Catalog) -> dict[Subject, list[Metric]]:
    chapters: dict[Subject, list[Metric]] = {subject: [] for subject in Subject}
    for metric in catalog.metrics:
        chapters[subject_of_metric(metric, catalog)].append(metric)
    return {subject: metrics for subject, metrics in chapters.items() if metrics}


def _index(chapters: Mapping[Subject, list[Metric]]) -> str:
    rows = [
        (
            link(subject.value, subject.value),
            str(len(metrics)),
            f"{sum(possible_series(metric) for metric in metrics):,}",
        )
        for subject, metrics in chapters.items()
    ]
    total = sum(len(metrics) for metrics in chapters.values())
    rows.append((link("Labels", "Labels"), f"of {total} metrics", ""))
    return table(("Subject", "Metrics", "Series at most"), rows)


def _chapter(subject: Subject, metrics: Iterable[Metric], catalog: Catalog) -> str:
    head = ("Metric", "Type", "Unit", "Labels (limit)", "Moved by", "Meaning")
    rows = (_metric_row(metric, catalog) for metric in metrics)
    return page(f"## {subject.value}", table(head, rows))


def _metric_row(metric: Metric, catalog: Catalog) -> tuple[str, ...]:
    labels = ", ".join(f"{code(label.name)} {label.limit}" for label in metric.labels)
    return (
        code(metric.name),
        metric.kind.value,
        metric.unit.value,
        labels,
        _movers(metric, catalog),
        " ".join((metric.help, *_notes(metric))),
    )


def _notes(metric: Metric) -> Iterable[str]:
    if metric.kind is Kind.HISTOGRAM:
        yield f"Buckets: {', '.join(f'{bound:g}' for bound in metric.buckets)}."
    if metric.ttl_seconds is not None:
        yield f"Leaves {_duration(metric.ttl_seconds)} after it was set."
    if metric.sli:
        yield "Part of the service level; leaves out events over 15 minutes late."


def _duration(seconds: float) -> str:
    if seconds % DAY == 0:
        return f"{seconds / DAY:g} d"
    return f"{seconds / 3600:g} h" if seconds % 3600 == 0 else f"{seconds:g} s"


def _movers(metric: Metric, catalog: Catalog) -> str:
    if metric.source is not Source.EVENTS:
        return _MOVERS[metric.source]
    feeds = (_feed(feed) for feed in catalog.feeds if feed.metric == metric.name)
    return "; ".join(dict.fromkeys(feeds))


def _feed(feed: Feed) -> str:
    """Return which event moves the family, by which field, and under what condition."""
    event = "every event" if feed.event == EVERY_EVENT else code(_moved(feed))
    arrival = " (its arrival)" if feed.value == ARRIVAL else ""
    tests = [_condition(condition) for condition in feed.when]
    when = f" if {' and '.join(tests)}" if tests else ""
    fixed = [f" as {code(v.value)}" for v in feed.labels.values() if isinstance(v, Constant)]
    return f"{event}{arrival}{when}{''.join(fixed)}"


def _moved(feed: Feed) -> str:
    return feed.event if feed.value in (None, ARRIVAL) else f"{feed.event}.{feed.value}"


def _condition(condition: Condition) -> str:
    if condition.op is Operator.PRESENT:
        return f"{code(condition.field)} is sent"
    value = str(condition.value).lower() if isinstance(condition.value, bool) else condition.value
    return code(f"{condition.field} {_SIGNS[condition.op]} {value}")


def _carriers(catalog: Catalog) -> list[tuple[Label, list[str]]]:
    """Return each label with the families that carry it, by name."""
    found: dict[Label, list[str]] = {}
    for metric in catalog.metrics:
        for label in metric.labels:
            found.setdefault(label, []).append(metric.name)
    return sorted(found.items(), key=lambda entry: (entry[0].name, entry[0].doc))


def _label_row(label: Label, metrics: list[str]) -> tuple[str, ...]:
    several = 3
    carriers = (
        ", ".join(code(name) for name in metrics)
        if len(metrics) <= several
        else f"{len(metrics)} metrics"
    )
    values = ", ".join(code(choice) for choice in label.choices) or "any"
    return code(label.name), label.doc, str(label.limit), values, carriers
