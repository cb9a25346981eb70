"""What must hold for objectives, beyond the shape of their declaration."""

import math
from collections.abc import Collection, Iterator, Sequence

from ..catalog.document import quoted
from ..catalog.remedies import Finding, closest
from ..catalog.slo_spec import BOT, FAST, SLOW, Burn
from ..catalog.spec import Catalog, Kind, Metric
from ..model.units import Unit
from .slo_declarations import EventsDeclaration, SloDeclaration

# Set by the rules themselves, by Prometheus or by Alertmanager.
RESERVED = frozenset(
    ("alertname", "bot", "depends_on", "instance", "job", "severity", "slo", "slo_burn")
)


def slo_findings(
    slos: Sequence[SloDeclaration], catalog: Catalog, *, taken: Collection[str] = ()
) -> Iterator[Finding]:
    """Yield what is wrong with *slos*, where the names *taken* are used elsewhere."""
    names: set[str] = set(taken)
    for index, slo in enumerate(slos):
        here = ("slos", index)
        if slo.name in names:
            yield (*here, "name"), f"there is an objective {slo.name!r} already; rename one"
        names.add(slo.name)
        for path, message in _one(slo, catalog):
            yield (*here, *path), message


def _one(slo: SloDeclaration, catalog: Catalog) -> Iterator[Finding]:
    yield from _target(slo)
    for label in slo.labels:
        if label in RESERVED:
            yield ("labels", label), "this label is set by the rules; choose another name"
    if (slo.bad is None) is (slo.good is None):
        yield (), "give either `bad` or `good` events; the other ones follow from `total`"
    counts = {"total": slo.total, "bad": slo.bad, "good": slo.good}
    for key, count in counts.items():
        if count is None:
            continue
        for path, message in _count(count, catalog, needs_bound=key != "total"):
            yield (key, *path), message
        if slo.per_bot and not _has_bot(count, catalog):
            message = f"{count.metric} does not tell bots apart; write `per_bot: false`"
            yield (key, "metric"), message
        if key != "total" and count == slo.total:
            yield (key,), "these are all events of `total`; narrow them down"


def _target(slo: SloDeclaration) -> Iterator[Finding]:
    if slo.target > 1:
        remedy = f"write {slo.target / 100:.12g}"
        yield ("target",), f"{slo.target:g} is not a ratio; {remedy}"
        return
    if slo.target == 1:
        yield ("target",), "leaves no error budget, so one bad event breaks it; write 0.999"
        return
    burns = (*FAST, *SLOW) if slo.pages else SLOW
    for burn in burns:
        if not burn.is_possible(1 - slo.target):
            yield ("target",), _never_fires(burn)
            return


def _never_fires(burn: Burn) -> str:
    lowest = math.ceil((1 - 1 / burn.factor) * 10_000) / 10_000
    otherwise = ", or write `pages: false`" if burn in FAST else ""
    return (
        f"even if all events were bad, they would not use {burn.factor:g} times the budget, so an "
        f"alert could never fire; write at least {lowest:g}{otherwise}"
    )


def _count(count: EventsDeclaration, catalog: Catalog, *, needs_bound: bool) -> Iterator[Finding]:
    metric = catalog.by_metric.get(count.metric)
    if metric is None:
        known = sorted(name for name, each in catalog.by_metric.items() if _counts(each, catalog))
        yield ("metric",), f"there is no such metric; {closest(count.metric, known)}"
        return
    if not _counts(metric, catalog):
        message = f"{metric.name} {_what_it_is(metric)}; name a counter of events or a histogram"
        yield ("metric",), message
        return
    yield from _bound(count, metric, needs_bound=needs_bound)
    for key, chosen in (("only", count.only), ("without", count.without)):
        for label, values in chosen.items():
            for message in _label(label, values, metric):
                yield (key, label), message


def _bound(count: EventsDeclaration, metric: Metric, *, needs_bound: bool) -> Iterator[Finding]:
    bounds = ", ".join(f"{bound:g}" for bound in metric.buckets)
    if count.at_most is None:
        if needs_bound and metric.kind is Kind.HISTOGRAM:
            yield (), f"all observations of {metric.name}; add `at_most`, one of: {bounds}"
    elif metric.kind is not Kind.HISTOGRAM:
        yield ("at_most",), f"{metric.name} is no histogram; remove it"
    elif not needs_bound:
        yield ("at_most",), "`total` are all observations; remove it"
    elif count.at_most not in metric.buckets:
        message = f"{count.at_most:g} is no bucket of {metric.name}; write one of: {bounds}"
        yield ("at_most",), message


def _label(label: str, values: Sequence[str], metric: Metric) -> Iterator[str]:
    labels = {known.name: known for known in metric.labels}
    if label not in labels:
        yield f"{metric.name} has no such label; {closest(label, sorted(labels))}"
        return
    choices = labels[label].choices
    for value in values:
        if choices and value not in choices:
            yield f"{quoted(value)} never occurs; {closest(value, choices)}"


def _counts(metric: Metric, catalog: Catalog) -> bool:
    """Tell whether each event moves *metric* by one."""
    if metric.kind is Kind.HISTOGRAM:
        return True
    sums_up = any(feed.value is not None for feed in catalog.feeds if feed.metric == metric.name)
    return metric.kind is Kind.COUNTER and metric.unit is Unit.NONE and not sums_up


def _what_it_is(metric: Metric) -> str:
    return "is a gauge" if metric.kind is Kind.GAUGE else "adds up amounts"


def _has_bot(count: EventsDeclaration, catalog: Catalog) -> bool:
    metric = catalog.by_metric.get(count.metric)
    return metric is None or any(label.name == BOT for label in metric.labels)
