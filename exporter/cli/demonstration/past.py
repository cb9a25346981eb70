"""The past of the demo: whole days, old enough to touch no counter."""

from collections.abc import Iterator

from ...demo.story import DAY, HOUR, Event
from ...model.errors import ExporterError
from ...model.verdicts import Reason
from .outbox import Outbox

MOST_EVENTS = 500  # In one request.
TAKEN_LATE_SECONDS = 7 * DAY  # What is younger moves counters.
MARGIN_SECONDS = HOUR  # As far as two clocks may be apart.

NO_STORE = (
    "This exporter has no event store yet, and events older than 7 days have no other place: "
    "they were not stored and no counter moved. Run the demo without --history, or write the "
    "events to a file with --print until the store is there."
)
NO_SCOPE = (
    "The token lacks the scope backfill, without which events older than 7 days are refused: "
    "they were not stored and no counter moved. Make a token with `bot-exporter token create "
    "--name history --scope ingest --scope backfill` and name its file with --token-file."
)
REMEDIES = {Reason.NO_EVENT_STORE: NO_STORE, Reason.TOO_OLD: NO_SCOPE}


def past_days(now: float, duration_seconds: float) -> tuple[float, float]:
    """
    Return the first moment of the past and the moment behind its last.

    Both are midnights in UTC: the same day, told again, is told in the same words.

    Raises:
        ExporterError: *duration_seconds* holds no whole day that is old enough.
    """
    start = (now - duration_seconds) // DAY * DAY
    end = (now - TAKEN_LATE_SECONDS - MARGIN_SECONDS) // DAY * DAY
    if start >= end:
        raise ExporterError("--history: the last 7 days are left to live events; write 9d or more")
    return start, end


def tell_past(stream: Iterator[tuple[float, Event]], outbox: Outbox, *, until: float) -> str:
    """
    Send what *stream* tells before *until*; return why it ended early, if it did.

    Raises:
        ExporterError: the exporter does not take it, or somebody asked to stop.
    """
    batch: list[Event] = []
    for at, event in stream:
        if at >= until:
            break
        batch.append(event)
        if len(batch) == MOST_EVENTS:
            if why := _sent(outbox, batch):
                return why
            batch = []
    return _sent(outbox, batch) if batch else ""


def _sent(outbox: Outbox, batch: list[Event]) -> str:
    reasons = {verdict.reason for verdict in outbox.send(batch)}
    return next((remedy for reason, remedy in REMEDIES.items() if reason in reasons), "")
