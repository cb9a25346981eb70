"""Alerts on the exporter itself: whether it is there, takes events, and counts them all."""

from .alert_spec import Alert, RuleGroup, Severity, Team, Threshold

INSTANCE = ("instance",)
DASHBOARD = "exporter"

UNAUTHORIZED = Threshold(
    name="unauthorized_requests",
    value=20,
    doc="Requests of an exporter that may come without a valid token, in 15 minutes.",
    per_bot=False,
)
REJECTED_RATIO = Threshold(
    name="rejected_ratio",
    value=0.05,
    most=1.0,
    doc="Share of the events that may be rejected over 15 minutes.",
    per_bot=False,
)
SKEWED_EVENTS = Threshold(
    name="skewed_events",
    value=5,
    doc="Events that may come from the future, in 15 minutes.",
    per_bot=False,
)
SERIES_RATIO = Threshold(
    name="series_ratio",
    value=0.8,
    most=1.0,
    doc="Share of the label sets a family may hold that may be in use.",
    per_bot=False,
)
TASK_RESTARTS = Threshold(
    name="task_restarts",
    value=2,
    doc="Times a background task may be started again, in 15 minutes.",
    per_bot=False,
)
SELF_TEST_SECONDS = Threshold(
    name="self_test_seconds",
    value=300,
    doc="Age in seconds that the last successful self-test may have.",
    per_bot=False,
)
SCRAPE_SECONDS = Threshold(
    name="scrape_seconds",
    value=5,
    doc="Time in seconds that a scrape of the exporter may take; Prometheus gives up after 10.",
    per_bot=False,
)

INGEST = (
    Alert(
        name="ExporterDown",
        severity=Severity.CRITICAL,
        team=Team.PLATFORM,
        value='up{job="bot-exporter"} == 0\nor absent(up{job="bot-exporter"})',
        match=INSTANCE,
        # A restart takes seconds.
        wait="2m",
        # Bots send what they kept within half a minute; until then they look silent.
        keep="5m",
        summary="The exporter is down.",
        description=(
            "Prometheus cannot scrape the exporter{{ with $labels.instance }} {{ . }}{{ end }}. "
            "Bots keep their events for a while; start it before they have to drop some."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="ExporterRefusesEvents",
        severity=Severity.CRITICAL,
        team=Team.PLATFORM,
        value=(
            "bot_exporter_log_available == 0\n"
            "or increase(bot_exporter_log_commit_failures_total[5m]) > 0\n"
            "or sum without (reason) (rate(\n"
            "    bot_exporter_requests_refused_total"
            '{reason=~"overloaded|log_unavailable|log_full"}[5m]\n'
            "  )) / rate(bot_exporter_requests_total[5m]) > 0.05\n"
            # A start refuses for a moment.
            "or sum without (reason) (rate(\n"
            '    bot_exporter_requests_refused_total{reason="not_ready"}[2m]\n'
            "  )) > 0 and on (instance, job) time() - process_start_time_seconds > 300"
        ),
        match=INSTANCE,
        wait="1m",
        summary="The exporter refuses events.",
        description=(
            "The exporter {{ $labels.instance }} cannot store events and tells bots to wait. "
            "Look at its disk and at the last errors in its log."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="ExporterUnauthorized",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        value=(
            "round(sum without (reason) (increase(\n"
            '  bot_exporter_requests_refused_total{reason=~"unauthenticated|forbidden"}[15m]\n)))'
        ),
        threshold=UNAUTHORIZED,
        match=INSTANCE,
        summary="Requests without a valid token reach the exporter.",
        description=(
            "The exporter {{ $labels.instance }} refused {{ $value | humanize }} requests in "
            "15 minutes for their token. A bot has an old one, or somebody guesses."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="ExporterRejectsEvents",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value=(
            "increase(bot_exporter_events_rejected_total[15m])\n"
            "/ (increase(bot_exporter_events_received_total[15m]) >= 20)"
        ),
        threshold=REJECTED_RATIO,
        match=INSTANCE,
        summary="Bots send events that are rejected.",
        description=(
            "The exporter {{ $labels.instance }} rejected {{ $value | humanizePercentage }} of "
            "the events of 15 minutes. Look at the reasons, then at the bot deployed last."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="ExporterClockSkew",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value=(
            "round(sum without (reason) (increase(\n"
            '  bot_exporter_event_rejections_total{reason="from_the_future"}[15m]\n)))'
        ),
        threshold=SKEWED_EVENTS,
        match=INSTANCE,
        summary="A clock is wrong.",
        description=(
            "{{ $value | humanize }} events of 15 minutes lie in the future of the exporter "
            "{{ $labels.instance }}. Compare its clock with those of the bots."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="ExporterSelfTestStale",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        # Before the first success it counts from the start of the process.
        value=(
            "time() - (\n"
            "  bot_exporter_self_test_timestamp_seconds\n"
            '  or on (instance, job) process_start_time_seconds{job="bot-exporter"}\n)'
        ),
        threshold=SELF_TEST_SECONDS,
        match=INSTANCE,
        wait="1m",
        summary="The exporter cannot send an event to itself.",
        description=(
            "No synthetic event went the whole way through the exporter {{ $labels.instance }} "
            "for {{ $value | humanizeDuration }}. Look at its log for the reason."
        ),
        dashboard=DASHBOARD,
    ),
)
HEALTH = (
    Alert(
        name="ExporterConfigReloadFailed",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        # One missing scrape is no good reload.
        value="max_over_time(bot_exporter_config_last_reload_successful[5m]) == 0",
        match=INSTANCE,
        summary="The exporter uses an old configuration.",
        description=(
            "The exporter {{ $labels.instance }} refused its changed configuration and goes on "
            "with the one before. Check the file."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="ExporterSeriesNearLimit",
        severity=Severity.WARNING,
        team=Team.BOTS,
        value="bot_exporter_series / bot_exporter_series_limit",
        threshold=SERIES_RATIO,
        match=("instance", "metric"),
        wait="15m",
        summary="{{ $labels.metric }} soon has no room for new label values.",
        description=(
            "{{ $labels.metric }} uses {{ $value | humanizePercentage }} of its label sets in the "
            "exporter {{ $labels.instance }}. Raise the limit, or let bots send fewer values."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="ExporterSeriesDropped",
        severity=Severity.WARNING,
        team=Team.BOTS,
        # The series begins with its first update, which is no increase yet.
        value=(
            "increase(bot_exporter_series_dropped_total[15m]) > 0\n"
            "or (bot_exporter_series_dropped_total\n"
            "  unless bot_exporter_series_dropped_total offset 15m) > 0"
        ),
        match=("instance", "metric", "label"),
        summary="{{ $labels.metric }} counts values under _other.",
        description=(
            "The label {{ $labels.label }} of {{ $labels.metric }} has reached its limit in the "
            "exporter {{ $labels.instance }}. Nothing is lost, but new values have no series."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="ExporterTaskRestarting",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        value="round(increase(bot_exporter_task_restarts_total[15m]))",
        threshold=TASK_RESTARTS,
        match=("instance", "task"),
        wait="1m",
        summary="A part of the exporter fails again and again.",
        description=(
            "The task {{ $labels.task }} of the exporter {{ $labels.instance }} was started "
            "again {{ $value | humanize }} times in 15 minutes. Look at its log."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="ExporterMessagesGivenUp",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        value=(
            "round(sum without (channel, outcome) "
            '(increase(bot_exporter_messages_total{outcome="given_up"}[1h]))) > 0'
        ),
        match=("instance", "purpose"),
        wait="1m",
        summary="The exporter cannot deliver its messages.",
        description=(
            "Messages of kind {{ $labels.purpose }} that the exporter {{ $labels.instance }} gave "
            "up within an hour: {{ $value | humanize }}. Check the address and the receiver."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="ExporterScrapeSlow",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        value='scrape_duration_seconds{job="bot-exporter"}',
        threshold=SCRAPE_SECONDS,
        match=INSTANCE,
        wait="10m",
        summary="Scrapes of the exporter are slow.",
        description=(
            "A scrape of the exporter {{ $labels.instance }} takes "
            "{{ $value | humanizeDuration }}. Beyond the time-out Prometheus sees nothing at all."
        ),
        dashboard=DASHBOARD,
    ),
)

EXPORTER_GROUPS = (
    RuleGroup(name="exporter_ingest", rules=INGEST),
    RuleGroup(name="exporter_health", rules=HEALTH),
)
