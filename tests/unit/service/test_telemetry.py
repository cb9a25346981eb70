"""What the parts report becomes the exporter's own metrics: `exporter.service.telemetry`."""

from collections.abc import Callable

import pytest

from exporter.catalog import own as names
from exporter.catalog.builtin import CATALOG
from exporter.catalog.spec import Metric
from exporter.ingest.admit import Masked
from exporter.metrics.own import OwnMetrics
from exporter.metrics.rows import Row
from exporter.model.verdicts import Reason, Refusal, Rejected
from exporter.service.telemetry import LineCounts, Telemetry


@pytest.fixture
def own() -> OwnMetrics:
    """Return the own metrics of a new process."""
    return OwnMetrics(CATALOG.metrics)


def rejected(*reasons: Reason) -> list[Rejected]:
    """Return verdicts with these reasons."""
    return [Rejected(i, reason, "$", "") for i, reason in enumerate(reasons)]


def observed(own: OwnMetrics, metric: Metric) -> Row:
    """Return the buckets and the sum of a histogram."""
    table = next(t for t in own.tables if t.slots[0].metric is metric)
    (row,) = table.rows.values()
    return row[1:]


@pytest.mark.parametrize(
    ("report", "metric", "value"),
    [
        (lambda t: t.refused(Refusal.TOO_LARGE), (names.REQUESTS_REFUSED, "too_large"), 1),
        (lambda t: t.answered(0.1), (names.REQUESTS,), 1),
        (lambda t: t.connections(7), (names.CONNECTIONS,), 7),
        (lambda t: t.duplicates(3), (names.EVENTS_DUPLICATE,), 3),
        (lambda t: t.duplicates(3), (names.EVENTS_RECEIVED,), 3),
        (lambda t: t.masked(Masked(texts=1)), (names.TEXTS_DROPPED,), 1),
        (lambda t: t.masked(Masked(contacts=2)), (names.CONTACTS_DROPPED,), 2),
        (lambda t: t.masked(Masked(redactions=3)), (names.REDACTIONS,), 3),
    ],
)
def test_every_report_moves_its_metric(
    own: OwnMetrics, report: Callable[[Telemetry], None], metric: tuple[Metric], value: float
) -> None:
    """And starts at 0."""
    before = own.value(*metric)

    report(Telemetry(own))

    assert (0, value) == (before, own.value(*metric))


def test_rejected_events_are_counted_by_reason(own: OwnMetrics) -> None:
    """The reasons add up to the total."""
    Telemetry(own).rejected(rejected(Reason.TOO_OLD, Reason.TOO_OLD, Reason.BAD_NAME))

    assert 3 == own.value(names.EVENTS_RECEIVED) == own.value(names.EVENTS_REJECTED)
    assert {reason: own.value(names.REJECTIONS, reason.value) for reason in Reason} == {
        reason: {Reason.TOO_OLD: 2, Reason.BAD_NAME: 1}.get(reason, 0) for reason in Reason
    }


@pytest.mark.parametrize("metric", [names.REQUEST_DURATION, names.LOG_SYNC_DURATION])
def test_times_are_observed(own: OwnMetrics, metric: Metric) -> None:
    """In the bucket whose bound is the next, the bound itself included."""
    telemetry = Telemetry(own)
    observe = {
        names.REQUEST_DURATION: telemetry.answered,
        names.LOG_SYNC_DURATION: telemetry.synced,
    }[metric]

    for seconds in (0.0005, 0.002, 99.0):
        observe(seconds)

    *buckets, total = observed(own, metric)
    assert [0.0005, 0.0025] == [b for b, n in zip(metric.buckets, buckets, strict=False) if n]
    assert 1 == buckets[-1]
    assert 99.0025 == pytest.approx(total)


def test_lines_are_counted_by_level(own: OwnMetrics) -> None:
    """They are counted on any thread and shown by the loop."""
    lines = LineCounts()
    for level in ("info", "error", "info"):
        lines.add(level)

    lines.copy_to(own)
    lines.copy_to(own)

    assert (2, 1, 0) == tuple(
        own.value(names.LOG_LINES, level) for level in ("info", "error", "debug")
    )
