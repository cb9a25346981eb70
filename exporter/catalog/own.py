"""Families of the exporter itself: ordinary process metrics that start at 0."""

from collections.abc import Sequence

from ..model.units import Unit
from ..model.verdicts import Reason, Refusal
from .spec import Kind, Label, Metric, Source

METRIC = Label(name="metric", doc="Name of a family.", limit=1000)
LABEL = Label(name="label", doc="Name of a label.", limit=100)
VERSION = Label(name="version", doc="Version of the exporter.", limit=1)
REVISION = Label(name="revision", doc="Commit it was built from.", limit=1)
PYTHON = Label(name="python_version", doc="Version of the interpreter.", limit=1)
TASK = Label(name="task", doc="Background task.", limit=30)
REASON = Label(
    name="reason",
    doc="Why an event was rejected.",
    limit=len(Reason),
    choices=tuple(reason.value for reason in Reason),
)
REFUSAL = Label(
    name="reason",
    doc="Why a request was refused.",
    limit=len(Refusal),
    choices=tuple(refusal.value for refusal in Refusal),
)
LEVEL = Label(
    name="level",
    doc="Severity.",
    limit=5,
    choices=("debug", "info", "warning", "error", "critical"),
)
RELOAD_OUTCOME = Label(
    name="outcome", doc="Whether it was taken over.", limit=2, choices=("success", "failure")
)

# fdatasync takes 0.1 ms on a fast disk, 4 ms on a usual one, 500 ms on one in trouble.
SYNC_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)


def own_family(
    name: str,
    kind: Kind,
    help_text: str,
    *,
    labels: Sequence[Label] = (),
    unit: Unit = Unit.NONE,
    buckets: tuple[float, ...] = (),
) -> Metric:
    """Return a family that the process counts itself."""
    return Metric(
        name=name,
        kind=kind,
        help=help_text,
        labels=tuple(labels),
        unit=unit,
        buckets=buckets,
        source=Source.PROCESS,
    )


_C, _G, _H = Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM

BUILD_INFO = own_family(
    "bot_exporter_build_info",
    _G,
    "Version, revision and Python of this exporter; always 1.",
    labels=(VERSION, REVISION, PYTHON),
)
EVENTS_RECEIVED = own_family(
    "bot_exporter_events_received_total",
    _C,
    "Events that got a verdict: accepted, duplicate or rejected.",
)
EVENTS_ACCEPTED = own_family(
    "bot_exporter_events_accepted_total", _C, "Events written to disk and counted."
)
EVENTS_DUPLICATE = own_family(
    "bot_exporter_events_duplicate_total", _C, "Events whose id was already accepted."
)
EVENTS_REJECTED = own_family(
    "bot_exporter_events_rejected_total", _C, "Events that were not accepted."
)
REJECTIONS = own_family(
    "bot_exporter_event_rejections_total",
    _C,
    "Events that were not accepted, by reason.",
    labels=(REASON,),
)
REQUESTS = own_family("bot_exporter_requests_total", _C, "Ingest requests, refused ones included.")
REQUESTS_REFUSED = own_family(
    "bot_exporter_requests_refused_total",
    _C,
    "Ingest requests and connections refused as a whole.",
    labels=(REFUSAL,),
)
REQUEST_DURATION = own_family(
    "bot_exporter_request_duration_seconds",
    _H,
    "Time from reading a request's head to its answer.",
    unit=Unit.SECONDS,
    buckets=SYNC_BUCKETS,
)
CONNECTIONS = own_family("bot_exporter_connections", _G, "Open ingest connections.")
CONTACTS_DROPPED = own_family(
    "bot_exporter_contacts_dropped_total",
    _C,
    "Contact fields dropped because sealing them is not configured.",
)
TEXTS_DROPPED = own_family(
    "bot_exporter_texts_dropped_total", _C, "Text fields dropped because text is not kept."
)
REDACTIONS = own_family(
    "bot_exporter_redactions_total", _C, "Fields in which personal data was masked."
)
TURNS_DROPPED = own_family(
    "bot_exporter_turns_dropped_total",
    _C,
    "Turns not tracked because too many were open.",
)
TURNS_PENDING = own_family("bot_exporter_turns_pending", _G, "Turns that wait for an answer.")
SERIES = own_family("bot_exporter_series", _G, "Label sets a family holds.", labels=(METRIC,))
SERIES_LIMIT = own_family(
    "bot_exporter_series_limit", _G, "Label sets a family may hold.", labels=(METRIC,)
)
SERIES_DROPPED = own_family(
    "bot_exporter_series_dropped_total",
    _C,
    "Updates whose label value was beyond a limit and counted under _other.",
    labels=(METRIC, LABEL),
)
SCRAPE_DURATION = own_family(
    "bot_exporter_scrape_duration_seconds",
    _G,
    "Time the last rendering of /metrics took.",
    unit=Unit.SECONDS,
)
SCRAPE_SIZE = own_family(
    "bot_exporter_scrape_size_bytes",
    _G,
    "Size of the last rendering of /metrics before compression.",
    unit=Unit.BYTES,
)
LOG_SIZE = own_family(
    "bot_exporter_log_size_bytes", _G, "Bytes of the event log on disk.", unit=Unit.BYTES
)
LOG_LIMIT = own_family(
    "bot_exporter_log_limit_bytes", _G, "Bytes the event log may take.", unit=Unit.BYTES
)
LOG_SEGMENTS = own_family("bot_exporter_log_segments", _G, "Files of the event log.")
LOG_COMMITS = own_family(
    "bot_exporter_log_commits_total", _C, "Group commits that reached the disk."
)
LOG_COMMIT_FAILURES = own_family(
    "bot_exporter_log_commit_failures_total", _C, "Group commits that did not reach the disk."
)
LOG_WRITTEN = own_family(
    "bot_exporter_log_written_bytes_total",
    _C,
    "Bytes written to the event log.",
    unit=Unit.BYTES,
)
LOG_SYNC_DURATION = own_family(
    "bot_exporter_log_sync_duration_seconds",
    _H,
    "Time of one fdatasync of the event log.",
    unit=Unit.SECONDS,
    buckets=SYNC_BUCKETS,
)
LOG_QUEUE = own_family(
    "bot_exporter_log_queue_bytes", _G, "Bytes that wait for a commit.", unit=Unit.BYTES
)
LOG_AVAILABLE = own_family(
    "bot_exporter_log_available", _G, "1 while the event log accepts writes, otherwise 0."
)
LOG_DAMAGED = own_family(
    "bot_exporter_log_damaged_ranges_total",
    _C,
    "Unreadable parts of the event log put aside at start.",
)
LOG_SKIPPED = own_family(
    "bot_exporter_log_skipped_events_total",
    _C,
    "Stored events that could not be counted, or only in part; they stay in the log.",
)
DISK_FREE = own_family(
    "bot_exporter_disk_free_bytes",
    _G,
    "Free space of the file system that holds the event log.",
    unit=Unit.BYTES,
)
DISK_SIZE = own_family(
    "bot_exporter_disk_size_bytes",
    _G,
    "Size of the file system that holds the event log, as far as an ordinary user may fill it.",
    unit=Unit.BYTES,
)
SNAPSHOT_TIMESTAMP = own_family(
    "bot_exporter_snapshot_timestamp_seconds",
    _G,
    "When the last snapshot was written.",
    unit=Unit.TIMESTAMP,
)
SNAPSHOT_FAILURES = own_family(
    "bot_exporter_snapshot_failures_total", _C, "Snapshots that could not be written."
)
RECOVERY_DURATION = own_family(
    "bot_exporter_recovery_duration_seconds",
    _G,
    "Time the last start needed to restore its state.",
    unit=Unit.SECONDS,
)
DEDUPE_WINDOW = own_family(
    "bot_exporter_dedupe_window_seconds",
    _G,
    "How far back ids are remembered.",
    unit=Unit.SECONDS,
)
DEDUPE_IDS = own_family("bot_exporter_dedupe_ids", _G, "Ids that are remembered.")
BOTS = own_family("bot_exporter_bots", _G, "Bots that are known.")
CONFIG_OK = own_family(
    "bot_exporter_config_last_reload_successful",
    _G,
    "1 when the last reload of the configuration was taken over, otherwise 0.",
)
CONFIG_TIMESTAMP = own_family(
    "bot_exporter_config_last_reload_success_timestamp_seconds",
    _G,
    "When the configuration in use was taken over.",
    unit=Unit.TIMESTAMP,
)
CONFIG_RELOADS = own_family(
    "bot_exporter_config_reloads_total",
    _C,
    "Attempts to reload the configuration.",
    labels=(RELOAD_OUTCOME,),
)
LOG_LINES = own_family(
    "bot_exporter_log_messages_total",
    _C,
    "Lines the exporter logged.",
    labels=(LEVEL,),
)
TASK_RESTARTS = own_family(
    "bot_exporter_task_restarts_total",
    _C,
    "Background tasks that failed and were started again.",
    labels=(TASK,),
)

ALL = tuple(value for value in dict(globals()).values() if isinstance(value, Metric))
