"""
The laws of metric families: names, units, buckets, labels and the number of series.

Two laws bound the series. One family shows at most `MOST_SERIES`, whatever bots send: label sets
(the limits multiplied, or *max_series* when that is smaller) times the series of each. And the
label sets of one bot fit into *max_series*, so that no bot crowds out the others while all its
values lie within their limits.
"""

import math
import re
from collections.abc import Iterator
from itertools import pairwise

from ..model.units import Unit
from .lint_events import is_name, is_sentence
from .reserved import FOREIGN_UNITS, HISTOGRAM_ENDINGS, RESERVED_LABELS
from .spec import OVERFLOW, Kind, Label, Metric, Source

PREFIX = "bot_"
OWN_PREFIX = "bot_exporter_"
INFO = "_info"
METRIC_NAME = r"[a-z][a-z0-9]*(_[a-z0-9]+)*"
LONGEST_NAME = 200
BOT = "bot"
SLI_LABELS = (BOT, "platform")
MOST_LABELS = 4
MOST_SERIES = 50_000
_NEXT_SENTENCE = re.compile(r"[.!?] +[A-Z]")
GUARDED = (Source.EVENTS, Source.TURNS, Source.PRESENCE)


def metric_problems(metric: Metric) -> Iterator[str]:
    """Yield what is wrong with *metric* on its own."""
    yield from _name(metric)
    yield from _unit(metric)
    yield from _buckets(metric)
    yield from _labels(metric)
    yield from _service_level(metric)
    yield from _series(metric)
    if metric.builtin and (not is_sentence(metric.help) or _NEXT_SENTENCE.search(metric.help)):
        yield "the help text is not one sentence that ends in a period"
    if metric.ttl_seconds is not None and metric.kind is not Kind.GAUGE:
        yield f"only a gauge expires, not a {metric.kind.value}"


def label_problems(label: Label) -> Iterator[str]:
    """Yield what is wrong with *label* on its own."""
    if not is_name(label.name):
        yield "the name does not match the pattern of names"
    if not is_sentence(label.doc):
        yield "the description is no sentence; begin with a capital, end with a period"
    if label.limit < 1:
        yield "it has no limit; set how many values it may have per bot"
    if label.choices and label.limit != len(label.choices):
        yield f"the limit {label.limit} differs from its {len(label.choices)} choices"
    if OVERFLOW in label.choices:
        yield f"{OVERFLOW} stands for values beyond a limit; rename the choice"


def possible_series(metric: Metric) -> int:
    """Return how many series the family shows at worst."""
    return min(_rows(metric.labels), metric.max_series) * metric.series_per_row


def _rows(labels: tuple[Label, ...]) -> int:
    # An open label has one value more than its limit: `_other`.
    return math.prod(label.limit + (not label.choices) for label in labels)


def _name(metric: Metric) -> Iterator[str]:
    name = metric.name
    if not re.fullmatch(METRIC_NAME, name) or len(name) > LONGEST_NAME:
        yield f"the name does not match {METRIC_NAME}"
    if metric.builtin and not name.startswith(PREFIX):
        yield f"the name does not begin with {PREFIX}"
    if name.startswith(OWN_PREFIX) and metric.source is not Source.PROCESS:
        yield f"the prefix {OWN_PREFIX} is for what the exporter counts about itself"
    counts = metric.kind is Kind.COUNTER
    if counts and not name.endswith("_total"):
        yield f"the name of a counter ends in _total; write {name}_total"
    if not counts and name.endswith("_total"):
        yield f"only the name of a counter ends in _total, and this is a {metric.kind.value}"
    for ending in HISTOGRAM_ENDINGS:
        if name.removesuffix("_total").endswith(ending):
            yield f"the ending {ending} marks a part of a histogram; choose another name"


def _unit(metric: Metric) -> Iterator[str]:
    base = metric.name.removesuffix("_total")
    for word in base.split("_"):
        if word in FOREIGN_UNITS:
            yield f"{word} is no base unit; convert to {FOREIGN_UNITS[word]} and name it so"
    spelt = [unit for unit in Unit if unit.value and base.endswith(f"_{unit.value}")]
    named = max(spelt, key=lambda unit: len(unit.value), default=Unit.NONE)
    if named is not metric.unit:
        said = named.value or "no unit"
        yield f"the name says {said}, the unit is {metric.unit.value or 'not set'}"


def _buckets(metric: Metric) -> Iterator[str]:
    bounds = metric.buckets
    if metric.kind is not Kind.HISTOGRAM:
        if bounds:
            yield f"a {metric.kind.value} has no buckets"
        return
    if not bounds:
        yield "a histogram needs buckets"
    if not all(math.isfinite(bound) for bound in bounds):
        yield "a bound is not finite; +Inf is always there"
    if any(low >= high for low, high in pairwise(bounds)):
        yield "the bounds do not rise; sort them"


def _labels(metric: Metric) -> Iterator[str]:
    names = [label.name for label in metric.labels]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"the label {name} is there twice"
    for name in names:
        # Metadata joins by its value of 1; there a version is what it is about.
        if name in RESERVED_LABELS and not (name == "version" and metric.name.endswith(INFO)):
            yield f"the label {name} {RESERVED_LABELS[name]}"
    if len(names) > MOST_LABELS:
        yield f"{len(names)} labels; more than {MOST_LABELS} belong into the event store"
    if metric.builtin and metric.source in GUARDED and names[:1] != [BOT]:
        yield "the first label is not bot, by which every limit counts"


def _service_level(metric: Metric) -> Iterator[str]:
    """Check that a family of an SLI starts at 0; otherwise its first failure is never seen."""
    if not metric.sli:
        return
    if tuple(label.name for label in metric.labels) != SLI_LABELS:
        yield "an sli family has the labels bot, platform: only those start at 0"
    if metric.source is not Source.TURNS:
        yield "an sli family comes from turns: only those leave out late events"


def _series(metric: Metric) -> Iterator[str]:
    if metric.max_series < 1:
        yield "it may hold no series at all; raise max_series"
    if (most := possible_series(metric)) > MOST_SERIES:
        yield (
            f"may grow to {most:,} series, more than {MOST_SERIES:,}; "
            "drop a label, lower a limit or set max_series"
        )
    own = tuple(label for label in metric.labels if label.name != BOT)
    if metric.builtin and metric.source in GUARDED and (rows := _rows(own)) > metric.max_series:
        yield (
            f"one bot may make {rows:,} label sets and max_series is {metric.max_series:,}; "
            "lower a limit or raise max_series"
        )
