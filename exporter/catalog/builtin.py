"""The built-in catalogue, put together."""

from . import events, feeds, labels, metrics, metrics_probes, own, own_alerting
from .envelope import ENVELOPE
from .spec import Catalog, Label

LABELS = tuple(value for value in vars(labels).values() if isinstance(value, Label))

CATALOG = Catalog(
    envelope=ENVELOPE,
    events=events.ALL,
    labels=LABELS,
    metrics=(*metrics.ALL, *own.ALL, *own_alerting.ALL, *metrics_probes.ALL),
    feeds=feeds.ALL,
)
