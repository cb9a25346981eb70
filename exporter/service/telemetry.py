"""Where the other packages report; everything ends in the exporter's own metrics."""

import threading
from collections import Counter
from collections.abc import Sequence

from ..catalog import own as names
from ..ingest.admit import Masked
from ..metrics.own import OwnMetrics
from ..model.verdicts import Refusal, Rejected


class LineCounts:
    """Lines of the exporter's log by level; any thread may count, the loop reads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def add(self, level: str) -> None:
        """Count one line."""
        with self._lock:
            self._counts[level] += 1

    def copy_to(self, own: OwnMetrics) -> None:
        """Show the counts."""
        with self._lock:
            counts = dict(self._counts)
        for level, count in counts.items():
            own.set(names.LOG_LINES, count, level)


class Telemetry:
    """Implements `model.ports.IngestTelemetry` and `ingest.pipeline.PipelineTelemetry`."""

    def __init__(self, own: OwnMetrics) -> None:
        self._own = own
        self._requests = own.row(names.REQUESTS)
        self._texts = own.row(names.TEXTS_DROPPED)
        self._contacts = own.row(names.CONTACTS_DROPPED)
        self._redactions = own.row(names.REDACTIONS)

    def refused(self, refusal: Refusal) -> None:
        """Count one refused request or connection."""
        self._own.add(names.REQUESTS_REFUSED, refusal.value)

    def answered(self, seconds: float) -> None:
        """Count one request and observe its time."""
        self._requests[1] += 1
        self._own.observe(names.REQUEST_DURATION, seconds)

    def connections(self, count: int) -> None:
        """Set the number of open ingest connections."""
        self._own.set(names.CONNECTIONS, count)

    def duplicates(self, count: int) -> None:
        """Count events that were accepted before."""
        self._own.add(names.EVENTS_RECEIVED, by=count)
        self._own.add(names.EVENTS_DUPLICATE, by=count)

    def rejected(self, verdicts: Sequence[Rejected]) -> None:
        """Count events that were not accepted."""
        self._own.add(names.EVENTS_RECEIVED, by=len(verdicts))
        self._own.add(names.EVENTS_REJECTED, by=len(verdicts))
        for verdict in verdicts:
            self._own.add(names.REJECTIONS, verdict.reason.value)

    def masked(self, masked: Masked) -> None:
        """Count what was dropped or masked for privacy."""
        self._texts[1] += masked.texts
        self._contacts[1] += masked.contacts
        self._redactions[1] += masked.redactions

    def synced(self, seconds: float) -> None:
        """Observe one fdatasync of the event log."""
        self._own.observe(names.LOG_SYNC_DURATION, seconds)
