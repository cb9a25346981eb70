"""Alerts on what the exporter stands on: its log, its disk and its host."""

from .alert_spec import Alert, RuleGroup, Severity, Team, Threshold

INSTANCE = ("instance",)
DASHBOARD = "exporter"
# Targets of one host share what stands before the port.
HOST = '"host", "$1", "instance", "(.+?)(?::[0-9]+)?"'

LOG_RATIO = Threshold(
    name="log_ratio",
    value=0.8,
    most=1.0,
    doc="Share of the space for the event log that may be in use.",
    per_bot=False,
)
QUEUE_BYTES = Threshold(
    name="log_queue_bytes",
    value=53_687_091,
    doc="Bytes that may wait for the disk; 80 % of what ingest.queue_bytes allows by default.",
    per_bot=False,
)
SNAPSHOT_SECONDS = Threshold(
    name="snapshot_seconds",
    value=900,
    doc="Age in seconds that the last snapshot may have while events come.",
    per_bot=False,
)
DISK_RATIO = Threshold(
    name="disk_ratio",
    value=0.85,
    most=1.0,
    doc="Share of the disk of the event log that may be used.",
    per_bot=False,
)
MEMORY_RATIO = Threshold(
    name="memory_ratio",
    value=0.9,
    most=1.0,
    doc="Share of the memory of the exporter's host that may be used.",
    per_bot=False,
)

LOG = (
    Alert(
        name="ExporterLogNearLimit",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        value="bot_exporter_log_size_bytes / bot_exporter_log_limit_bytes",
        threshold=LOG_RATIO,
        match=INSTANCE,
        wait="15m",
        summary="The event log is almost full.",
        description=(
            "The event log of the exporter {{ $labels.instance }} uses "
            "{{ $value | humanizePercentage }} of its space. Full, it refuses events: find the "
            "reader that lags, or raise log.max_bytes."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="ExporterQueueNearLimit",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        value="bot_exporter_log_queue_bytes",
        threshold=QUEUE_BYTES,
        match=INSTANCE,
        wait="2m",
        summary="The disk is too slow for the events.",
        description=(
            "{{ $value | humanize1024 }}B of events wait for the disk of the exporter "
            "{{ $labels.instance }}. At the limit bots are told to wait."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="ExporterSnapshotStale",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        # Before the first snapshot it counts from the start of the process.
        value=(
            "time() - (\n"
            "  bot_exporter_snapshot_timestamp_seconds\n"
            '  or on (instance, job) process_start_time_seconds{job="bot-exporter"}\n)'
        ),
        threshold=SNAPSHOT_SECONDS,
        # Without events there is nothing to save.
        only_if="increase(bot_exporter_events_accepted_total[10m]) > 0",
        match=INSTANCE,
        summary="The exporter does not save its state.",
        description=(
            "The last snapshot of the exporter {{ $labels.instance }} is "
            "{{ $value | humanizeDuration }} old. A restart reads all events since then again, "
            "and their files cannot be removed."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="ExporterLogDamaged",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        # The start counts what it finds before the first scrape, so there is no increase.
        value=(
            "bot_exporter_log_damaged_ranges_total + bot_exporter_log_skipped_events_total > 0\n"
            "  and on (instance, job) time() - process_start_time_seconds < 86400\n"
            "or increase(bot_exporter_log_skipped_events_total[1h]) > 0"
        ),
        match=INSTANCE,
        wait="1m",
        summary="The exporter could not read or count all stored events.",
        description=(
            "Parts of the event log of the exporter {{ $labels.instance }} are damaged, or "
            "events in it could not be counted. Check the log and the disk."
        ),
        dashboard=DASHBOARD,
    ),
)
MACHINE = (
    Alert(
        name="ExporterDiskFullSoon",
        severity=Severity.CRITICAL,
        team=Team.PLATFORM,
        # A copied file is steep in the line of an hour as well, but not in that of the 10 minutes
        # after it; `wait` is longer than those. Half an hour of samples is the least for a line.
        value=(
            "bot_exporter_disk_free_bytes\n"
            "and predict_linear(bot_exporter_disk_free_bytes[1h], 4 * 3600) < 0\n"
            "and predict_linear(bot_exporter_disk_free_bytes[10m], 4 * 3600) < 0\n"
            "and count_over_time(bot_exporter_disk_free_bytes[1h]) >= 20\n"
            "and bot_exporter_disk_free_bytes offset 30m"
        ),
        match=INSTANCE,
        wait="15m",
        summary="The disk of the exporter is full within 4 hours.",
        description=(
            "{{ $value | humanize1024 }}B are left on the disk of the exporter "
            "{{ $labels.instance }}, and it fills up. Then events are refused: make room."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="ExporterDiskAlmostFull",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        value="1 - bot_exporter_disk_free_bytes / bot_exporter_disk_size_bytes",
        threshold=DISK_RATIO,
        match=INSTANCE,
        wait="15m",
        summary="The disk of the exporter is almost full.",
        description=(
            "{{ $value | humanizePercentage }} of the disk of the exporter "
            "{{ $labels.instance }} are used. Make room before events are refused."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="ExporterMemoryHigh",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        value=(
            "label_replace(\n"
            "  1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes,\n"
            f"  {HOST}\n)"
        ),
        threshold=MEMORY_RATIO,
        # Other hosts are somebody else's; without a node exporter there is no value at all.
        only_if=f'label_replace(up{{job="bot-exporter"}}, {HOST})',
        match=("host",),
        wait="10m",
        summary="The host of the exporter runs out of memory.",
        description=(
            "{{ $value | humanizePercentage }} of the memory of {{ $labels.host }} are used. "
            "Find what uses it before the system ends a process."
        ),
        dashboard=DASHBOARD,
    ),
)

STORAGE_GROUPS = (
    RuleGroup(name="exporter_log", rules=LOG),
    RuleGroup(name="exporter_machine", rules=MACHINE),
)
